// An endpoint as GET shows it, as the form's state: to edit it, or as the start of another one.
import type { Endpoint, ProviderSchema } from '../../base/types';
import { entityName, type Draft, type Json } from './draft';
import { fromRequest, isObject } from './from_request';
import { toRequest } from './to_request';

const entityOutput = ['id', 'state', 'creator', 'creation_timestamp', 'foundation_model', 'type'];
const configOutput = ['config_version', 'start_time', 'served_models'];

function without(from: Json, keys: string[]): Json {
  return Object.fromEntries(Object.entries(from).filter(([key]) => !keys.includes(key)));
}

/** What a config shows beside what was sent is left out. */
function sentConfig(config: Json): Json {
  const out = without(config, configOutput);
  if (Array.isArray(out.served_entities)) {
    out.served_entities = out.served_entities.map((each) => (isObject(each) ? without(each, entityOutput) : each));
  }
  return out;
}

export type Which = 'active' | 'pending';

/** The config to begin with: the active one, or the pending one where there is no other. */
export function configOf(endpoint: Endpoint, which: Which): Json | undefined {
  const config = which === 'pending' ? endpoint.pending_config : (endpoint.config ?? endpoint.pending_config);
  return config as Json | undefined;
}

function asRequest(endpoint: Endpoint, which: Which): Json {
  const config = configOf(endpoint, which);
  const body: Json = { name: endpoint.name };
  if (config) body.config = sentConfig(config);
  if (endpoint.description) body.description = endpoint.description;
  if (endpoint.ai_gateway) body.ai_gateway = endpoint.ai_gateway;
  if (endpoint.tags?.length) body.tags = endpoint.tags;
  if (endpoint.email_notifications) body.email_notifications = endpoint.email_notifications;
  if (endpoint.budget_policy_id) body.budget_policy_id = endpoint.budget_policy_id;
  if (endpoint.route_optimized) body.route_optimized = true;
  return body;
}

/** GET always shows the route of the only entity, which nobody has to send. */
function withoutPlainRoute(draft: Draft): Draft {
  const only = draft.entities.length === 1 ? draft.entities[0] : undefined;
  if (!only || (only.traffic && only.traffic !== '100')) return draft;
  return { ...draft, trafficGiven: false, entities: [{ ...only, traffic: '' }] };
}

/** To edit it: a secret that GET does not show was given as plaintext, and the gateway keeps it. */
export function fromEndpoint(endpoint: Endpoint, schemas: ProviderSchema[], which: Which = 'active'): Draft {
  return withoutPlainRoute(fromRequest(asRequest(endpoint, which), schemas, () => true));
}

/** To start another one with it: the name is free, and plaintext secrets must be given anew. */
export function copyOfEndpoint(endpoint: Endpoint, schemas: ProviderSchema[]): Draft {
  const copy = withoutPlainRoute(fromRequest(asRequest(endpoint, 'active'), schemas));
  return { ...copy, name: '' };
}

/** To create it again after somebody has deleted it: the secrets that the gateway kept went with it. */
export const againOf = (draft: Draft, schemas: ProviderSchema[]): Draft =>
  withoutPlainRoute(fromRequest(toRequest(draft, schemas), schemas));

/** The entities whose secrets another endpoint cannot have. */
export const keptSecrets = (draft: Draft): string[] =>
  draft.entities.filter((each) => Object.values(each.secrets).some((secret) => secret.mode === 'kept')).map(entityName);

export const lostSecrets = (endpoint: Endpoint, schemas: ProviderSchema[]): string[] =>
  keptSecrets(fromEndpoint(endpoint, schemas));
