// Tags as they are edited, and the call that a change needs.
import type { Tag } from '../../base/types';

export interface TagRow {
  id: number; // of the row, not of the tag: keys change while they are typed
  key: string;
  value: string;
}

export interface TagChanges {
  add_tags: Tag[];
  delete_tags: string[];
}

export type TagFault = 'empty' | 'twice';

export const rowsOfTags = (tags: Tag[]): TagRow[] =>
  tags.map((each, id) => ({ id, key: each.key, value: each.value ?? '' }));

/** Rows without a key and a value mean nothing. */
export const usedRows = (rows: TagRow[]): TagRow[] => rows.filter((each) => each.key.trim() !== '' || each.value !== '');

export function tagFaults(rows: TagRow[]): Map<number, TagFault> {
  const out = new Map<number, TagFault>();
  const seen = new Set<string>();
  for (const each of usedRows(rows)) {
    const key = each.key.trim();
    if (key === '') out.set(each.id, 'empty');
    else if (seen.has(key)) out.set(each.id, 'twice');
    seen.add(key);
  }
  return out;
}

/** null: nothing has changed. */
export function tagChanges(before: Tag[], rows: TagRow[]): TagChanges | null {
  const old = new Map(before.map((each) => [each.key, each.value ?? '']));
  const wanted = new Map(usedRows(rows).map((each) => [each.key.trim(), each.value]));
  const add_tags = [...wanted]
    .filter(([key, value]) => old.get(key) !== value)
    .map(([key, value]): Tag => (value === '' ? { key } : { key, value }));
  const delete_tags = [...old.keys()].filter((key) => !wanted.has(key));
  return add_tags.length === 0 && delete_tags.length === 0 ? null : { add_tags, delete_tags };
}
