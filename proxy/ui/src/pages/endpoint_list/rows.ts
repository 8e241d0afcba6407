// Sorting and filtering of endpoints, without anything of the page.
import type { Endpoint, Tag } from '../../base/types';
import { stateOf } from '../../parts/chips';
import { entitiesOf, modelOf, providerOf } from '../endpoint_page/entities';
import { stateKinds, type SortKey, type View } from './view';

export type Item =
  | { kind: 'section'; id: 'foundation' | 'others'; count: number }
  | { kind: 'endpoint'; endpoint: Endpoint };

export interface Facets {
  tasks: string[];
  providers: string[];
  tags: string[]; // the most used ones
}

const mostTags = 300;
const byText = new Intl.Collator(undefined, { numeric: true });

export const tagText = (tag: Tag): string => (tag.value ? `${tag.key}: ${tag.value}` : tag.key);

export const isFoundation = (endpoint: Endpoint): boolean =>
  entitiesOf(endpoint).some((each) => each.foundation_model !== undefined);

/** What a search looks through; made once for each version of an endpoint. */
const searched = new WeakMap<Endpoint, string>();
function searchText(endpoint: Endpoint): string {
  const made = searched.get(endpoint);
  if (made !== undefined) return made;
  const text = [
    endpoint.name,
    endpoint.creator ?? '',
    endpoint.description ?? '',
    ...(endpoint.tags ?? []).map(tagText),
    ...entitiesOf(endpoint).flatMap((each) => [each.name, modelOf(each), providerOf(each)]),
  ]
    .join('\n')
    .toLowerCase();
  searched.set(endpoint, text);
  return text;
}

/** Every word must be found. */
function matches(endpoint: Endpoint, view: View, words: string[], userName: string): boolean {
  if (view.mine && endpoint.creator !== userName) return false;
  if (view.task && endpoint.task !== view.task) return false;
  if (view.state && stateOf(endpoint.state) !== view.state) return false;
  if (view.provider && !entitiesOf(endpoint).some((each) => providerOf(each) === view.provider)) return false;
  if (view.tag && !(endpoint.tags ?? []).some((each) => each.key === view.tag || tagText(each) === view.tag)) return false;
  if (words.length === 0) return true;
  const text = searchText(endpoint);
  return words.every((word) => text.includes(word));
}

export function filtered(all: Endpoint[], view: View, userName: string): Endpoint[] {
  const words = view.search.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter((each) => matches(each, view, words, userName));
}

const firstTag = (endpoint: Endpoint): string => (endpoint.tags?.[0] ? tagText(endpoint.tags[0]) : '');
function firstEntity(endpoint: Endpoint): string {
  const entity = entitiesOf(endpoint)[0];
  return entity ? `${providerOf(entity)} ${modelOf(entity)}` : '';
}

/** What has nothing in the column comes last, in both directions; equal ones by name. */
function compareTexts(read: (endpoint: Endpoint) => string, sign: number) {
  return (a: Endpoint, b: Endpoint): number => {
    const [left, right] = [read(a), read(b)];
    if (left === right) return byText.compare(a.name, b.name);
    if (left === '') return 1;
    if (right === '') return -1;
    return sign * byText.compare(left, right);
  };
}

export function sorted(all: Endpoint[], key: SortKey, descending: boolean): Endpoint[] {
  const sign = descending ? -1 : 1;
  const byNumber = (read: (endpoint: Endpoint) => number) => (a: Endpoint, b: Endpoint) =>
    sign * (read(a) - read(b)) || byText.compare(a.name, b.name);
  const compare = {
    name: (a: Endpoint, b: Endpoint) => sign * byText.compare(a.name, b.name),
    state: byNumber((each) => stateKinds.indexOf(stateOf(each.state))),
    entities: compareTexts(firstEntity, sign),
    task: compareTexts((each) => each.task ?? '', sign),
    tags: compareTexts(firstTag, sign),
    creator: compareTexts((each) => each.creator ?? '', sign),
    updated: byNumber((each) => each.last_updated_timestamp ?? 0),
  }[key];
  return [...all].sort(compare);
}

/** Foundation models first, with a head for each part; without any, no heads. */
export function itemsOf(endpoints: Endpoint[]): Item[] {
  const foundation = endpoints.filter(isFoundation);
  const asItem = (endpoint: Endpoint): Item => ({ kind: 'endpoint', endpoint });
  if (foundation.length === 0) return endpoints.map(asItem);
  const others = endpoints.filter((each) => !isFoundation(each));
  const out: Item[] = [{ kind: 'section', id: 'foundation', count: foundation.length }, ...foundation.map(asItem)];
  if (others.length > 0) out.push({ kind: 'section', id: 'others', count: others.length }, ...others.map(asItem));
  return out;
}

/** What the filters offer. */
export function facetsOf(all: Endpoint[]): Facets {
  const tasks = new Set<string>();
  const providers = new Set<string>();
  const tags = new Map<string, number>();
  for (const endpoint of all) {
    if (endpoint.task) tasks.add(endpoint.task);
    for (const entity of entitiesOf(endpoint)) if (providerOf(entity)) providers.add(providerOf(entity));
    for (const tag of endpoint.tags ?? []) tags.set(tagText(tag), (tags.get(tagText(tag)) ?? 0) + 1);
  }
  const used = [...tags].sort((a, b) => b[1] - a[1]).slice(0, mostTags);
  return {
    tasks: [...tasks].sort(byText.compare),
    providers: [...providers].sort(byText.compare),
    tags: used.map(([text]) => text).sort(byText.compare),
  };
}
