// All endpoints that the caller may view, kept up to date by the gateway's changes feed.
import { useEffect, useSyncExternalStore } from 'react';
import { ApiError, get, query } from './api';
import type { Endpoint } from './types';

interface Changes {
  revision: string;
  reset: boolean;
  endpoints: Endpoint[];
  deleted: string[];
}

export interface LiveEndpoints {
  all: Endpoint[] | null; // by name; null: not here yet
  error: ApiError | null; // why the last question failed; what is known stays
}

const pollMs = 2000;
const slowestMs = 30_000;

/** Applies one answer of the feed; the same list when nothing has changed. */
export function applyChanges(known: Endpoint[] | null, changes: Changes): Endpoint[] {
  if (known && !changes.reset && !changes.endpoints.length && !changes.deleted.length) return known;
  const byName = new Map((changes.reset || !known ? [] : known).map((each) => [each.name, each]));
  for (const name of changes.deleted) byName.delete(name);
  for (const each of changes.endpoints) byName.set(each.name, each);
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

class Feed {
  private state: LiveEndpoints = { all: null, error: null };
  private revision = '';
  private listeners = new Set<() => void>();
  private users = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked: AbortController | undefined;
  private failures = 0;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  current = (): LiveEndpoints => this.state;

  start(): () => void {
    if (this.users++ === 0) void this.ask();
    return () => {
      if (--this.users > 0) return;
      clearTimeout(this.timer);
      this.asked?.abort();
    };
  }

  /** Asks now: after a change that this page made itself. */
  refresh(): void {
    if (this.users > 0) void this.ask();
  }

  /** Another user may be here: nothing may remain, and no answer that is under way counts. */
  forget(): void {
    clearTimeout(this.timer);
    this.asked?.abort();
    this.revision = '';
    this.failures = 0;
    this.show({ all: null, error: null });
    this.refresh();
  }

  private async ask(): Promise<void> {
    clearTimeout(this.timer);
    this.asked?.abort();
    const asked = new AbortController();
    this.asked = asked;
    try {
      if (!document.hidden || !this.state.all) {
        const changes = await get<Changes>('/api/2.0/sluice/endpoints' + query({ since: this.revision }), asked.signal);
        if (asked.signal.aborted) return;
        this.revision = changes.revision;
        this.failures = 0;
        this.show({ all: applyChanges(this.state.all, changes), error: null });
      }
    } catch (cause) {
      if (asked.signal.aborted) return;
      this.failures += 1;
      const error = cause instanceof ApiError ? cause : new ApiError(0, '', String(cause), '');
      this.show({ all: this.state.all, error });
    }
    const wait = Math.min(pollMs * 2 ** this.failures, slowestMs);
    this.timer = setTimeout(() => void this.ask(), wait);
  }

  private show(next: LiveEndpoints): void {
    if (next.all === this.state.all && next.error === this.state.error) return;
    this.state = next;
    for (const listener of this.listeners) listener();
  }
}

export const endpointsFeed = new Feed();

export function useLiveEndpoints(): LiveEndpoints {
  useEffect(() => endpointsFeed.start(), []);
  return useSyncExternalStore(endpointsFeed.subscribe, endpointsFeed.current);
}
