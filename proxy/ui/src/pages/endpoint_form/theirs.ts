// What others do to the endpoint while it is edited here.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ApiError, get, path } from '../../base/api';
import { useLiveEndpoints } from '../../base/live';
import type { Endpoint, ProviderSchema } from '../../base/types';
import type { Json } from './draft';
import { fromEndpoint } from './from_endpoint';
import { sameJson } from './plan';
import { toRequest } from './to_request';

/** What the form can say of an endpoint. */
export const savedIn = (endpoint: Endpoint, schemas: ProviderSchema[]): Json =>
  toRequest(fromEndpoint(endpoint, schemas), schemas);

const versionOf = (endpoint: Endpoint) => (endpoint.config ?? endpoint.pending_config)?.config_version;

/** Nobody has saved anything between the two. A secret that is never shown makes a new version, too. */
export function isSame(before: Endpoint, now: Endpoint, schemas: ProviderSchema[]): boolean {
  if (before.id !== now.id || versionOf(before) !== versionOf(now)) return false;
  return sameJson(savedIn(before, schemas), savedIn(now, schemas));
}

export interface Theirs {
  base: Endpoint | null; // what this edit stands on; null: a new endpoint is made
  changed: Endpoint | null; // what it has become since, by others
  gone: boolean;
  /** Asks the gateway. True: everything is as `base` says. */
  look: () => Promise<boolean>;
  accept: (now: Endpoint) => void;
  /** While this page saves, and until `base` is known anew, changes are its own. */
  saving: (on: boolean) => void;
}

export function useTheirs(endpoint: Endpoint | null, schemas: ProviderSchema[]): Theirs {
  const [base, setBase] = useState(endpoint);
  const [changed, setChanged] = useState<Endpoint | null>(null);
  const [gone, setGone] = useState(false);
  const latest = useRef(base);
  const isSaving = useRef(false);

  const accept = useCallback((now: Endpoint) => {
    latest.current = now;
    setBase(now);
    setChanged(null);
  }, []);
  const look = useCallback(async () => {
    const before = latest.current;
    if (!before) return true;
    try {
      const now = await get<Endpoint>(path`/api/2.0/serving-endpoints/${before.name}`);
      if (latest.current !== before) return false; // an answer about what is past
      const same = isSame(before, now, schemas);
      setChanged(same ? null : now);
      setGone(false);
      return same;
    } catch (cause) {
      if (!(cause instanceof ApiError) || cause.status !== 404) throw cause;
      setGone(true);
      return false;
    }
  }, [schemas]);

  const { all } = useLiveEndpoints();
  const name = endpoint?.name;
  const item = useMemo(() => (all ? (all.find((each) => each.name === name) ?? null) : undefined), [all, name]);
  useEffect(() => {
    // When it fails, saving asks again.
    if (item !== undefined && !isSaving.current) look().catch(() => {});
  }, [item, look]);

  const saving = useCallback((on: boolean) => {
    isSaving.current = on;
  }, []);
  return { base, changed, gone, look, accept, saving };
}
