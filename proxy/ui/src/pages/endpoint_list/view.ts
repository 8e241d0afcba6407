// What the list shows of all endpoints, as it stands in the address: a link shares it.
import type { StateKind } from '../../parts/chips';

export const sortKeys = ['name', 'state', 'entities', 'task', 'tags', 'creator', 'updated'] as const;
export type SortKey = (typeof sortKeys)[number];

export interface View {
  search: string;
  mine: boolean;
  task: string;
  state: StateKind | '';
  provider: string;
  tag: string; // the text of a tag, or a key alone
  sort: SortKey;
  descending: boolean;
}

export const stateKinds: readonly StateKind[] = ['ready', 'updating', 'notReady', 'updateFailed', 'updateCanceled'];

export const plainView: View = {
  search: '',
  mine: false,
  task: '',
  state: '',
  provider: '',
  tag: '',
  sort: 'name',
  descending: false,
};

export function readView(from: URLSearchParams): View {
  const text = (name: string) => from.get(name) ?? '';
  const sort = text('sort');
  const key = sort.replace(/^-/, '') as SortKey;
  const state = text('state') as StateKind;
  return {
    search: text('q'),
    mine: text('mine') === '1',
    task: text('task'),
    state: stateKinds.includes(state) ? state : '',
    provider: text('provider'),
    tag: text('tag'),
    sort: sortKeys.includes(key) ? key : 'name',
    descending: sortKeys.includes(key) && sort.startsWith('-'),
  };
}

/** Only what differs from the plain view. */
export function writeView(view: View): URLSearchParams {
  const out = new URLSearchParams();
  const put = (name: string, value: string) => {
    if (value) out.set(name, value);
  };
  put('q', view.search);
  put('mine', view.mine ? '1' : '');
  put('task', view.task);
  put('state', view.state);
  put('provider', view.provider);
  put('tag', view.tag);
  const sort = (view.descending ? '-' : '') + view.sort;
  put('sort', sort === 'name' ? '' : sort);
  return out;
}

export const isFiltered = (view: View): boolean =>
  view.search !== '' || view.mine || view.task !== '' || view.state !== '' || view.provider !== '' || view.tag !== '';

/** A click on a column's head: sorts by it, and the other way round the next time. Times begin with the newest. */
export function sortedBy(view: View, key: SortKey): View {
  const first = key === 'updated';
  return { ...view, sort: key, descending: view.sort === key ? !view.descending : first };
}
