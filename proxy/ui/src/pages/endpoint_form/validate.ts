// What the form can see by itself. The gateway sees the rest: nothing here is stricter than it is.
import type { ProviderSchema } from '../../base/types';
import {
  entityName,
  findSchema,
  maxDescriptionLength,
  maxEntities,
  maxGroupLimits,
  maxLimits,
  maxNameLength,
  maxTags,
  parseReference,
  shownFields,
  trafficTotal,
  type Draft,
  type EntityDraft,
  type Json,
  type LimitDraft,
} from './draft';
import { entityPath, fieldPath, limitPath, modelPath, paths, sharePath, tagPath } from './paths';
import { sameJson } from './plan';
import { toRequest } from './to_request';

export type ProblemKey =
  | 'missing'
  | 'nameCharacters'
  | 'nameLong'
  | 'nameReserved'
  | 'nameFixed'
  | 'descriptionLong'
  | 'fixed'
  | 'noEntity'
  | 'chooseEntity'
  | 'manyEntities'
  | 'entityNameCharacters'
  | 'entityNameTwice'
  | 'tasksDiffer'
  | 'wholeShare'
  | 'total'
  | 'badReference'
  | 'keptLost'
  | 'notHere'
  | 'badUrl'
  | 'wholeNumber'
  | 'limitTwice'
  | 'manyLimits'
  | 'manyGroupLimits'
  | 'tagTwice'
  | 'manyTags'
  | 'badAddress';

export interface Problem {
  path: string;
  key: ProblemKey;
  values?: Record<string, string | number>;
}

type Add = (path: string, key: ProblemKey, values?: Problem['values']) => void;

export function nameProblem(name: string): ProblemKey | null {
  if (/[^A-Za-z0-9_-]/.test(name)) return 'nameCharacters';
  if (name.length > maxNameLength) return 'nameLong';
  return name.startsWith('databricks-') ? 'nameReserved' : null;
}

function checkHead(draft: Draft, before: Json | null, add: Add): void {
  const wrong = nameProblem(draft.name);
  if (!draft.name && !('name' in draft.rest)) add(paths.name, 'missing');
  else if (before && draft.name !== before.name) add(paths.name, 'nameFixed', { name: String(before.name) });
  else if (wrong && !before) add(paths.name, wrong, { count: maxNameLength });
  if (before) {
    if (draft.description !== (before.description ?? '')) add(paths.description, 'fixed');
    if (draft.budgetPolicy !== (before.budget_policy_id ?? '')) add(paths.budgetPolicy, 'fixed');
  } else if ([...draft.description].length > maxDescriptionLength) {
    add(paths.description, 'descriptionLong', { count: maxDescriptionLength });
  }
}

function checkFields(entity: EntityDraft, i: number, schema: ProviderSchema, lost: boolean, add: Add): void {
  for (const { field, required, forced } of shownFields(schema, entity)) {
    const path = fieldPath(i, schema, field.name);
    const secret = entity.secrets[field.name];
    const given = field.secret
      ? secret && (secret.mode === 'kept' || Boolean(secret[secret.mode]))
      : Boolean(entity.values[field.name] || field.default);
    if (forced) add(path, 'notHere');
    else if (required && !given) add(path, 'missing');
    else if (secret?.mode === 'kept' && lost) add(path, 'keptLost');
    else if (secret?.mode === 'reference' && secret.reference && !parseReference(secret.reference))
      add(path, 'badReference');
    else if (!field.secret && field.kind === 'url' && given && !/^https?:\/\/[^/\s]+\S*$/i.test(entity.values[field.name] ?? ''))
      add(path, 'badUrl');
  }
}

function checkEntity(draft: Draft, i: number, schemas: ProviderSchema[], lost: boolean, add: Add): void {
  const entity = draft.entities[i]!;
  if (entity.raw) return;
  const schema = findSchema(schemas, entity.provider);
  if (!schema) return add(`${modelPath(i)}.provider`, 'chooseEntity');
  if (!entity.model) add(`${modelPath(i)}.name`, 'missing');
  if (!entity.task && entity.provider !== 'custom') add(`${modelPath(i)}.task`, 'missing');
  const name = entityName(entity);
  if (!/^[A-Za-z0-9_-]*$/.test(name)) add(`${entityPath(i)}.name`, 'entityNameCharacters');
  else if (name && draft.entities.slice(0, i).some((each) => entityName(each) === name))
    add(`${entityPath(i)}.name`, 'entityNameTwice', { name });
  const first = draft.entities[0]!;
  if (i > 0 && first.task && entity.task && entity.task !== first.task) add(`${modelPath(i)}.task`, 'tasksDiffer');
  checkFields(entity, i, schema, lost, add);
}

function checkTraffic(draft: Draft, add: Add): void {
  if (draft.entities.length < 2) return;
  draft.entities.forEach(({ traffic }, i) => {
    if (traffic && !(/^\d+$/.test(traffic) && Number(traffic) <= 100)) add(sharePath(i), 'wholeShare');
  });
  const total = trafficTotal(draft.entities);
  if (total !== null && total !== 100 && !draft.strayRoutes.length) add(paths.traffic, 'total', { total });
}

const isCount = (text: string) => /^\d+$/.test(text) && Number.isSafeInteger(Number(text));

function checkLimit(draft: Draft, i: number, add: Add): void {
  const { key, principal, calls, tokens } = draft.limits[i]!;
  if (!calls && !tokens) add(`${limitPath(i)}.calls`, 'missing');
  if (calls && !isCount(calls)) add(`${limitPath(i)}.calls`, 'wholeNumber');
  if (tokens && !isCount(tokens)) add(`${limitPath(i)}.calls`, 'wholeNumber');
  const named = key === 'user_group' || key === 'service_principal';
  if (named && !principal) add(`${limitPath(i)}.principal`, 'missing');
  const same = (each: LimitDraft) =>
    (each.key || 'endpoint') === (key || 'endpoint') &&
    each.principal === principal &&
    ((each.calls && calls) || (each.tokens && tokens));
  if ((principal || !named) && draft.limits.slice(0, i).some(same)) add(`${limitPath(i)}.principal`, 'limitTwice');
}

function checkLimits(draft: Draft, add: Add): void {
  draft.limits.forEach((_, i) => checkLimit(draft, i, add));
  if (draft.limits.length > maxLimits) add(paths.limits, 'manyLimits', { count: maxLimits });
  if (draft.limits.filter((each) => each.key === 'user_group').length > maxGroupLimits)
    add(paths.limits, 'manyGroupLimits', { count: maxGroupLimits });
}

function checkTags(draft: Draft, add: Add): void {
  draft.tags.forEach(({ key }, i) => {
    if (!key) add(`${tagPath(i)}.key`, 'missing');
    else if (draft.tags.slice(0, i).some((each) => each.key === key)) add(`${tagPath(i)}.key`, 'tagTwice');
  });
  if (draft.tags.length > maxTags) add(paths.tags, 'manyTags', { count: maxTags });
}

const isAddress = (text: string) => /^[^@\s]+@[^\s]+$/.test(text) && text.length <= 254;

function checkAddresses(draft: Draft, add: Add): void {
  const bad = (list: string[]) => list.find((each) => !isAddress(each));
  const success = bad(draft.onSuccess);
  const failure = bad(draft.onFailure);
  if (success !== undefined) add(paths.onSuccess, 'badAddress', { address: success });
  if (failure !== undefined) add(paths.onFailure, 'badAddress', { address: failure });
}

/** `before`: what the endpoint has, as a request; null for one that is new. */
export function validate(draft: Draft, schemas: ProviderSchema[], before: Json | null): Problem[] {
  const problems: Problem[] = [];
  const add: Add = (path, key, values) => problems.push(values ? { path, key, values } : { path, key });
  checkHead(draft, before, add);
  const config = toRequest(draft, schemas).config;
  const unchanged = before !== null && sameJson(before.config, config);
  const lost = !unchanged; // a config is replaced whole: what is kept would be gone
  if (!draft.entities.length && !unchanged) add(paths.entities, 'noEntity');
  if (draft.entities.length > maxEntities) add(paths.entities, 'manyEntities', { count: maxEntities });
  draft.entities.forEach((_, i) => checkEntity(draft, i, schemas, lost, add));
  checkTraffic(draft, add);
  checkLimits(draft, add);
  checkTags(draft, add);
  checkAddresses(draft, add);
  return problems;
}
