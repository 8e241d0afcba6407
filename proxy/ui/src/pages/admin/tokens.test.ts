import { describe, expect, it } from 'vitest';
import { secondsOf } from './lifetime';
import { expiryOf, filterTokens, type TokenInfo } from './tokens';

const token = (more: Partial<TokenInfo>): TokenInfo => ({
  token_id: 'id',
  creation_time: 0,
  expiry_time: -1,
  comment: '',
  ...more,
});

describe('secondsOf', () => {
  it('knows days, no end, and what is no number of days', () => {
    expect(secondsOf({ choice: '7', days: '' }, 730)).toBe(604_800);
    expect(secondsOf({ choice: 'never', days: '' }, 730)).toBeUndefined();
    expect(secondsOf({ choice: 'other', days: ' 2 ' }, 730)).toBe(172_800);
    for (const days of ['', '0', '-1', '1.5', '731', 'x', '1e2']) {
      expect(secondsOf({ choice: 'other', days }, 730)).toBeNull();
    }
  });
});

describe('expiryOf', () => {
  it('warns a week before', () => {
    const day = 86_400_000;
    expect(expiryOf(token({}), 0)).toBe('never');
    expect(expiryOf(token({ expiry_time: 3 * day }), 0)).toBe('soon');
    expect(expiryOf(token({ expiry_time: 30 * day }), 0)).toBe('later');
    expect(expiryOf(token({ expiry_time: day }), 2 * day)).toBe('past');
  });
});

describe('filterTokens', () => {
  it('looks at comment, id, owner and maker', () => {
    const all = [
      token({ token_id: 'a1', comment: 'My Laptop' }),
      token({ token_id: 'b2', owner_id: 7 }),
      token({ token_id: 'c3', created_by_username: 'root' }),
    ];
    const owner = (each: TokenInfo) => (each.owner_id === 7 ? 'alice' : '');
    const found = (text: string) => filterTokens(all, text, owner).map((each) => each.token_id);
    expect(found(' ')).toEqual(['a1', 'b2', 'c3']);
    expect(found('laptop')).toEqual(['a1']);
    expect(found('ALI')).toEqual(['b2']);
    expect(found('root')).toEqual(['c3']);
    expect(found('b2')).toEqual(['b2']);
    expect(found('none')).toEqual([]);
  });
});
