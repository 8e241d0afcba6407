// What others do to the endpoint while it is edited here.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ApiError, get, path } from '../../base/api';
import { useLiveEndpoints } from '../../base/live';
import type { AiGateway, Endpoint, ProviderSchema, Tag } from '../../base/types';
import type { Json } from './draft';
import { fromEndpoint } from './from_endpoint';
import { sameJson, type Step } from './plan';
import { toRequest } from './to_request';

/** What the form can say of an endpoint. */
export const savedIn = (endpoint: Endpoint, schemas: ProviderSchema[]): Json =>
  toRequest(fromEndpoint(endpoint, schemas), schemas);

const versionOf = (endpoint: Endpoint) => (endpoint.config ?? endpoint.pending_config)?.config_version;

/** Their order means nothing, nor whether an empty value is shown. */
const plainTags = (tags: Tag[] = []): Tag[] =>
  tags.map(({ key, value = '' }) => ({ key, value })).sort((a, b) => (a.key < b.key ? -1 : 1));

/** Nobody has saved anything between the two. A secret that is never shown makes a new version, too. */
export function isSame(before: Endpoint, now: Endpoint, schemas: ProviderSchema[]): boolean {
  if (before.id !== now.id || versionOf(before) !== versionOf(now)) return false;
  const plain = (endpoint: Endpoint) => savedIn({ ...endpoint, tags: plainTags(endpoint.tags) }, schemas);
  return sameJson(plain(before), plain(now));
}

/** What this page has saved itself since `base`: the parts as the gateway has answered, of the config its version. */
export interface Own extends Pick<Endpoint, 'ai_gateway' | 'tags' | 'email_notifications'> {
  version?: number | undefined;
}

/** What a call that went well has added to it. Others' tags are in the answer too: it does not tell whose they are. */
export function ownAfter(own: Own, base: Endpoint, { part, body }: Pick<Step, 'part' | 'body'>, answer: Endpoint): Own {
  switch (part) {
    case 'config':
      return { ...own, version: (answer.pending_config ?? answer.config)?.config_version };
    case 'ai_gateway':
      return { ...own, ai_gateway: answer as AiGateway };
    case 'tags': {
      const { add_tags: added = [], delete_tags: gone = [] } = body as { add_tags?: Tag[]; delete_tags?: string[] };
      const lost = [...gone, ...added.map((each) => each.key)];
      const kept = (own.tags ?? base.tags ?? []).filter((each) => !lost.includes(each.key));
      return { ...own, tags: [...kept, ...added] };
    }
    case 'email_notifications':
      return { ...own, email_notifications: answer.email_notifications ?? {} };
  }
}

/** Nobody but this page has saved anything since `base`. A config of its own may still be on its way. */
export function isOwn(base: Endpoint, own: Own, now: Endpoint, schemas: ProviderSchema[]): boolean {
  const { version, ...parts } = own;
  const stands = version !== undefined && version === versionOf(now) ? { config: now.config, pending_config: now.pending_config } : {};
  return isSame({ ...base, ...parts, ...stands } as Endpoint, now, schemas);
}

export interface Theirs {
  base: Endpoint | null; // what this edit stands on; null: a new endpoint is made
  changed: Endpoint | null; // what it has become since, by others
  gone: boolean;
  /** Asks the gateway. True: everything is as `base` says. */
  look: () => Promise<boolean>;
  /** The user has decided to go on from here. */
  accept: (now: Endpoint) => void;
  /** Nothing is looked for while this page saves: its own changes may be seen before it has their answers. */
  saving: (on: boolean) => void;
  /** A call of this page went well: what it changed is nobody else's. */
  saved: (step: Step, answer: Endpoint) => void;
}

export function useTheirs(endpoint: Endpoint | null, schemas: ProviderSchema[]): Theirs {
  const [base, setBase] = useState(endpoint);
  const [changed, setChanged] = useState<Endpoint | null>(null);
  const [gone, setGone] = useState(false);
  const latest = useRef(base);
  const isSaving = useRef(false);
  const own = useRef<Own>({});

  const stand = useCallback((now: Endpoint, since: Own) => {
    latest.current = now;
    own.current = since;
    setBase(now);
    setChanged(null);
  }, []);
  const accept = useCallback((now: Endpoint) => stand(now, {}), [stand]);
  const saved = useCallback((step: Step, answer: Endpoint) => {
    if (latest.current) own.current = ownAfter(own.current, latest.current, step, answer);
  }, []);
  const look = useCallback(async () => {
    const before = latest.current;
    if (!before) return true;
    try {
      const now = await get<Endpoint>(path`/api/2.0/serving-endpoints/${before.name}`);
      if (latest.current !== before) return false; // an answer about what is past
      const { version } = own.current;
      const same = isOwn(before, own.current, now, schemas);
      const settled = version === undefined || version === versionOf(now);
      if (same && settled && Object.keys(own.current).length > 0) stand(now, {});
      else setChanged(same ? null : now);
      setGone(false);
      return same;
    } catch (cause) {
      if (!(cause instanceof ApiError) || cause.status !== 404) throw cause;
      setGone(true);
      return false;
    }
  }, [schemas, stand]);

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
  return { base, changed, gone, look, accept, saving, saved };
}
