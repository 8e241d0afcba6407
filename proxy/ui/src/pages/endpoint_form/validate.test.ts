import { describe, expect, it } from 'vitest';
import {
  addEntity,
  defaultEntityName,
  emptySecret,
  evenShares,
  newDraft,
  newEntity,
  newLimit,
  newTag,
  removeEntity,
  shownFields,
  splitEvenly,
  trafficTotal,
  withPlainLimit,
  withProvider,
  type Draft,
  type EntityDraft,
} from './draft';
import { schemas } from './example_schemas';
import { toRequest } from './to_request';
import { validate } from './validate';

const openai = schemas[0]!;
const reference = { ...emptySecret, reference: '{{secrets/a/b}}' };
const entity = (more: Partial<EntityDraft> = {}): EntityDraft => ({
  ...withProvider(newEntity(), openai),
  model: 'gpt-4o',
  secrets: { openai_api_key: reference },
  ...more,
});
const draft = (more: Partial<Draft> = {}): Draft => ({ ...newDraft(), name: 'good', entities: [entity()], ...more });
const said = (of: Draft, before: Draft | null = null) =>
  validate(of, schemas, before && toRequest(before, schemas)).map((each) => `${each.path}: ${each.key}`);

describe('validate', () => {
  it('has nothing to say of a good one', () => {
    expect(said(draft())).toEqual([]);
  });
  it('wants a name and an entity', () => {
    expect(said(newDraft())).toEqual(['name: missing', 'config.served_entities[0].external_model.provider: chooseEntity']);
    expect(said(draft({ entities: [] }))).toEqual(['config.served_entities: noEntity']);
  });
  it.each([
    ['no blanks', 'nameCharacters'],
    ['이름', 'nameCharacters'],
    ['x'.repeat(64), 'nameLong'],
    ['databricks-x', 'nameReserved'],
  ])('refuses the name %s', (name, key) => {
    expect(said(draft({ name }))).toEqual([`name: ${key}`]);
  });
  it('wants what the provider needs, and only where it applies', () => {
    const azure = entity({ values: { openai_api_type: 'azure' }, secrets: {} });
    const block = 'config.served_entities[0].external_model.openai_config';
    expect(said(draft({ entities: [azure] }))).toEqual([
      `${block}.openai_api_key: missing`,
      `${block}.openai_api_base: missing`,
      `${block}.openai_api_version: missing`,
      `${block}.openai_deployment_name: missing`,
    ]);
  });
  it('sees references, URLs and fields that do not belong', () => {
    const odd = entity({
      values: { openai_api_base: 'example.com', openai_deployment_name: 'd' },
      secrets: { openai_api_key: { ...emptySecret, reference: 'sk-1' } },
      forced: ['openai_deployment_name'],
    });
    expect(said(draft({ entities: [odd] })).map((each) => each.replace(/^.*_config\./, ''))).toEqual([
      'openai_api_key: badReference',
      'openai_api_base: badUrl',
      'openai_deployment_name: notHere',
    ]);
  });
  it('adds traffic up', () => {
    const two = (a: string, b: string) =>
      draft({ entities: [entity({ traffic: a }), entity({ traffic: b, name: 'other' })] });
    expect(said(two('60', '40'))).toEqual([]);
    expect(said(two('100', ''))).toEqual([]);
    expect(said(two('60', '30'))).toEqual(['config.traffic_config: total']);
    expect(said(two('101', 'x'))).toEqual([
      'config.served_entities[0].traffic_percentage: wholeShare',
      'config.served_entities[1].traffic_percentage: wholeShare',
    ]);
  });
  it('wants names once and one task', () => {
    const twins = [entity({ traffic: '50' }), entity({ traffic: '50', task: 'llm/v1/embeddings' })];
    expect(said(draft({ entities: twins }))).toEqual([
      'config.served_entities[1].name: entityNameTwice',
      'config.served_entities[1].external_model.task: tasksDiffer',
    ]);
  });
  it('checks limits, tags and addresses', () => {
    const limits = [newLimit('user', '1'), newLimit('user', '2'), newLimit('user_group', '-1'), newLimit('endpoint')];
    const tags = [{ ...newTag(), key: 'a' }, newTag(), { ...newTag(), key: 'a' }];
    expect(said(draft({ limits, tags, onFailure: ['nobody'] }))).toEqual([
      'ai_gateway.rate_limits[1].principal: limitTwice',
      'ai_gateway.rate_limits[2].calls: wholeNumber',
      'ai_gateway.rate_limits[2].principal: missing',
      'ai_gateway.rate_limits[3].calls: missing',
      'tags[1].key: missing',
      'tags[2].key: tagTwice',
      'email_notifications.on_update_failure: badAddress',
    ]);
  });
  it('lets nobody change what no call can change', () => {
    const before = draft({ description: 'old' });
    expect(said({ ...before, name: 'new', description: '', budgetPolicy: 'x' }, before)).toEqual([
      'name: nameFixed',
      'description: fixed',
      'budget_policy_id: fixed',
    ]);
  });
  it('asks for a kept key as soon as the config changes', () => {
    const before = draft({ entities: [entity({ secrets: { openai_api_key: { ...emptySecret, mode: 'kept' } } })] });
    expect(said({ ...before, tags: [{ ...newTag(), key: 'a' }] }, before)).toEqual([]);
    const other = { ...before, entities: [{ ...before.entities[0]!, model: 'gpt-4' }] };
    expect(said(other, before)).toEqual(['config.served_entities[0].external_model.openai_config.openai_api_key: keptLost']);
  });
});

describe('draft', () => {
  it('makes names of entities as the gateway does', () => {
    expect(defaultEntityName('gpt-4.1:latest')).toBe('gpt-4-1-latest');
    expect(defaultEntityName('meta/llama 3')).toBe('meta-llama-3');
    expect(defaultEntityName('모')).toBe('---');
    expect(defaultEntityName('x'.repeat(300))).toHaveLength(255);
  });
  it('splits 100 in whole parts', () => {
    for (let count = 1; count <= 15; ++count) {
      expect(evenShares(count).reduce((sum, each) => sum + Number(each), 0)).toBe(100);
    }
    expect(evenShares(3)).toEqual(['34', '33', '33']);
    expect(trafficTotal(splitEvenly([entity(), entity(), entity()]))).toBe(100);
  });
  it('gives the first entity all the traffic when a second comes, and takes shares away with it', () => {
    const two = addEntity(draft());
    expect(two.entities.map((each) => each.traffic)).toEqual(['100', '0']);
    expect(removeEntity(two, two.entities[0]!.id).entities.map((each) => each.traffic)).toEqual(['']);
  });
  it('keeps name, traffic and a task that fits when the provider changes', () => {
    const anthropic = schemas[1]!;
    const from = entity({ name: 'mine', traffic: '40', task: 'llm/v1/completions' });
    expect(withProvider(from, anthropic)).toMatchObject({
      id: from.id,
      name: 'mine',
      traffic: '40',
      task: 'llm/v1/completions',
      provider: 'anthropic',
      secrets: {},
    });
    expect(withProvider(entity({ task: 'llm/v1/embeddings' }), anthropic).task).toBe('llm/v1/chat');
  });
  it('shows one row of a field that has several, whatever the capitals', () => {
    const names = (type: string) =>
      shownFields(openai, entity({ values: { openai_api_type: type } })).map(
        (each) => each.field.name + (each.required ? '!' : ''),
      );
    expect(names('')).toEqual(['openai_api_type', 'openai_api_key!', 'openai_api_base', 'openai_organization']);
    expect(names('AZURE')).toEqual([
      'openai_api_type',
      'openai_api_key!',
      'openai_api_base!',
      'openai_api_version!',
      'openai_deployment_name!',
    ]);
    expect(names('azuread')).not.toContain('openai_api_key!');
  });
  it('writes the usual limits into the one list', () => {
    const one = withPlainLimit(draft(), 'endpoint', 'calls', '100');
    expect(toRequest(one, schemas).ai_gateway).toEqual({
      rate_limits: [{ key: 'endpoint', calls: 100, renewal_period: 'minute' }],
    });
    expect(withPlainLimit(one, 'endpoint', 'calls', '').limits).toEqual([]);
  });
});
