// Which calls bring an endpoint from what it has to what the form says. Only what has changed is sent.
import { path, type Method } from '../../base/api';
import type { Json } from './draft';
import { isObject } from './from_request';

export type Part = 'config' | 'ai_gateway' | 'tags' | 'email_notifications';

export interface Step {
  part: Part;
  method: Method;
  path: string;
  body: Json;
}

export interface Plan {
  steps: Step[]; // in the order in which they are sent; the config first: it is what the gateway refuses most
  unsent: string[]; // members that changed and that no call can change
}

/** Equal but for the order of members. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, i) => sameJson(each, b[i]));
  if (!isObject(a) || !isObject(b)) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && sameJson(a[key], b[key]));
}

const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

function tagSteps(before: unknown, after: unknown): Json | null {
  const had = objects(before);
  const wanted = objects(after);
  const add = wanted.filter((tag) => !had.some((each) => sameJson(each, tag)));
  const gone = had.filter((tag) => !wanted.some((each) => each.key === tag.key)).map((each) => each.key);
  if (!add.length && !gone.length) return null;
  return { ...(add.length ? { add_tags: add } : {}), ...(gone.length ? { delete_tags: gone } : {}) };
}

/** Both lists: one that is left out is taken for empty. */
function notificationsBody(after: unknown): Json {
  const wanted = isObject(after) ? after : {};
  return { email_notifications: { on_update_success: [], on_update_failure: [], ...wanted } };
}

export function planOf(name: string, before: Json, after: Json): Plan {
  const base = path`/api/2.0/serving-endpoints/${name}`;
  const changed = (part: string) => !sameJson(before[part], after[part]);
  const steps: Step[] = [];
  if (changed('config') && isObject(after.config))
    steps.push({ part: 'config', method: 'PUT', path: `${base}/config`, body: after.config });
  if (changed('ai_gateway')) {
    const body = isObject(after.ai_gateway) ? after.ai_gateway : {};
    steps.push({ part: 'ai_gateway', method: 'PUT', path: `${base}/ai-gateway`, body });
  }
  const tags = tagSteps(before.tags, after.tags);
  if (tags) steps.push({ part: 'tags', method: 'PATCH', path: `${base}/tags`, body: tags });
  if (changed('email_notifications')) {
    const body = notificationsBody(after.email_notifications);
    steps.push({ part: 'email_notifications', method: 'PATCH', path: `${base}/notifications`, body });
  }
  const sent = ['config', 'ai_gateway', 'tags', 'email_notifications'];
  const unsent = Object.keys({ ...before, ...after }).filter((key) => !sent.includes(key) && changed(key));
  return { steps, unsent };
}
