import { describe, expect, it } from 'vitest';
import { sticks } from './use_stick';

describe('sticks', () => {
  const at = (top: number) => ({ top, height: 1000, window: 200 });
  it.each([
    ['at the end', false, 700, 800, true],
    ['near the end', true, 800, 795, true],
    ['scrolled up', true, 800, 700, false],
    ['scrolled down, not to the end', false, 300, 400, false],
    ['the content has grown below', true, 700, 700, true],
    ['on the way to the end', true, 400, 600, true],
  ])('%s', (_, before, last, top, after) => expect(sticks(before, last, at(top))).toBe(after));
});
