import { describe, expect, it } from 'vitest';
import { fromLocalInput, msFrom, rangeFrom, rangeNames, spanOf, toLocalInput } from './ranges';

describe('ranges', () => {
  const now = Date.UTC(2026, 0, 2, 3, 4, 5);

  it('end with the step that is running and have at most 200 points', () => {
    for (const name of rangeNames) {
      const { startMs, endMs, stepSeconds } = spanOf(name, now);
      expect(endMs).toBeGreaterThan(now);
      expect(endMs - now).toBeLessThanOrEqual(stepSeconds * 1000);
      expect(startMs % (stepSeconds * 1000)).toBe(0);
      expect(stepSeconds % 60).toBe(0);
      expect((endMs - startMs) / stepSeconds / 1000).toBeLessThanOrEqual(200);
    }
  });

  it('keep their points while a step lasts', () => {
    expect(spanOf('1d', now)).toEqual(spanOf('1d', now + 15_000));
    expect(spanOf('15m', now).endMs - spanOf('15m', now).startMs).toBe(15 * 60_000);
  });

  it('come from the address, and from nothing else', () => {
    expect(rangeFrom('6h')).toBe('6h');
    expect(rangeFrom('2y')).toBe('1h');
    expect(rangeFrom(null)).toBe('1h');
    expect(msFrom('1767225600000')).toBe(1767225600000);
    for (const wrong of ['', '-1', '1e3', 'now', '9999999999999999']) expect(msFrom(wrong)).toBeNull();
    expect(msFrom(null)).toBeNull();
  });

  it('are local times in a form', () => {
    const ms = new Date(2026, 10, 27, 9, 5).getTime();
    expect(toLocalInput(ms)).toBe('2026-11-27T09:05');
    expect(fromLocalInput('2026-11-27T09:05')).toBe(ms);
    expect(fromLocalInput('')).toBeNull();
    expect(fromLocalInput('soon')).toBeNull();
  });
});
