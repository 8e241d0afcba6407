import { describe, expect, it } from 'vitest';
import { namesOf, searchFilter } from './principals';

describe('names of principals', () => {
  it('are what the API wants, with what people know', () => {
    expect(namesOf('user', [{ userName: 'a@x', displayName: 'Alice' }])).toEqual([{ value: 'a@x', label: 'Alice' }]);
    expect(namesOf('user_group', [{ displayName: 'data' }])).toEqual([{ value: 'data', label: '' }]);
    expect(namesOf('service_principal', [{ applicationId: '1-2', displayName: 'robot' }, {}])).toEqual([
      { value: '1-2', label: 'robot' },
    ]);
  });

  it('are searched with what was typed, whatever it is', () => {
    expect(searchFilter('userName', 'al')).toBe('userName co "al"');
    expect(searchFilter('userName', 'a" or \\')).toBe('userName co "a\\" or \\\\"');
    expect(searchFilter('userName', '')).toBe('');
  });
});
