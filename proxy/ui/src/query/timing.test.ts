import { describe, expect, it } from 'vitest';
import { duration, tokenRate } from './timing';

describe('duration', () => {
  it.each([
    [0, '0ms'],
    [86.7, '87ms'],
    [999.6, '1.00s'],
    [1234, '1.23s'],
    [12_345, '12.3s'],
    [59_999, '1m 0s'],
    [125_000, '2m 5s'],
  ])('%dms', (ms, text) => expect(duration(ms, 'en')).toBe(text));
  it('speaks Korean', () => expect(duration(1234, 'ko')).toBe('1.23초'));
});

describe('tokenRate', () => {
  it('counts from the first token', () => expect(tokenRate(11, 1000, 3000)).toBe(5));
  it.each<[number | null, number | null, number | null]>([
    [null, 0, 1],
    [1, 0, 100],
    [5, null, 100],
    [5, 0, null],
    [5, 100, 199],
  ])('says nothing of %s tokens from %s to %s', (tokens, from, to) => expect(tokenRate(tokens, from, to)).toBeNull());
});
