import { describe, expect, it } from 'vitest';
import type { Endpoint, ProviderSchema } from '../../base/types';
import { isSame } from './theirs';

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
