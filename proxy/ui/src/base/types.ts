// The objects of the API as the page uses them (api.md's names). Members that it only passes on are not listed.

export type Ready = 'READY' | 'NOT_READY';
export type ConfigUpdate = 'NOT_UPDATING' | 'IN_PROGRESS' | 'UPDATE_FAILED' | 'UPDATE_CANCELED';
export type Task = 'llm/v1/chat' | 'llm/v1/completions' | 'llm/v1/embeddings';
export type PermissionLevel = 'CAN_VIEW' | 'CAN_QUERY' | 'CAN_MANAGE';

export interface Tag {
  key: string;
  value?: string;
}

export interface ExternalModel {
  name: string;
  provider: string;
  task: Task;
  [configBlock: string]: unknown;
}

export interface ServedEntity {
  id?: string;
  name: string;
  external_model?: ExternalModel;
  foundation_model?: { name: string; display_name?: string };
  state?: { deployment: string; deployment_state_message?: string };
  creator?: string;
  creation_timestamp?: number;
}

export interface Route {
  served_model_name: string;
  served_entity_name?: string;
  traffic_percentage: number;
}

export interface EndpointConfig {
  served_entities?: ServedEntity[];
  traffic_config?: { routes: Route[] };
  config_version?: number;
  start_time?: number;
}

export interface RateLimit {
  calls?: number;
  tokens?: number;
  key?: string;
  principal?: string;
  renewal_period: string;
}

export interface AiGateway {
  usage_tracking_config?: { enabled: boolean };
  inference_table_config?: Record<string, unknown>;
  rate_limits?: RateLimit[];
  guardrails?: Record<string, unknown>;
  fallback_config?: { enabled: boolean };
}

export interface Endpoint {
  id: string;
  name: string;
  description?: string;
  creator?: string;
  creation_timestamp?: number;
  last_updated_timestamp?: number;
  state: { ready: Ready; config_update?: ConfigUpdate };
  config?: EndpointConfig;
  pending_config?: EndpointConfig;
  tags?: Tag[];
  task?: string;
  permission_level?: PermissionLevel;
  ai_gateway?: AiGateway;
  rate_limits?: RateLimit[];
  endpoint_url?: string;
  route_optimized?: boolean;
  email_notifications?: { on_update_success?: string[]; on_update_failure?: string[] };
  budget_policy_id?: string;
}

export interface Session {
  id: string;
  user_name: string;
  display_name: string;
  is_admin: boolean;
  may_create: boolean;
  workspace_id: string;
  csrf_token: string;
  expires_ms: number;
}

/** Only the members that describe a field of a provider's form. */
export interface ProviderField {
  name: string; // "api_key_auth.value": a member of an object in the block
  required: boolean;
  secret: boolean; // given as `name` (a reference) or `name_plaintext`
  kind: 'text' | 'url' | 'multiline';
  choices?: string[];
  default?: string;
  only_if?: { field: string; values: string[] }[];
  group?: string;
}

export interface ProviderSchema {
  name: string;
  config_block: string;
  tasks: Task[];
  fields: ProviderField[];
  one_of?: { name: string; options: { name: string; fields: string[] }[] }[];
}
