import { describe, expect, it } from 'vitest';
import { axisTexts, duration, percent, pointTime, tableTime, timeTexts, valueText, wholeMs } from './formats';

describe('formats', () => {
  it('write durations in the unit that fits', () => {
    expect(duration(0, 'en')).toBe('0 µs');
    expect(duration(31.24, 'en')).toBe('31.2 µs');
    expect(duration(870, 'en')).toBe('870 µs');
    expect(duration(4310, 'en')).toBe('4.31 ms');
    expect(duration(1_240_000, 'en')).toBe('1.24 s');
    expect(wholeMs(0, 'en')).toBe('< 1 ms');
    expect(wholeMs(36, 'en')).toBe('36 ms');
    expect(wholeMs(null, 'en')).toBe('–');
    expect(duration(90_000_000, 'ko')).toBe('90 s');
  });

  it('write values of charts', () => {
    expect(valueText('ms', 120, 'en')).toBe('120 ms');
    expect(valueText('ms', 0, 'en')).toBe('0 ms');
    expect(valueText('us', 1500, 'en')).toBe('1.5 ms');
    expect(valueText('count', 12345, 'en')).toBe('12,345');
    expect(valueText('count', null, 'en')).toBe('–');
  });

  it('give an axis one unit', () => {
    expect(axisTexts('ms', [0, 500, 1000], 'en')).toEqual(['0 s', '0.5 s', '1 s']);
    expect(axisTexts('us', [0, 50], 'en')).toEqual(['0 µs', '50 µs']);
    expect(axisTexts('count', [0, 1500], 'en')).toEqual(['0', '1.5K']);
    expect(axisTexts('count', [20_000], 'ko')).toEqual(['2만']);
  });

  it('write local times, and days where they begin', () => {
    const at = (hour: number, minute = 0) => new Date(2026, 10, 27, hour, minute).getTime() / 1000;
    expect(timeTexts([at(0), at(13, 5)], 3600, 'en')).toEqual(['Nov 27', '13:05']);
    expect(timeTexts([at(9)], 86_400, 'ko')).toEqual(['11월 27일']);
    expect(pointTime(at(13, 5) * 1000, 3600_000, 'en')).toBe('13:05');
    expect(tableTime(at(13, 5) * 1000, 'en')).toBe('Nov 27, 13:05');
    expect(pointTime(at(13, 5) * 1000, 86_400_000, 'en')).toBe('Nov 27, 13:05');
  });

  it('write shares', () => {
    expect(percent(0, 'en')).toBe('0%');
    expect(percent(3.333, 'en')).toBe('3.3%');
    expect(percent(66.67, 'en')).toBe('67%');
    expect(percent(null, 'en')).toBe('–');
  });
});
