// Configs as they are compared: only what a person set, not what the gateway adds.
import type { EndpointConfig, ServedEntity } from '../../base/types';

export interface ComparedConfig {
  served_entities: Record<string, unknown>[];
  traffic: Record<string, number>;
  [more: string]: unknown;
}

const addedToEntity = new Set(['state', 'creator', 'creation_timestamp', 'id', 'type']);
const addedToConfig = new Set(['served_entities', 'served_models', 'traffic_config', 'config_version', 'start_time']);

/** Members in one order, so that a diff shows differences only. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, inOrder(member)]),
  );
}

function comparedEntity(entity: ServedEntity): Record<string, unknown> {
  const { name, ...rest } = entity;
  const set = Object.entries(rest).filter(([member]) => !addedToEntity.has(member));
  return { name, ...(inOrder(Object.fromEntries(set)) as object) };
}

export function comparedConfig(config: EndpointConfig | undefined): ComparedConfig | null {
  if (!config) return null;
  const routes = (config.traffic_config?.routes ?? []).map(
    (each) => [each.served_model_name ?? each.served_entity_name ?? '', each.traffic_percentage] as const,
  );
  const more = Object.entries(config).filter(([member]) => !addedToConfig.has(member));
  return {
    served_entities: (config.served_entities ?? []).map(comparedEntity),
    traffic: Object.fromEntries(routes),
    ...Object.fromEntries(more),
  };
}

export const sameConfig = (a: EndpointConfig | undefined, b: EndpointConfig | undefined): boolean =>
  JSON.stringify(comparedConfig(a)) === JSON.stringify(comparedConfig(b));
