import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../base/types';
import { schemas } from './example_schemas';
import { againOf, copyOfEndpoint, fromEndpoint, keptSecrets, lostSecrets } from './from_endpoint';
import { fromRequest, keptBy } from './from_request';
import { planOf, sameJson } from './plan';
import { dropPlaintext, toRequest } from './to_request';

const external = (provider: string, block: string, config: object) => ({
  provider,
  name: 'model',
  task: 'llm/v1/chat',
  [block]: config,
});
const shownEntity = (name: string, external_model: object) => ({
  name,
  external_model,
  state: { deployment: 'DEPLOYMENT_READY', deployment_state_message: '' },
  creator: 'alice@example.com',
  creation_timestamp: 1,
});
const route = (name: string, traffic_percentage: number) => ({
  served_model_name: name,
  served_entity_name: name,
  traffic_percentage,
});
/** As GET shows it. */
const endpoint = (entities: object[], routes: object[], more: object = {}) =>
  ({
    name: 'mine',
    id: '1',
    state: { ready: 'READY', config_update: 'NOT_UPDATING' },
    config: { served_entities: entities, traffic_config: { routes }, config_version: 3 },
    tags: [{ key: 'a', value: '1' }, { key: 'b' }],
    description: 'of a test',
    ai_gateway: { rate_limits: [{ calls: 5, key: 'user', renewal_period: 'minute' }], guardrails: { input: { safety: false } } },
    email_notifications: { on_update_success: ['a@b'], on_update_failure: [] },
    ...more,
  }) as unknown as Endpoint;

const openai = shownEntity('one', external('openai', 'openai_config', { openai_api_key: '{{secrets/a/b}}' }));

it('a body to be kept elsewhere has no keys in the clear', () => {
  const body = { name: 'a', config: { served_entities: [{ model: { openai_api_key_plaintext: 'sk', task: 't' } }] } };
  expect(dropPlaintext(body)).toEqual({ name: 'a', config: { served_entities: [{ model: { task: 't' } }] } });
});

describe('an endpoint that GET shows', () => {
  it('becomes the request that would make it', () => {
    expect(toRequest(fromEndpoint(endpoint([openai], [route('one', 100)]), schemas), schemas)).toEqual({
      name: 'mine',
      description: 'of a test',
      config: { served_entities: [{ name: 'one', external_model: openai.external_model }] },
      tags: [{ key: 'a', value: '1' }, { key: 'b' }],
      ai_gateway: {
        rate_limits: [{ calls: 5, key: 'user', renewal_period: 'minute' }],
        guardrails: { input: { safety: false } },
      },
      email_notifications: { on_update_success: ['a@b'] },
    });
  });
  it.each([
    ['openai', 'openai_config', {}, ['openai_api_key']],
    ['openai', 'openai_config', { openai_api_type: 'azuread' }, ['microsoft_entra_client_secret']],
    ['amazon-bedrock', 'amazon_bedrock_config', { aws_region: 'r' }, ['aws_access_key_id', 'aws_secret_access_key']],
    ['amazon-bedrock', 'amazon_bedrock_config', { aws_access_key_id: '{{secrets/a/b}}' }, ['aws_secret_access_key']],
    ['amazon-bedrock', 'amazon_bedrock_config', { instance_profile_arn: 'arn' }, []],
    ['custom', 'custom_provider_config', { api_key_auth: { key: 'X-Key' } }, ['api_key_auth.value']],
    ['custom', 'custom_provider_config', {}, ['bearer_token_auth.token']],
  ])('%s with %s %j keeps %j', (provider, block, config, kept) => {
    const draft = fromEndpoint(endpoint([shownEntity('x', external(provider, block, config))], [route('x', 100)]), schemas);
    const secrets = Object.entries(draft.entities[0]!.secrets).filter(([, each]) => each.mode === 'kept');
    expect(secrets.map(([name]) => name)).toEqual(kept);
    const again = fromRequest(toRequest(draft, schemas), schemas, keptBy(draft));
    expect(again.entities[0]!.secrets).toEqual(draft.entities[0]!.secrets);
    expect(lostSecrets(endpoint([shownEntity('x', external(provider, block, config))], []), schemas)).toEqual(
      kept.length ? ['x'] : [],
    );
  });
  it('starts with the pending config where there is no other', () => {
    const made = { ...endpoint([], []), config: undefined, pending_config: endpoint([openai], []).config } as Endpoint;
    expect(fromEndpoint(made, schemas).entities).toHaveLength(1);
  });
  it('is made again as it was typed, without the secrets that went with it', () => {
    const kept = shownEntity('x', external('openai', 'openai_config', {}));
    const typed = { ...fromEndpoint(endpoint([kept], []), schemas), description: 'typed' };
    expect(keptSecrets(typed)).toEqual(['x']);
    const again = againOf(typed, schemas);
    expect(again).toMatchObject({ name: typed.name, description: 'typed' });
    expect(keptSecrets(again)).toEqual([]);
  });
  it('is copied without its name', () => {
    expect(copyOfEndpoint(endpoint([openai], []), schemas)).toMatchObject({ name: '', description: 'of a test' });
  });
});

describe('planOf', () => {
  const before = toRequest(fromEndpoint(endpoint([openai], [route('one', 100)]), schemas), schemas);
  const plan = (after: object) => planOf('my endpoint', before, { ...before, ...after });
  it('sends nothing when nothing has changed', () => {
    expect(plan({})).toEqual({ steps: [], unsent: [] });
  });
  it('sends only the parts that changed, the config first', () => {
    const after = { tags: undefined, ai_gateway: undefined, email_notifications: undefined, config: { served_entities: [] } };
    expect(plan(JSON.parse(JSON.stringify({ ...after, tags: [] })) as object).steps).toEqual([
      { part: 'config', method: 'PUT', path: '/api/2.0/serving-endpoints/my%20endpoint/config', body: after.config },
      { part: 'tags', method: 'PATCH', path: '/api/2.0/serving-endpoints/my%20endpoint/tags', body: { delete_tags: ['a', 'b'] } },
    ]);
    const { ai_gateway: _, email_notifications: __, ...less } = before;
    expect(planOf('x', before, less).steps.map((each) => [each.part, each.body])).toEqual([
      ['ai_gateway', {}],
      ['email_notifications', { email_notifications: { on_update_success: [], on_update_failure: [] } }],
    ]);
  });
  it('sends tags that are new or have changed', () => {
    const tags = [{ key: 'a', value: '2' }, { key: 'b' }, { key: 'c', value: '' }];
    expect(plan({ tags }).steps[0]!.body).toEqual({ add_tags: [tags[0], tags[2]] });
  });
  it('says what no call can change', () => {
    expect(plan({ route_optimized: true, description: 'new' }).unsent).toEqual(['description', 'route_optimized']);
  });
});

describe('sameJson', () => {
  it('does not mind the order of members, but that of lists', () => {
    expect(sameJson({ a: [1, { b: 2, c: 3 }] }, { a: [1, { c: 3, b: 2 }] })).toBe(true);
    expect(sameJson([1, 2], [2, 1])).toBe(false);
    expect(sameJson({ a: 1 }, { b: 1 })).toBe(false);
    expect(sameJson({}, [])).toBe(false);
    expect(sameJson(null, {})).toBe(false);
  });
});
