import { describe, expect, it } from 'vitest';
import type { Endpoint, ProviderSchema } from '../../base/types';
import type { Part } from './plan';
import { isOwn, isSame, ownAfter, type Own } from './theirs';

const schemas: ProviderSchema[] = [
  {
    name: 'openai',
    config_block: 'openai_config',
    tasks: ['llm/v1/chat'],
    fields: [{ name: 'openai_api_key', required: true, secret: true, kind: 'text' }],
  },
];
const config = (model: string, version = 1) => ({
  served_entities: [
    {
      name: 'one',
      external_model: {
        name: model,
        provider: 'openai',
        task: 'llm/v1/chat' as const,
        openai_config: { openai_api_key: '{{secrets/a/b}}' },
      },
    },
  ],
  traffic_config: { routes: [{ served_model_name: 'one', traffic_percentage: 100 }] },
  config_version: version,
});
const endpoint: Endpoint = { id: '1', name: 'e', state: { ready: 'READY' }, config: config('gpt-4o') };
const same = (change: Partial<Endpoint>) => isSame(endpoint, { ...endpoint, ...change }, schemas);

describe('an endpoint that is edited', () => {
  it('is the same when only its state has changed', () => {
    expect(same({ state: { ready: 'READY', config_update: 'IN_PROGRESS' }, last_updated_timestamp: 5 })).toBe(true);
    expect(same({ pending_config: config('gpt-5', 2) })).toBe(true);
    const { config: active, ...pending } = endpoint;
    expect(isSame({ ...pending, pending_config: active! }, endpoint, schemas)).toBe(true);
  });

  it('has changed with its config, tags, limits or notifications', () => {
    expect(same({ config: config('gpt-5', 2) })).toBe(false);
    expect(same({ tags: [{ key: 'team' }] })).toBe(false);
    expect(same({ ai_gateway: { rate_limits: [{ calls: 5, key: 'user', renewal_period: 'minute' }] } })).toBe(false);
    expect(same({ email_notifications: { on_update_failure: ['a@example.com'] } })).toBe(false);
  });

  it('has changed when only a secret has that nobody sees, or when it is another of that name', () => {
    expect(same({ config: config('gpt-4o', 2) })).toBe(false);
    expect(same({ id: '2' })).toBe(false);
  });
});

describe('what this page has saved itself', () => {
  const base: Endpoint = { ...endpoint, tags: [{ key: 'a', value: '1' }, { key: 'b' }] };
  const limits = { rate_limits: [{ calls: 5, key: 'user', renewal_period: 'minute' }] };
  const after = (part: Part, body: object, answer: object, own: Own = {}) =>
    ownAfter(own, base, { part, body: body as Record<string, unknown> }, answer as Endpoint);
  const seen = (own: Own, change: Partial<Endpoint>) => isOwn(base, own, { ...base, ...change }, schemas);
  const two = after('ai_gateway', limits, limits, after('config', {}, { ...base, pending_config: config('gpt-5', 2) }));

  it('is no change of somebody else, also while the config is on its way', () => {
    expect(seen(two, { ai_gateway: limits, pending_config: config('gpt-5', 2) })).toBe(true);
    expect(seen(two, { ai_gateway: limits, config: config('gpt-5', 2) })).toBe(true);
    const tags = after('tags', { add_tags: [{ key: 'c' }, { key: 'b', value: '2' }], delete_tags: ['a'] }, {});
    expect(seen(tags, { tags: [{ key: 'b', value: '2' }, { key: 'c', value: '' }] })).toBe(true);
    const emails = { email_notifications: { on_update_success: ['a@example.com'], on_update_failure: [] } };
    expect(seen(after('email_notifications', emails, { name: 'e', ...emails }), emails)).toBe(true);
  });

  it('does not hide what somebody else has saved in between', () => {
    expect(seen({}, { config: config('theirs', 2) })).toBe(false);
    expect(seen(two, { ai_gateway: limits, config: config('theirs', 3) })).toBe(false);
    expect(seen(two, { ai_gateway: limits, config: config('gpt-5', 2), tags: [{ key: 'theirs' }] })).toBe(false);
    expect(seen(two, { ai_gateway: {}, config: config('gpt-5', 2) })).toBe(false);
    const all = [{ key: 'a', value: '1' }, { key: 'b' }, { key: 'c' }, { key: 'theirs' }];
    expect(seen(after('tags', { add_tags: [{ key: 'c' }] }, { tags: all }), { tags: all })).toBe(false);
  });
});
