// What the charts and the table of the split show, from one answer of metrics-history.
import type { Route } from '../../../base/types';

export type Points = (number | null)[];

export const countNames = [
  'requests',
  'errors_4xx',
  'errors_5xx',
  'rate_limited',
  'input_tokens',
  'output_tokens',
] as const;
export const timeNames = [
  'latency_p50_ms',
  'latency_p99_ms',
  'first_token_p50_ms',
  'first_token_p99_ms',
  'overhead_p50_us',
  'overhead_p99_us',
] as const;
export type SeriesName = (typeof countNames)[number] | (typeof timeNames)[number];
export type Series = Record<SeriesName, Points>;

export interface MetricsHistory {
  start_ms: number;
  end_ms: number;
  step_seconds: number;
  times: number[];
  total: Series;
  entities: (Series & { name: string })[];
}

export type Unit = 'count' | 'ms' | 'us';

export const charts = [
  { id: 'requests', unit: 'count', members: ['requests'] },
  { id: 'latency', unit: 'ms', members: ['latency_p50_ms', 'latency_p99_ms'] },
  { id: 'firstToken', unit: 'ms', members: ['first_token_p50_ms', 'first_token_p99_ms'] },
  { id: 'tokens', unit: 'count', members: ['input_tokens', 'output_tokens'] },
  { id: 'errors', unit: 'count', members: ['errors_4xx', 'errors_5xx'] },
  { id: 'limited', unit: 'count', members: ['rate_limited'] },
  { id: 'overhead', unit: 'us', members: ['overhead_p50_us', 'overhead_p99_us'] },
] as const satisfies readonly { id: string; unit: Unit; members: readonly SeriesName[] }[];
export type ChartSpec = (typeof charts)[number];
export type ChartId = ChartSpec['id'];

const seen = (points: Points): number[] => points.filter((each) => each !== null);

export const sum = (points: Points): number => seen(points).reduce((total, each) => total + each, 0);

export function highest(points: Points): number | null {
  const values = seen(points);
  return values.length ? Math.max(...values) : null;
}

/** The middle one of what was seen. */
export function typical(points: Points): number | null {
  const values = seen(points).sort((a, b) => a - b);
  return values[Math.floor((values.length - 1) / 2)] ?? null;
}

export const isQuiet = (of: Series): boolean => countNames.every((name) => sum(of[name]) === 0);

/** The series of one entity; of all when no entity is named, or when it was not there in this range. */
export function seriesOf(history: MetricsHistory, entity: string): Series {
  return history.entities.find((each) => each.name === entity) ?? (entity ? emptySeries(history) : history.total);
}

function emptySeries({ times }: MetricsHistory): Series {
  const all = (value: number | null) => times.map(() => value);
  const entries = [
    ...countNames.map((name) => [name, all(0)] as const),
    ...timeNames.map((name) => [name, all(null)] as const),
  ];
  return Object.fromEntries(entries) as Series;
}

export interface SplitRow {
  name: string;
  asked: number | null; // per cent; null: the config of today does not have it
  requests: number;
  measured: number | null; // per cent; null: nobody asked anything
}

/** What the config asks for beside what came. Entities of earlier configs stand last. */
export function splitOf(history: MetricsHistory, routes: Route[]): SplitRow[] {
  const requests = new Map(history.entities.map((each) => [each.name, sum(each.requests)]));
  const all = [...requests.values()].reduce((total, each) => total + each, 0);
  const row = (name: string, asked: number | null): SplitRow => {
    const own = requests.get(name) ?? 0;
    return { name, asked, requests: own, measured: all ? (own / all) * 100 : null };
  };
  const askedOf = routes.map((each) => ({
    name: each.served_model_name || (each.served_entity_name ?? ''),
    share: each.traffic_percentage,
  }));
  const known = new Set(askedOf.map((each) => each.name));
  const gone = history.entities.filter((each) => !known.has(each.name) && sum(each.requests) > 0);
  return [...askedOf.map((each) => row(each.name, each.share)), ...gone.map((each) => row(each.name, null))];
}
