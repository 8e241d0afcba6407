import { describe, expect, it } from 'vitest';
import type { Endpoint, EndpointConfig, ServedEntity } from '../../base/types';
import { invocationUrl, modelOf, providerOf, trafficOf } from './entities';
import { failureOf } from './update_state';

const external = (name: string): ServedEntity => ({
  name,
  external_model: { name: 'gpt-4o', provider: 'openai', task: 'llm/v1/chat' },
});

describe('the share of an entity', () => {
  const config: EndpointConfig = {
    served_entities: [external('a'), external('b'), external('c')],
    traffic_config: {
      routes: [
        { served_model_name: 'a', traffic_percentage: 70 },
        { served_entity_name: 'b', traffic_percentage: 30 } as never,
      ],
    },
  };
  it('is that of its route, by either name; without one it gets nothing', () => {
    expect(config.served_entities!.map((each) => trafficOf(config, each))).toEqual([70, 30, 0]);
  });
  it('is all when it is alone, and unknown when nothing says it', () => {
    expect(trafficOf({ served_entities: [external('a')] }, external('a'))).toBe(100);
    expect(trafficOf({ served_entities: [external('a'), external('b')] }, external('a'))).toBeUndefined();
  });
});

it('knows foundation models', () => {
  const entity: ServedEntity = { name: 'x', foundation_model: { name: 'llama-3', display_name: 'Llama 3' } };
  expect([modelOf(entity), providerOf(entity)]).toEqual(['Llama 3', 'databricks-model-serving']);
});

it('says where the endpoint is', () => {
  const endpoint = { name: 'a b', state: { ready: 'READY' } } as Endpoint;
  expect(invocationUrl(endpoint, 'https://x')).toBe('https://x/serving-endpoints/a%20b/invocations');
  expect(invocationUrl({ ...endpoint, endpoint_url: 'https://y/z' }, 'https://x')).toBe('https://y/z');
});

it('says once why an update failed', () => {
  const state = { deployment: 'DEPLOYMENT_FAILED', deployment_state_message: 'no key' };
  const pending_config = { served_entities: [{ ...external('a'), state }, { ...external('b'), state }] };
  expect(failureOf({ name: 'x', id: '1', state: { ready: 'READY' }, pending_config })).toBe('no key');
});
