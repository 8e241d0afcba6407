import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../base/types';
import { facetsOf, filtered, itemsOf, sorted } from './rows';
import { plainView, type View } from './view';

function endpoint(name: string, more: Partial<Endpoint> = {}, provider = 'openai', model = 'gpt-4o'): Endpoint {
  return {
    id: name,
    name,
    creator: 'alice@example.com',
    state: { ready: 'READY', config_update: 'NOT_UPDATING' },
    task: 'llm/v1/chat',
    tags: [],
    last_updated_timestamp: 1,
    config: {
      served_entities: [{ name: `${name}-entity`, external_model: { name: model, provider, task: 'llm/v1/chat' } }],
    },
    ...more,
  };
}
const foundation = (name: string) =>
  endpoint(name, { config: { served_entities: [{ name, foundation_model: { name: 'llama', display_name: 'Llama' } }] } });
const names = (endpoints: Endpoint[]) => endpoints.map((each) => each.name);
const found = (all: Endpoint[], view: Partial<View>, user = 'alice@example.com') =>
  names(filtered(all, { ...plainView, ...view }, user));

const all = [
  endpoint('chat'),
  endpoint('claude', { creator: 'bob@example.com', tags: [{ key: 'team', value: 'gen-ai' }] }, 'anthropic', 'claude-sonnet'),
  endpoint('vectors', { task: 'llm/v1/embeddings', tags: [{ key: 'team', value: 'search' }, { key: 'old' }] }),
  endpoint('broken', { state: { ready: 'READY', config_update: 'UPDATE_FAILED' } }),
  endpoint('empty', { config: undefined, task: undefined, state: { ready: 'NOT_READY', config_update: 'NOT_UPDATING' } }),
];

describe('filters', () => {
  it('finds every word in names, entities, tags and creators, in any case', () => {
    expect(found(all, { search: 'CLAUDE bob' })).toEqual(['claude']);
    expect(found(all, { search: 'gen-ai' })).toEqual(['claude']);
    expect(found(all, { search: 'anthropic sonnet' })).toEqual(['claude']);
    expect(found(all, { search: 'claude vectors' })).toEqual([]);
    expect(found(all, { search: '  ' })).toHaveLength(all.length);
  });
  it('takes each filter alone and all together', () => {
    expect(found(all, { mine: true }, 'bob@example.com')).toEqual(['claude']);
    expect(found(all, { task: 'llm/v1/embeddings' })).toEqual(['vectors']);
    expect(found(all, { state: 'updateFailed' })).toEqual(['broken']);
    expect(found(all, { state: 'notReady' })).toEqual(['empty']);
    expect(found(all, { provider: 'anthropic' })).toEqual(['claude']);
    expect(found(all, { tag: 'team' })).toEqual(['claude', 'vectors']);
    expect(found(all, { tag: 'team: search' })).toEqual(['vectors']);
    expect(found(all, { tag: 'team', provider: 'openai', task: 'llm/v1/embeddings' })).toEqual(['vectors']);
  });
});

describe('order', () => {
  it('counts numbers in names as people do', () => {
    expect(names(sorted(['e10', 'e9', 'e1'].map((each) => endpoint(each)), 'name', false))).toEqual(['e1', 'e9', 'e10']);
  });
  it('puts what has nothing in the column last, both ways', () => {
    const tagged = [endpoint('a'), endpoint('b', { tags: [{ key: 'x' }] }), endpoint('c', { tags: [{ key: 'y' }] })];
    expect(names(sorted(tagged, 'tags', false))).toEqual(['b', 'c', 'a']);
    expect(names(sorted(tagged, 'tags', true))).toEqual(['c', 'b', 'a']);
  });
  it('sorts by time and by state, equal ones by name', () => {
    const some = [endpoint('b'), endpoint('c', { last_updated_timestamp: 9 }), endpoint('a')];
    expect(names(sorted(some, 'updated', true))).toEqual(['c', 'a', 'b']);
    expect(names(sorted(all, 'state', true))[0]).toBe('broken');
  });
  it('changes nothing of what it is given', () => {
    const given = [endpoint('b'), endpoint('a')];
    sorted(given, 'name', false);
    expect(names(given)).toEqual(['b', 'a']);
  });
});

describe('parts', () => {
  it('has foundation models on top, each part with a head', () => {
    const items = itemsOf([endpoint('a'), foundation('z')]);
    const texts = items.map((each) => (each.kind === 'section' ? `${each.id} ${each.count}` : each.endpoint.name));
    expect(texts).toEqual(['foundation 1', 'z', 'others 1', 'a']);
  });
  it('has no heads without foundation models', () => {
    expect(itemsOf([endpoint('a')]).map((each) => each.kind)).toEqual(['endpoint']);
  });
});

it('offers what there is', () => {
  expect(facetsOf(all)).toEqual({
    tasks: ['llm/v1/chat', 'llm/v1/embeddings'],
    providers: ['anthropic', 'openai'],
    tags: ['old', 'team: gen-ai', 'team: search'],
  });
});

it('is quick with 10,000 endpoints', () => {
  const many = Array.from({ length: 10_000 }, (_, i) => endpoint(`endpoint-${(i * 7919) % 10_000}`));
  const begun = performance.now();
  filtered(sorted(many, 'name', false), { ...plainView, search: 'endpoint-99' }, 'alice@example.com');
  expect(performance.now() - begun).toBeLessThan(2000);
});
