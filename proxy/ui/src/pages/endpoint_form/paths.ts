// Where things are: the API's own names of places in the create body, which its error messages use too.
import type { ProviderSchema } from '../../base/types';
import { customLimits, findSchema, shownFields, type Draft } from './draft';

export const entityPath = (i: number): string => `config.served_entities[${i}]`;
export const modelPath = (i: number): string => `${entityPath(i)}.external_model`;
export const fieldPath = (i: number, schema: ProviderSchema, field: string): string =>
  `${modelPath(i)}.${schema.config_block}.${field}`;
/** The form shows a route with its entity. */
export const sharePath = (i: number): string => `${entityPath(i)}.traffic_percentage`;
export const limitPath = (i: number): string => `ai_gateway.rate_limits[${i}]`;
export const tagPath = (i: number): string => `tags[${i}]`;

export const paths = {
  name: 'name',
  description: 'description',
  entities: 'config.served_entities',
  traffic: 'config.traffic_config',
  gateway: 'ai_gateway',
  inferenceTable: 'ai_gateway.inference_table_config',
  guardrails: 'ai_gateway.guardrails',
  fallback: 'ai_gateway.fallback_config',
  limits: 'ai_gateway.rate_limits',
  tags: 'tags',
  onSuccess: 'email_notifications.on_update_success',
  onFailure: 'email_notifications.on_update_failure',
  budgetPolicy: 'budget_policy_id',
} as const;

function entityPlaces(draft: Draft, schemas: ProviderSchema[], i: number): string[] {
  const entity = draft.entities[i]!;
  if (entity.raw) return [entityPath(i)];
  const places = [entityPath(i), `${modelPath(i)}.provider`];
  if (draft.entities.length > 1) places.push(sharePath(i));
  const schema = findSchema(schemas, entity.provider);
  if (!schema) return places;
  places.push(`${modelPath(i)}.name`, `${modelPath(i)}.task`, `${entityPath(i)}.name`);
  return [...places, ...shownFields(schema, entity).map(({ field }) => fieldPath(i, schema, field.name))];
}

/** Every place of the form that can show an error. */
export function placesOf(draft: Draft, schemas: ProviderSchema[]): Set<string> {
  const places = new Set<string>(Object.values(paths));
  draft.entities.forEach((_, i) => entityPlaces(draft, schemas, i).forEach((each) => places.add(each)));
  const own = new Set(customLimits(draft).map((each) => each.id));
  draft.limits.forEach((limit, i) => {
    places.add(`${limitPath(i)}.calls`);
    if (own.has(limit.id)) places.add(`${limitPath(i)}.key`).add(`${limitPath(i)}.principal`);
  });
  draft.tags.forEach((_, i) => places.add(`${tagPath(i)}.key`).add(`${tagPath(i)}.value`));
  return places;
}

/** The place itself, or the one around it that the form has; '': none. */
export function nearest(path: string, places: Set<string>): string {
  for (let at = path; at; at = at.slice(0, Math.max(at.lastIndexOf('.'), at.lastIndexOf('['), 0))) {
    if (places.has(at)) return at;
  }
  return '';
}
