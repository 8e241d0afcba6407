// A request body as the form's state. What the form cannot show goes into a `rest` and is sent again as it came.
import type { ProviderSchema } from '../../base/types';
import {
  entityName,
  emptySecret,
  findSchema,
  newDraft,
  newEntity,
  newId,
  shownFields,
  type Draft,
  type EntityDraft,
  type Json,
  type LimitDraft,
  type TagDraft,
} from './draft';

/** Does the gateway keep a plaintext for this field of this entity? */
export type IsKept = (entity: string, provider: string, field: string) => boolean;
const nothingKept: IsKept = () => false;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Takes members of the right type out of an object; what nobody took is the rest. */
class Members {
  readonly rest: Json;
  constructor(from: Json) {
    this.rest = { ...from };
  }
  private take<T>(key: string, fits: (value: unknown) => value is T): T | null {
    const value = this.rest[key];
    if (!fits(value)) return null;
    delete this.rest[key];
    return value;
  }
  text(key: string): string {
    return this.take(key, (value) => typeof value === 'string') ?? '';
  }
  /** A number, or a text that the gateway takes for one. */
  number(key: string): string {
    const number = this.take(key, (value): value is number => Number.isSafeInteger(value));
    return number === null ? this.text(key) : String(number);
  }
  flag(key: string): boolean | null {
    return this.take(key, (value) => typeof value === 'boolean');
  }
  object(key: string): Json | null {
    return this.take(key, isObject);
  }
  objects(key: string): Json[] | null {
    return this.take(key, (value): value is Json[] => Array.isArray(value) && value.every(isObject));
  }
  texts(key: string): string[] | null {
    return this.take(
      key,
      (value): value is string[] => Array.isArray(value) && value.every((each) => typeof each === 'string'),
    );
  }
}

function readSecret(from: Members, key: string) {
  const reference = from.text(key);
  // Both at once is for the gateway to refuse: the second stays in the rest.
  if (reference) return { ...emptySecret, reference };
  const plaintext = from.text(`${key}_plaintext`);
  return plaintext ? { ...emptySecret, mode: 'plaintext' as const, plaintext } : null;
}

/** Reads the block's members into the entity; returns the names of the fields that were given. */
function readBlock(block: Json, schema: ProviderSchema, to: EntityDraft): Set<string> {
  const members = new Members(block);
  const groups: Record<string, Members> = {};
  const given = new Set<string>();
  for (const field of schema.fields) {
    if (given.has(field.name)) continue;
    const dot = field.name.indexOf('.');
    const group = field.name.slice(0, Math.max(dot, 0));
    if (dot > 0 && !groups[group]) {
      const inner = members.object(group);
      if (inner) groups[group] = new Members(inner);
    }
    const from = dot > 0 ? groups[group] : members;
    if (!from) continue;
    const key = field.name.slice(dot + 1);
    if (field.secret) {
      const secret = readSecret(from, key);
      if (secret) to.secrets[field.name] = secret;
      if (secret) given.add(field.name);
    } else {
      const value = from.text(key);
      if (value) to.values[field.name] = value;
      if (value) given.add(field.name);
    }
  }
  to.blockRest = members.rest;
  for (const [group, inner] of Object.entries(groups)) {
    if (Object.keys(inner.rest).length) to.groupRest[group] = inner.rest;
  }
  return given;
}

/** The option that was meant: whole by what is given or kept, else that of which something is given, else the first. */
function chooseOptions(schema: ProviderSchema, given: Set<string>, kept: (field: string) => boolean) {
  const isSecret = (name: string) => schema.fields.some((each) => each.name === name && each.secret);
  return Object.fromEntries(
    (schema.one_of ?? []).map(({ name, options }) => {
      const whole = options.filter((each) =>
        each.fields.every((field) => given.has(field) || (isSecret(field) && kept(field))),
      );
      const some = (list: typeof options) => list.find((each) => each.fields.some((field) => given.has(field)));
      return [name, (some(whole) ?? some(options) ?? whole[0] ?? options[0])?.name ?? ''];
    }),
  );
}

/** One served entity. `isKept` says of which absent secrets the gateway has a plaintext. */
export function entityFromRequest(from: Json, schemas: ProviderSchema[], isKept: IsKept = nothingKept): EntityDraft {
  const members = new Members(from);
  const external = members.object('external_model');
  const schema = findSchema(schemas, external && typeof external.provider === 'string' ? external.provider : '');
  const to = newEntity();
  if (Object.keys(from).every((each) => each === 'name')) {
    return { ...to, name: members.text('name'), rest: members.rest };
  }
  if (!external || !schema) return { ...to, raw: from };
  to.name = members.text('name');
  to.rest = members.rest;
  const model = new Members(external);
  to.provider = model.text('provider');
  to.model = model.text('name');
  to.task = model.text('task');
  const block = model.object(schema.config_block);
  to.modelRest = model.rest;
  const given = block ? readBlock(block, schema, to) : new Set<string>();
  const kept = (field: string) => isKept(entityName(to), to.provider, field);
  to.options = chooseOptions(schema, given, kept);
  const shown = shownFields(schema, to);
  for (const { field, required } of shown) {
    if (field.secret && required && !given.has(field.name) && kept(field.name)) {
      to.secrets[field.name] = { ...emptySecret, mode: 'kept' };
    }
  }
  to.forced = [...given].filter((name) => !shown.some((each) => each.field.name === name));
  return to;
}

/** Gives each entity its route; returns the routes that have none. */
function readRoutes(routes: Json[], entities: EntityDraft[]): Json[] {
  const taken = new Set<EntityDraft>();
  return routes.filter((route) => {
    const members = new Members(route);
    const model = members.text('served_model_name');
    const entity = members.text('served_entity_name');
    const percentage = members.number('traffic_percentage');
    const to = entities.find((each) => !taken.has(each) && entityName(each) === (entity || model));
    if (!to || !percentage || (model && entity && model !== entity)) return true;
    taken.add(to);
    to.traffic = percentage;
    to.routeKey = 'served_entity_name' in route && !('served_model_name' in route) ? 'served_entity_name' : 'served_model_name';
    to.routeRest = members.rest;
    return false;
  });
}

function readConfig(config: Json, schemas: ProviderSchema[], isKept: IsKept, to: Draft): void {
  const members = new Members(config);
  to.entities = (members.objects('served_entities') ?? []).map((each) => entityFromRequest(each, schemas, isKept));
  const traffic = members.object('traffic_config');
  to.configRest = members.rest;
  if (!traffic) return;
  const inner = new Members(traffic);
  const routes = inner.objects('routes') ?? [];
  to.trafficRest = inner.rest;
  to.strayRoutes = readRoutes(routes, to.entities);
  to.trafficGiven = routes.length > 0 && to.entities.length === 1;
}

function readLimit(from: Json): LimitDraft {
  const members = new Members(from);
  return {
    id: newId(),
    key: members.text('key'),
    principal: members.text('principal'),
    calls: members.number('calls'),
    tokens: members.number('tokens'),
    rest: members.rest,
  };
}

function readTag(from: Json): TagDraft {
  const members = new Members(from);
  const valueGiven = typeof from.value === 'string';
  return { id: newId(), key: members.text('key'), value: members.text('value'), valueGiven, rest: members.rest };
}

function readGateway(gateway: Json, to: Draft): void {
  const members = new Members(gateway);
  const usage = members.object('usage_tracking_config');
  if (usage) {
    const inner = new Members(usage);
    to.usageTracking = inner.flag('enabled');
    to.usageRest = inner.rest;
  }
  to.limits = (members.objects('rate_limits') ?? []).map(readLimit);
  to.gatewayRest = members.rest;
}

function readNotifications(from: Json, to: Draft): void {
  const members = new Members(from);
  to.onSuccess = members.texts('on_update_success') ?? [];
  to.onFailure = members.texts('on_update_failure') ?? [];
  to.notificationsRest = members.rest;
}

/** The body of the create call. */
export function fromRequest(body: Json, schemas: ProviderSchema[], isKept: IsKept = nothingKept): Draft {
  const members = new Members(body);
  const to = newDraft();
  to.entities = [];
  to.name = members.text('name');
  to.description = members.text('description');
  to.budgetPolicy = members.text('budget_policy_id');
  const config = members.object('config');
  if (config) readConfig(config, schemas, isKept, to);
  const gateway = members.object('ai_gateway');
  if (gateway) readGateway(gateway, to);
  // The old place of rate limits means the same; both at once are for the gateway to refuse.
  if (!to.limits.length) to.limits = (members.objects('rate_limits') ?? []).map(readLimit);
  to.tags = (members.objects('tags') ?? []).map(readTag);
  const notifications = members.object('email_notifications');
  if (notifications) readNotifications(notifications, to);
  to.rest = members.rest;
  return to;
}

/** Which secrets a loaded draft keeps, to be found again after a change of the JSON. */
export function keptBy(draft: Draft): IsKept {
  const kept = new Set(
    draft.entities.flatMap((entity) =>
      Object.entries(entity.secrets)
        .filter(([, secret]) => secret.mode === 'kept')
        .map(([field]) => JSON.stringify([entityName(entity), entity.provider, field])),
    ),
  );
  return (entity, provider, field) => kept.has(JSON.stringify([entity, provider, field]));
}
