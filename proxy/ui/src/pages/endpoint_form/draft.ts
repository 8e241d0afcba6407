// What the form holds. Every member that a request body may have finds a place here: those that have no field of
// their own stay in a `rest`, so that form and JSON can be changed into each other without a loss.
import type { ProviderField, ProviderSchema } from '../../base/types';

export type Json = Record<string, unknown>;

export interface SecretDraft {
  mode: 'reference' | 'plaintext' | 'kept'; // kept: the gateway has a plaintext, which it never shows
  reference: string; // {{secrets/scope/key}}
  plaintext: string;
}

export interface EntityDraft {
  id: number; // of this page only
  raw: Json | null; // an entity that is no external model of a known provider: sent as it is
  provider: string; // '': not chosen yet
  model: string;
  task: string;
  name: string; // '': made of the model's name
  traffic: string;
  routeKey: 'served_model_name' | 'served_entity_name';
  routeRest: Json;
  values: Record<string, string>; // of the config block, by the schema's names of fields
  secrets: Record<string, SecretDraft>;
  options: Record<string, string>; // the chosen option of each one_of
  forced: string[]; // fields that were given though they do not apply: shown and sent, so that they can be seen
  rest: Json;
  modelRest: Json;
  blockRest: Json;
  groupRest: Record<string, Json>; // of the objects in the block
}

export interface LimitDraft {
  id: number;
  key: string; // '' means endpoint
  principal: string;
  calls: string;
  tokens: string;
  rest: Json;
}

export interface TagDraft {
  id: number;
  key: string;
  value: string;
  valueGiven: boolean; // a tag may have no value at all
  rest: Json;
}

export interface Draft {
  name: string;
  description: string;
  budgetPolicy: string;
  entities: EntityDraft[];
  trafficGiven: boolean; // the only entity has a route too
  strayRoutes: Json[]; // routes that belong to no entity of the list
  trafficRest: Json;
  configRest: Json;
  usageTracking: boolean | null;
  usageRest: Json;
  limits: LimitDraft[];
  gatewayRest: Json;
  tags: TagDraft[];
  onSuccess: string[];
  onFailure: string[];
  notificationsRest: Json;
  rest: Json;
}

export const maxEntities = 15;
export const maxLimits = 20;
export const maxGroupLimits = 5;
export const maxTags = 100;
export const maxNameLength = 63;
export const maxDescriptionLength = 1000;

let lastId = 0;
export const newId = (): number => ++lastId;

export function newEntity(traffic = ''): EntityDraft {
  return {
    id: newId(),
    raw: null,
    provider: '',
    model: '',
    task: '',
    name: '',
    traffic,
    routeKey: 'served_model_name',
    routeRest: {},
    values: {},
    secrets: {},
    options: {},
    forced: [],
    rest: {},
    modelRest: {},
    blockRest: {},
    groupRest: {},
  };
}

export const newLimit = (key: string, calls = ''): LimitDraft => ({
  id: newId(),
  key,
  principal: '',
  calls,
  tokens: '',
  rest: { renewal_period: 'minute' },
});

export const newTag = (): TagDraft => ({ id: newId(), key: '', value: '', valueGiven: true, rest: {} });

export const emptySecret: SecretDraft = { mode: 'reference', reference: '', plaintext: '' };

/** An empty form: one entity waits to be chosen. */
export function newDraft(): Draft {
  return {
    name: '',
    description: '',
    budgetPolicy: '',
    entities: [newEntity()],
    trafficGiven: false,
    strayRoutes: [],
    trafficRest: {},
    configRest: {},
    usageTracking: null,
    usageRest: {},
    limits: [],
    gatewayRest: {},
    tags: [],
    onSuccess: [],
    onFailure: [],
    notificationsRest: {},
    rest: {},
  };
}

/** As the gateway makes it: each byte that may not be in a name becomes '-'. */
export function defaultEntityName(model: string): string {
  const bytes = new TextEncoder().encode(model).slice(0, 255);
  return [...bytes].map((byte) => String.fromCharCode(byte)).join('').replace(/[^A-Za-z0-9_-]/g, '-');
}

export function entityName(entity: EntityDraft): string {
  if (entity.raw) return typeof entity.raw.name === 'string' ? entity.raw.name : '';
  return entity.name || defaultEntityName(entity.model);
}

/** The entity of a provider that was just chosen; its name and its traffic stay. */
export function withProvider(entity: EntityDraft, schema: ProviderSchema): EntityDraft {
  const options = Object.fromEntries((schema.one_of ?? []).map((each) => [each.name, each.options[0]?.name ?? '']));
  const task = schema.tasks.find((each) => each === entity.task) ?? schema.tasks[0] ?? '';
  const { id, name, traffic, routeKey, routeRest, rest } = entity;
  return { ...newEntity(), id, name, traffic, routeKey, routeRest, rest, provider: schema.name, task, options };
}

export const findSchema = (schemas: ProviderSchema[], provider: string): ProviderSchema | undefined =>
  schemas.find((each) => each.name === provider);

const sameText = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

/** What a field says: its value, or the default; a choice in the schema's spelling, since capitals do not matter. */
export function valueOf(schema: ProviderSchema, entity: EntityDraft, name: string): string {
  const row = schema.fields.find((each) => each.name === name);
  const value = entity.values[name] || row?.default || '';
  return row?.choices?.find((each) => sameText(each, value)) ?? value;
}

/** Do the field's conditions hold? */
export function applies(schema: ProviderSchema, entity: EntityDraft, field: ProviderField): boolean {
  return (field.only_if ?? []).every((condition) =>
    condition.values.some((value) => sameText(value, valueOf(schema, entity, condition.field))),
  );
}

export interface OptionOf {
  oneOf: string;
  option: string;
}

export function optionOf(schema: ProviderSchema, field: string): OptionOf | null {
  for (const oneOf of schema.one_of ?? []) {
    const option = oneOf.options.find((each) => each.fields.includes(field));
    if (option) return { oneOf: oneOf.name, option: option.name };
  }
  return null;
}

export interface ShownField {
  field: ProviderField;
  required: boolean;
  forced: boolean; // it does not go with the other values, but was given
}

/** The fields of the block that have a meaning now. A name has several rows when its conditions differ. */
export function shownFields(schema: ProviderSchema, entity: EntityDraft): ShownField[] {
  const shown: ShownField[] = [];
  for (const field of schema.fields) {
    if (shown.some((each) => each.field.name === field.name)) continue;
    const rows = schema.fields.filter((each) => each.name === field.name);
    const row = rows.find((each) => applies(schema, entity, each));
    const group = optionOf(schema, field.name);
    const chosen = !group || entity.options[group.oneOf] === group.option;
    if (row && chosen) {
      shown.push({ field: row, required: row.required || group !== null, forced: false });
    } else if (entity.forced.includes(field.name)) {
      shown.push({ field, required: false, forced: true });
    }
  }
  return shown;
}

export interface SecretReference {
  scope: string;
  key: string;
}

const referencePattern = /^\{\{[ \t]*secrets\/([A-Za-z0-9._@-]{1,128})\/([A-Za-z0-9._-]{1,128})[ \t]*\}\}$/;

export function parseReference(text: string): SecretReference | null {
  const found = referencePattern.exec(text);
  return found ? { scope: found[1]!, key: found[2]! } : null;
}

export const referenceText = ({ scope, key }: SecretReference): string => `{{secrets/${scope}/${key}}}`;

/** Whole percentages that total 100; the first ones get what is left over. */
export function evenShares(count: number): string[] {
  const base = Math.floor(100 / count);
  const more = 100 - base * count;
  return Array.from({ length: count }, (_, i) => String(base + (i < more ? 1 : 0)));
}

export const splitEvenly = (entities: EntityDraft[]): EntityDraft[] => {
  const shares = evenShares(entities.length);
  return entities.map((each, i) => ({ ...each, traffic: shares[i]! }));
};

/** The total of what is typed; null when something of it is no number. */
export function trafficTotal(entities: EntityDraft[]): number | null {
  let total = 0;
  for (const { traffic } of entities) {
    if (traffic && !/^\d+$/.test(traffic)) return null;
    total += Number(traffic || 0);
  }
  return total;
}

/** Adds one more; with the second, the first has all the traffic until somebody says otherwise. */
export function addEntity(draft: Draft): Draft {
  const only = draft.entities.length === 1;
  const entities = only ? draft.entities.map((each) => ({ ...each, traffic: each.traffic || '100' })) : draft.entities;
  return { ...draft, entities: [...entities, newEntity('0')] };
}

export function removeEntity(draft: Draft, id: number): Draft {
  const entities = draft.entities.filter((each) => each.id !== id);
  if (entities.length > 1) return { ...draft, entities };
  return { ...draft, trafficGiven: false, entities: entities.map((each) => ({ ...each, traffic: '' })) };
}

/** The limits of the two usual rows: of the endpoint as a whole, and of each user. */
export function plainLimit(draft: Draft, key: 'endpoint' | 'user', unit: 'calls' | 'tokens'): LimitDraft | undefined {
  const ofKey = draft.limits.filter((each) => (each.key || 'endpoint') === key && !each.principal && !each.rest.principal);
  return ofKey.find((each) => each[unit]) ?? ofKey[0];
}

/** Those that have a row of their own in the table. */
export function customLimits(draft: Draft): LimitDraft[] {
  const plain = (['endpoint', 'user'] as const).flatMap((key) =>
    (['calls', 'tokens'] as const).map((unit) => plainLimit(draft, key, unit)?.id),
  );
  return draft.limits.filter((each) => !plain.includes(each.id));
}

export function withPlainLimit(draft: Draft, key: 'endpoint' | 'user', unit: 'calls' | 'tokens', text: string): Draft {
  const known = plainLimit(draft, key, unit);
  if (!known) return text ? { ...draft, limits: [...draft.limits, { ...newLimit(key), [unit]: text }] } : draft;
  const limits = draft.limits.map((each) => (each.id === known.id ? { ...each, [unit]: text } : each));
  return { ...draft, limits: limits.filter((each) => each.id !== known.id || each.calls || each.tokens) };
}
