import { describe, expect, it } from 'vitest';
import { isFiltered, plainView, readView, sortedBy, writeView, type View } from './view';

const through = (view: View) => readView(new URLSearchParams(writeView(view).toString()));

describe('the view in the address', () => {
  it('says nothing of what is plain', () => {
    expect(writeView(plainView).toString()).toBe('');
    expect(readView(new URLSearchParams(''))).toEqual(plainView);
  });
  it('comes back as it went', () => {
    const view: View = {
      search: 'a&b=c <script>',
      mine: true,
      task: 'llm/v1/chat',
      state: 'updateFailed',
      provider: 'openai',
      tag: 'team: gen=ai',
      sort: 'updated',
      descending: true,
    };
    expect(through(view)).toEqual(view);
    expect(through({ ...plainView, descending: true })).toEqual({ ...plainView, descending: true });
  });
  it('leaves out what it does not know', () => {
    expect(readView(new URLSearchParams('sort=-nonsense&state=nonsense&mine=yes'))).toEqual(plainView);
  });
});

describe('a click on a head', () => {
  it('turns the order of the column that sorts already', () => {
    const once = sortedBy(plainView, 'creator');
    expect([once.sort, once.descending]).toEqual(['creator', false]);
    expect(sortedBy(once, 'creator').descending).toBe(true);
  });
  it('begins with the newest where the column is a time', () => {
    expect(sortedBy(plainView, 'updated').descending).toBe(true);
  });
});

it('an order is no filter', () => {
  expect(isFiltered({ ...plainView, sort: 'task', descending: true })).toBe(false);
  expect(isFiltered({ ...plainView, mine: true })).toBe(true);
});
