// One endpoint as it is now: asked every second while it updates, else whenever the changes feed shows a change.
import { useEffect, useMemo, useRef } from 'react';
import { useQuery } from '@tanstack/react-query';
import { ApiError, get } from '../../base/api';
import { useLiveEndpoints } from '../../base/live';
import type { Endpoint } from '../../base/types';
import { endpointKey, endpointPath } from './paths';

const updatingMs = 1200;

export interface EndpointNow {
  endpoint: Endpoint | undefined; // the last one known
  missing: boolean; // it does not exist (any more)
  error: Error | null;
  askAgain: () => void;
}

const isMissing = (error: Error | null): boolean => error instanceof ApiError && error.status === 404;

export function useEndpoint(name: string): EndpointNow {
  const { data, error, refetch } = useQuery({
    queryKey: endpointKey(name),
    queryFn: ({ signal }) => get<Endpoint>(endpointPath(name), signal),
    refetchInterval: (query) =>
      query.state.data?.state.config_update === 'IN_PROGRESS' && !isMissing(query.state.error) ? updatingMs : false,
  });
  const { all } = useLiveEndpoints();
  const item = useMemo(() => (all ? (all.find((each) => each.name === name) ?? null) : undefined), [all, name]);
  const last = useRef(item);
  useEffect(() => {
    if (last.current !== undefined && last.current !== item) void refetch();
    last.current = item;
  }, [item, refetch]);
  return { endpoint: data, missing: isMissing(error), error, askAgain: () => void refetch() };
}
