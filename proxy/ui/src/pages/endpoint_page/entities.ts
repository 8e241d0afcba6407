// What a served entity is and how much of the traffic it gets.
import type { Endpoint, EndpointConfig, PermissionLevel, ServedEntity } from '../../base/types';

export const entitiesOf = (endpoint: Endpoint): ServedEntity[] => endpoint.config?.served_entities ?? [];

export const providerOf = (entity: ServedEntity): string =>
  entity.external_model?.provider ?? (entity.foundation_model ? 'databricks-model-serving' : '');

export const modelOf = (entity: ServedEntity): string =>
  entity.external_model?.name ?? entity.foundation_model?.display_name ?? entity.foundation_model?.name ?? entity.name;

/** In percent; undefined when the config does not say it. A route may use either name of its entity. */
export function trafficOf(config: EndpointConfig | undefined, entity: ServedEntity): number | undefined {
  const routes = config?.traffic_config?.routes;
  if (!routes) return config?.served_entities?.length === 1 ? 100 : undefined;
  const own = routes.find((each) => (each.served_model_name ?? each.served_entity_name) === entity.name);
  return own?.traffic_percentage ?? 0;
}

export const mayQuery = (level: PermissionLevel | undefined): boolean => level === 'CAN_QUERY' || level === 'CAN_MANAGE';
export const mayManage = (level: PermissionLevel | undefined): boolean => level === 'CAN_MANAGE';

/** The playground is for chats. */
export const hasPlayground = (endpoint: Endpoint): boolean => endpoint.task === 'llm/v1/chat';

export function invocationUrl(endpoint: Endpoint, origin: string): string {
  return endpoint.endpoint_url ?? `${origin}/serving-endpoints/${encodeURIComponent(endpoint.name)}/invocations`;
}
