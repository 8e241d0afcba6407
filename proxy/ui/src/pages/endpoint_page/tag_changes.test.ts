import { describe, expect, it } from 'vitest';
import { rowsOfTags, tagChanges, tagFaults, type TagRow } from './tag_changes';

const tags = [{ key: 'team', value: 'gen-ai' }, { key: 'old' }];
const row = (id: number, key: string, value = ''): TagRow => ({ id, key, value });

describe('changes of tags', () => {
  it('are none when nothing has changed', () => {
    expect(tagChanges(tags, [...rowsOfTags(tags), row(9, '')])).toBeNull();
  });
  it('add, overwrite and delete', () => {
    expect(tagChanges(tags, [row(0, 'team', 'search'), row(2, ' new ')])).toEqual({
      add_tags: [{ key: 'team', value: 'search' }, { key: 'new' }],
      delete_tags: ['old'],
    });
  });
  it('rename by deleting the old key', () => {
    expect(tagChanges([{ key: 'a', value: '1' }], [row(0, 'b', '1')])).toEqual({
      add_tags: [{ key: 'b', value: '1' }],
      delete_tags: ['a'],
    });
  });
});

it('names the rows that are wrong', () => {
  expect([...tagFaults([row(0, 'a'), row(1, 'a '), row(2, '', 'x'), row(3, '')])]).toEqual([
    [1, 'twice'],
    [2, 'empty'],
  ]);
});
