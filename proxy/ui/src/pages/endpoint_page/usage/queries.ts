import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { get, query } from '../../../base/api';
import type { Summary, Times, UsagePage } from './usage';

export type GroupBy = 'requester' | 'entity';
const rowsOfPage = 50;

export function useUsageSummary(endpoint: string, times: Times, groupBy: GroupBy) {
  return useQuery({
    queryKey: ['usage-summary', endpoint, times, groupBy],
    queryFn: ({ signal }) => {
      const values = { endpoint, start_ms: times.startMs, end_ms: times.endMs, group_by: groupBy };
      return get<Summary>('/api/2.0/sluice/usage/summary' + query(values), signal);
    },
    placeholderData: keepPreviousData,
  });
}

export function useUsagePage(endpoint: string, times: Times, requester: string, token: string) {
  return useQuery({
    queryKey: ['usage-page', endpoint, times, requester, token],
    queryFn: ({ signal }) => {
      const values = {
        endpoint_name: endpoint,
        requester,
        start_time: times.startMs,
        end_time: times.endMs,
        max_results: rowsOfPage,
        page_token: token,
      };
      return get<UsagePage>('/api/2.0/sluice/usage' + query(values), signal);
    },
    placeholderData: keepPreviousData,
  });
}

interface StoredEntity {
  served_entity_id: string;
  served_entity_name: string;
}

/** Rows name their entity by an id; earlier configs' too. Only who manages the endpoint may ask for the names. */
export function useEntityNames(endpoint: string, mayManage: boolean): ReadonlyMap<string, string> {
  const found = useQuery({
    queryKey: ['usage-entities', endpoint],
    queryFn: ({ signal }) =>
      get<{ served_entities: StoredEntity[] }>(
        '/api/2.0/sluice/served-entities' + query({ endpoint_name: endpoint }),
        signal,
      ),
    enabled: mayManage,
    staleTime: 60_000,
    select: (answer) => new Map(answer.served_entities.map((each) => [each.served_entity_id, each.served_entity_name])),
  });
  return found.data ?? noNames;
}

const noNames: ReadonlyMap<string, string> = new Map();
