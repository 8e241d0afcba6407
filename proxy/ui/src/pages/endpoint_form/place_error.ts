// The gateway says in a sentence what it refuses. Here it is found which field of the form that is about.
// Pure; place_error.test.ts has the sentences, and tests/ui/test_form.py checks them against the real gateway.
import type { ProviderSchema } from '../../base/types';
import { entityName, findSchema, parseReference, shownFields, type Draft, type EntityDraft } from './draft';
import { entityPath, fieldPath, limitPath, modelPath, nearest, paths, placesOf, sharePath, tagPath } from './paths';
import type { Part } from './plan';
import { routesOf } from './to_request';

export interface Sent {
  draft: Draft;
  schemas: ProviderSchema[];
  part: Part | 'create';
  addedTags?: string[]; // of PATCH tags: the keys that were sent
}

/** Quoted names of places, as the create call has them. PUT config and so on leave out what is above their body. */
function inCreateBody(quoted: string, { part, draft, addedTags }: Sent): string {
  const place = quoted.replace(/_plaintext$/, '');
  const added = /^add_tags\[(\d+)\](.*)$/.exec(place);
  if (added) {
    const key = addedTags?.[Number(added[1])];
    return `${tagPath(draft.tags.findIndex((each) => each.key === key))}${added[2]}`;
  }
  if (/^(served_entities|traffic_config|auto_capture_config)\b/.test(place)) return `config.${place}`;
  if (/^rate_limits\b/.test(place)) return `ai_gateway.${place}`;
  if (part === 'ai_gateway') return `ai_gateway.${place}`;
  return place;
}

/** A route stands with its entity in the form. */
function routeToShare(path: string, draft: Draft): string {
  const at = /^config\.traffic_config\.routes\[(\d+)\]/.exec(path);
  if (!at) return path;
  const route = routesOf(draft)[Number(at[1])];
  return route ? sharePath(route.entity) : paths.traffic;
}

const entityIndex = (draft: Draft, fits: (entity: EntityDraft, i: number) => boolean): number =>
  draft.entities.findIndex(fits);

/** "Served entity 'x': …": the field of it that the sentence is about. */
function inEntity(name: string, why: string, sent: Sent): string {
  const i = entityIndex(sent.draft, (each) => entityName(each) === name);
  const entity = sent.draft.entities[i];
  const schema = entity && findSchema(sent.schemas, entity.provider);
  if (!entity) return paths.entities;
  if (!schema) return entityPath(i);
  const shown = shownFields(schema, entity).map((each) => each.field);
  const scope = /secret scope '([^']*)'(?: \(key '([^']*)'\))?/.exec(why);
  const key = /The secret '([^']*)' in the scope '([^']*)'/.exec(why);
  const wanted = key ? { scope: key[2]!, key: key[1] } : scope ? { scope: scope[1]!, key: scope[2] } : null;
  const names = [...why.matchAll(/'([^']+)'/g)].map((each) => each[1]!.replace(/_plaintext$/, ''));
  const field =
    shown.find((each) => wanted && refersTo(entity, each.name, wanted)) ??
    shown.find((each) => names.includes(each.name)) ??
    (/\b(http|upstream|URL)\b/.test(why) ? urlField(entity, shown, names) : undefined);
  if (field) return fieldPath(i, schema, field.name);
  return names.includes(entity.model) ? `${modelPath(i)}.name` : entityPath(i);
}

function refersTo(entity: EntityDraft, field: string, wanted: { scope: string; key: string | undefined }): boolean {
  const secret = entity.secrets[field];
  const reference = secret?.mode === 'reference' ? parseReference(secret.reference) : null;
  if (!reference || reference.scope.toLowerCase() !== wanted.scope.toLowerCase()) return false;
  return wanted.key === undefined || reference.key === wanted.key;
}

function urlField(entity: EntityDraft, shown: { name: string; kind: string; secret: boolean }[], hosts: string[]) {
  const urls = shown.filter((each) => each.kind === 'url' && !each.secret);
  const value = (name: string) => (entity.values[name] ?? '').toLowerCase();
  return urls.find((each) => hosts.some((host) => value(each.name).includes(host.toLowerCase()))) ?? urls[0];
}

/** A sentence of a provider's own check names the field, but not the entity: the first that it is true of. */
function ofProvider(message: string, sent: Sent): string | null {
  const names = [...message.matchAll(/'([^']+)'/g)].map((each) => each[1]!.replace(/_plaintext$/, ''));
  const isMissing = /is missing|Give exactly one of/.test(message);
  let fallback: string | null = null;
  for (const [i, entity] of sent.draft.entities.entries()) {
    const schema = findSchema(sent.schemas, entity.provider);
    const field = schema?.fields.find((each) => names.includes(each.name) || names.includes(each.name.split('.')[0]!));
    if (!schema || !field) continue;
    const name = schema.fields.find((each) => each.name === names[0])?.name ?? field.name;
    const secret = entity.secrets[name];
    const given = Boolean(entity.values[name] || (secret && secret.mode !== 'kept' && secret[secret.mode]));
    if (given !== isMissing) return fieldPath(i, schema, name);
    fallback ??= fieldPath(i, schema, name);
  }
  return fallback;
}

type Rule = [RegExp, (found: RegExpExecArray, sent: Sent) => string];

const rules: Rule[] = [
  [/^An endpoint with the name '.*' exists already/, () => paths.name],
  [/^Endpoint names that start with/, () => paths.name],
  [/^Served entity '([^']*)': (.*)$/s, ([, name, why], sent) => inEntity(name!, why!, sent)],
  [
    /^Two served entities have the same name '([^']*)'/,
    ([, name], { draft }) => {
      const first = entityIndex(draft, (each) => entityName(each) === name);
      const second = entityIndex(draft, (each, i) => i > first && entityName(each) === name);
      return `${entityPath(second < 0 ? first : second)}.name`;
    },
  ],
  [
    /^All served entities of an endpoint must have the same task/,
    (_, { draft }) => `${modelPath(entityIndex(draft, (each) => each.task !== draft.entities[0]?.task))}.task`,
  ],
  [
    /^Provider '([^']*)' does not support the task (\S+?)\.?$/,
    ([, provider, task], { draft }) =>
      `${modelPath(entityIndex(draft, (each) => each.provider === provider && each.task === task))}.task`,
  ],
  [
    /^The provider '([^']*)' is not implemented/,
    ([, provider], { draft }) => `${modelPath(entityIndex(draft, (each) => each.provider === provider))}.provider`,
  ],
  [/^The traffic percentages must total 100/, () => paths.traffic],
  [/^An endpoint (may have at most \d+ served entities|with an external model may have one)/, () => paths.entities],
  [/^(An endpoint with external models cannot|External models and other models cannot|Serving a registered model)/, () => paths.entities],
  [/^An endpoint may have at most \d+ rate limits/, () => paths.limits],
  [/^An endpoint may have at most \d+ tags/, () => paths.tags],
  [
    /^A rate limit names the principal '(.*)', which does not exist/s,
    ([, principal], { draft }) => `${limitPath(draft.limits.findIndex((each) => each.principal === principal))}.principal`,
  ],
  [
    /^Rate limits on tokens are not implemented/,
    (_, { draft }) => `${limitPath(draft.limits.findIndex((each) => each.tokens))}.calls`,
  ],
];

/** The place of the form that shows the message; '': it belongs to no field. */
export function placeError(message: string, sent: Sent): string {
  const places = placesOf(sent.draft, sent.schemas);
  for (const [pattern, place] of rules) {
    const found = pattern.exec(message);
    if (found) return nearest(place(found, sent), places);
  }
  const own = ofProvider(message, sent);
  for (const [, quoted] of message.matchAll(/'([^']*)'/g)) {
    const path = routeToShare(inCreateBody(quoted!, sent), sent.draft);
    if (/[.[]/.test(path) || !own) {
      const at = nearest(path, places);
      if (at) return at;
    }
  }
  return own ? nearest(own, places) : '';
}
