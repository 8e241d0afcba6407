import { describe, expect, it } from 'vitest';
import {
  countNames,
  highest,
  isQuiet,
  seriesOf,
  splitOf,
  sum,
  timeNames,
  typical,
  type MetricsHistory,
  type Points,
  type Series,
} from './series';

function series(requests: Points): Series {
  const zeros = requests.map(() => 0);
  const nothing = requests.map(() => null);
  return {
    ...Object.fromEntries(countNames.map((name) => [name, zeros])),
    ...Object.fromEntries(timeNames.map((name) => [name, nothing])),
    requests,
  } as Series;
}

function history(entities: Record<string, Points>): MetricsHistory {
  const total = Object.values(entities).reduce((a, b) => a.map((value, i) => (value ?? 0) + (b[i] ?? 0)), [0, 0]);
  return {
    start_ms: 0,
    end_ms: 120_000,
    step_seconds: 60,
    times: [0, 60_000],
    total: series(total),
    entities: Object.entries(entities).map(([name, points]) => ({ name, ...series(points) })),
  };
}

describe('series', () => {
  it('are summed without what was not seen', () => {
    expect(sum([1, null, 2])).toBe(3);
    expect(highest([1, null, 7, 2])).toBe(7);
    expect(highest([null])).toBeNull();
    expect(typical([9, null, 1, 5])).toBe(5);
    expect(typical([4, 2])).toBe(2);
    expect(typical([])).toBeNull();
  });

  it('are quiet when nothing was counted', () => {
    expect(isQuiet(history({ a: [0, 0] }).total)).toBe(true);
    expect(isQuiet(history({ a: [0, 1] }).total)).toBe(false);
  });

  it('are those of the entity that is chosen', () => {
    const both = history({ a: [1, 2], b: [3, 4] });
    expect(seriesOf(both, '').requests).toEqual([4, 6]);
    expect(seriesOf(both, 'b').requests).toEqual([3, 4]);
    expect(seriesOf(both, 'gone').requests).toEqual([0, 0]);
    expect(seriesOf(both, 'gone').latency_p50_ms).toEqual([null, null]);
  });
});

describe('the split', () => {
  const route = (served_model_name: string, traffic_percentage: number) => ({ served_model_name, traffic_percentage });

  it('shows what is asked beside what was measured', () => {
    expect(splitOf(history({ a: [1, 2], b: [1, 0] }), [route('a', 80), route('b', 20)])).toEqual([
      { name: 'a', asked: 80, requests: 3, measured: 75 },
      { name: 'b', asked: 20, requests: 1, measured: 25 },
    ]);
  });

  it('has entities of today without traffic, and those of yesterday with some', () => {
    const rows = splitOf(history({ old: [4, 0], older: [0, 0] }), [route('new', 100)]);
    expect(rows).toEqual([
      { name: 'new', asked: 100, requests: 0, measured: 0 },
      { name: 'old', asked: null, requests: 4, measured: 100 },
    ]);
  });

  it('measures nothing where nobody asked', () => {
    expect(splitOf(history({ a: [0, 0] }), [route('a', 100)])[0]!.measured).toBeNull();
  });
});
