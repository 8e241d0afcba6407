import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { get, path, query } from '../../../base/api';
import { spanOf, type RangeName } from './ranges';
import type { MetricsHistory } from './series';

const refreshMs = 15_000;

/** What was there stays until the new numbers are: nothing flickers. Asks only while the page is visible. */
export function useHistory(name: string, range: RangeName) {
  return useQuery({
    queryKey: ['metrics-history', name, range],
    queryFn: ({ signal }) => {
      const { startMs, endMs, stepSeconds } = spanOf(range, Date.now());
      const values = { start_ms: startMs, end_ms: endMs, step_seconds: stepSeconds };
      return get<MetricsHistory>(
        path`/api/2.0/sluice/serving-endpoints/${name}/metrics-history` + query(values),
        signal,
      );
    },
    refetchInterval: refreshMs,
    placeholderData: keepPreviousData,
  });
}
