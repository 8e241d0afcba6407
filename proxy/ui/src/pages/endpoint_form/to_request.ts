// The form as the body of the create call. Of it PUT config, PATCH tags and so on take their parts (plan.ts).
import type { ProviderSchema } from '../../base/types';
import {
  entityName,
  findSchema,
  shownFields,
  type Draft,
  type EntityDraft,
  type Json,
  type LimitDraft,
  type SecretDraft,
  type TagDraft,
} from './draft';

/** Own members first; the rest may not overwrite them. */
function withRest(own: Json, rest: Json): Json {
  const out = { ...own };
  for (const [key, value] of Object.entries(rest)) {
    if (!(key in out)) out[key] = value;
  }
  return out;
}

function put(to: Json, key: string, text: string): void {
  if (text) to[key] = text;
}

/** What is no number is sent as it is: the gateway refuses it by name. */
const numberOf = (text: string): number | string => (/^-?\d+$/.test(text) ? Number(text) : text);

function putSecret(to: Json, key: string, secret: SecretDraft | undefined): void {
  if (secret?.mode === 'reference') put(to, key, secret.reference);
  if (secret?.mode === 'plaintext') put(to, `${key}_plaintext`, secret.plaintext);
}

function blockOf(entity: EntityDraft, schema: ProviderSchema): Json {
  const own: Json = {};
  const groups: Record<string, Json> = {};
  for (const { field } of shownFields(schema, entity)) {
    const dot = field.name.indexOf('.');
    const group = field.name.slice(0, Math.max(dot, 0));
    const to = dot < 0 ? own : (groups[group] ??= {});
    const key = field.name.slice(dot + 1);
    if (field.secret) putSecret(to, key, entity.secrets[field.name]);
    else put(to, key, entity.values[field.name] ?? '');
  }
  for (const group of new Set([...Object.keys(groups), ...Object.keys(entity.groupRest)])) {
    const made = withRest(groups[group] ?? {}, entity.groupRest[group] ?? {});
    if (Object.keys(made).length) own[group] = made;
  }
  return withRest(own, entity.blockRest);
}

function entityOf(entity: EntityDraft, schemas: ProviderSchema[]): Json {
  if (entity.raw) return entity.raw;
  const own: Json = {};
  put(own, 'name', entity.name);
  const schema = findSchema(schemas, entity.provider);
  if (schema) {
    const model: Json = {};
    put(model, 'name', entity.model);
    model.provider = entity.provider;
    put(model, 'task', entity.task);
    model[schema.config_block] = blockOf(entity, schema);
    own.external_model = withRest(model, entity.modelRest);
  }
  return withRest(own, entity.rest);
}

export interface SentRoute {
  entity: number; // its place in the list
  route: Json;
}

/** The routes of the entities, in their order; those without traffic have none. */
export function routesOf(draft: Draft): SentRoute[] {
  if (draft.entities.length < 2 && !draft.trafficGiven) return [];
  return draft.entities.flatMap((each, entity) =>
    each.traffic
      ? [
          {
            entity,
            route: withRest(
              { [each.routeKey]: entityName(each), traffic_percentage: numberOf(each.traffic) },
              each.routeRest,
            ),
          },
        ]
      : [],
  );
}

function configOf(draft: Draft, schemas: ProviderSchema[]): Json | null {
  if (!draft.entities.length && !Object.keys(draft.configRest).length) return null;
  const own: Json = {};
  const elsewhere = 'served_entities' in draft.configRest || 'served_models' in draft.configRest;
  if (draft.entities.length || !elsewhere) own.served_entities = draft.entities.map((each) => entityOf(each, schemas));
  const routes = [...routesOf(draft).map((each) => each.route), ...draft.strayRoutes];
  if (routes.length || Object.keys(draft.trafficRest).length) {
    own.traffic_config = withRest(routes.length ? { routes } : {}, draft.trafficRest);
  }
  return withRest(own, draft.configRest);
}

function limitOf(limit: LimitDraft): Json {
  const own: Json = {};
  put(own, 'key', limit.key);
  put(own, 'principal', limit.principal);
  if (limit.calls) own.calls = numberOf(limit.calls);
  if (limit.tokens) own.tokens = numberOf(limit.tokens);
  return withRest(own, limit.rest);
}

function gatewayOf(draft: Draft): Json | null {
  const own: Json = {};
  if (draft.usageTracking !== null || Object.keys(draft.usageRest).length) {
    own.usage_tracking_config = withRest(
      draft.usageTracking === null ? {} : { enabled: draft.usageTracking },
      draft.usageRest,
    );
  }
  if (draft.limits.length) own.rate_limits = draft.limits.map(limitOf);
  const made = withRest(own, draft.gatewayRest);
  return Object.keys(made).length ? made : null;
}

function tagOf(tag: TagDraft): Json {
  return withRest(tag.valueGiven || tag.value ? { key: tag.key, value: tag.value } : { key: tag.key }, tag.rest);
}

function notificationsOf(draft: Draft): Json | null {
  const own: Json = {};
  if (draft.onSuccess.length) own.on_update_success = draft.onSuccess;
  if (draft.onFailure.length) own.on_update_failure = draft.onFailure;
  const made = withRest(own, draft.notificationsRest);
  return Object.keys(made).length ? made : null;
}

/** The body of POST /api/2.0/serving-endpoints. A kept secret is in no body: the gateway alone has it. */
export function toRequest(draft: Draft, schemas: ProviderSchema[]): Json {
  const own: Json = {};
  put(own, 'name', draft.name);
  put(own, 'description', draft.description);
  const config = configOf(draft, schemas);
  if (config) own.config = config;
  const gateway = gatewayOf(draft);
  if (gateway) own.ai_gateway = gateway;
  if (draft.tags.length) own.tags = draft.tags.map(tagOf);
  const notifications = notificationsOf(draft);
  if (notifications) own.email_notifications = notifications;
  put(own, 'budget_policy_id', draft.budgetPolicy);
  return withRest(own, draft.rest);
}

/** The same, fit to be shown: without keys in the clear. */
export function withoutPlaintext(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPlaintext);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key.endsWith('_plaintext') && typeof inner === 'string' ? '••••••••' : withoutPlaintext(inner),
    ]),
  );
}

/** The same without the keys in the clear: to be kept elsewhere. */
export const dropPlaintext = (body: Json): Json =>
  JSON.parse(
    JSON.stringify(body, (key, value: unknown) => (key.endsWith('_plaintext') ? undefined : value)),
  ) as Json;
