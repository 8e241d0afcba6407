// The one list that comes page by page, whatever the call names its pages by.
import { useCallback, useMemo } from 'react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';

export interface PageOf<Row> {
  rows: Row[];
  next: string | undefined; // what the next call is asked with; undefined: this was the last
  total?: number;
}

export interface PagedList<Row> {
  rows: Row[] | undefined; // undefined: nothing has come yet
  total: number | undefined;
  error: unknown; // of the last question; rows that are known stay
  more: (() => void) | undefined; // undefined: there are no more
  loadingMore: boolean;
  refreshing: boolean;
  refresh: () => void;
}

/** A thing that moves from one page to the next while they are read is shown once. */
export function joinPages<Row>(pages: PageOf<Row>[], idOf: (row: Row) => string): Row[] {
  const seen = new Map<string, Row>();
  for (const page of pages) for (const row of page.rows) if (!seen.has(idOf(row))) seen.set(idOf(row), row);
  return [...seen.values()];
}

interface Options<Row> {
  key: readonly unknown[];
  load: (from: string | undefined, signal: AbortSignal) => Promise<PageOf<Row>>;
  idOf: (row: Row) => string;
  enabled?: boolean;
}

export function usePagedList<Row>({ key, load, idOf, enabled = true }: Options<Row>): PagedList<Row> {
  const asked = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => load(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    enabled,
  });
  const { fetchNextPage, refetch } = asked;
  const pages = asked.data?.pages;
  const rows = useMemo(() => pages && joinPages(pages, idOf), [pages, idOf]);
  const more = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  const refresh = useCallback(() => void refetch(), [refetch]);
  return {
    rows,
    total: pages?.at(-1)?.total,
    error: asked.error,
    more: asked.hasNextPage ? more : undefined,
    loadingMore: asked.isFetchingNextPage,
    refreshing: asked.isFetching && !asked.isFetchingNextPage,
    refresh,
  };
}

interface Asked {
  error: unknown;
  isFetching: boolean;
  refetch: () => unknown;
}

/** A list that comes all at once, in the same form. */
export function wholeList<Row>(asked: Asked, rows: Row[] | undefined): PagedList<Row> {
  return {
    rows,
    total: rows?.length,
    error: asked.error,
    more: undefined,
    loadingMore: false,
    refreshing: asked.isFetching,
    refresh: () => void asked.refetch(),
  };
}
