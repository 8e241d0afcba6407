import { expect, it } from 'vitest';
import type { EndpointConfig } from '../../base/types';
import { comparedConfig, sameConfig } from './config_diff';

const shown: EndpointConfig = {
  served_entities: [
    {
      name: 'one',
      external_model: { provider: 'openai', name: 'gpt-4o', task: 'llm/v1/chat', openai_config: { b: 1, a: 2 } },
      state: { deployment: 'DEPLOYMENT_READY', deployment_state_message: '' },
      creator: 'alice@example.com',
      creation_timestamp: 5,
    },
  ],
  traffic_config: { routes: [{ served_model_name: 'one', served_entity_name: 'one', traffic_percentage: 100 }] },
  config_version: 3,
  start_time: 9,
};

it('compares what people set', () => {
  expect(comparedConfig(shown)).toEqual({
    served_entities: [
      { name: 'one', external_model: { provider: 'openai', name: 'gpt-4o', task: 'llm/v1/chat', openai_config: { a: 2, b: 1 } } },
    ],
    traffic: { one: 100 },
  });
});

it('does not care for the order of members, states and versions', () => {
  const [entity] = shown.served_entities!;
  const other: EndpointConfig = {
    traffic_config: { routes: [{ served_model_name: 'one', traffic_percentage: 100 }] },
    served_entities: [
      {
        external_model: { task: 'llm/v1/chat', name: 'gpt-4o', openai_config: { a: 2, b: 1 }, provider: 'openai' },
        name: entity!.name,
      },
    ],
    config_version: 4,
  };
  expect(sameConfig(shown, other)).toBe(true);
});

it('sees another model, another share, and a config that is not there', () => {
  const routes = [{ served_model_name: 'one', traffic_percentage: 99 }];
  expect(sameConfig(shown, { ...shown, traffic_config: { routes } })).toBe(false);
  expect(sameConfig(shown, { ...shown, auto_capture_config: { enabled: true } } as EndpointConfig)).toBe(false);
  expect(sameConfig(shown, undefined)).toBe(false);
});
