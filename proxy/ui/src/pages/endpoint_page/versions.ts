// The history of an endpoint's configs, as the gateway tells it.
import type { EndpointConfig } from '../../base/types';

export type Outcome = 'active' | 'superseded' | 'failed' | 'canceled' | 'pending';

export interface Version {
  version: number;
  created_ms: number;
  created_by: string;
  outcome: Outcome;
  message?: string;
  config: EndpointConfig;
}

export interface VersionPage {
  versions: Version[];
  next_page_token?: string;
}

/** What to compare a version with: the one before it, or the active one. */
export type Against = 'before' | 'active';

export type Other =
  | { kind: 'found'; version: Version }
  | { kind: 'none' } // nothing to compare with
  | { kind: 'elsewhere' }; // on a page that is not here yet

/** `versions` are the newest ones, newest first; `all` of them or not. */
export function otherOf(versions: Version[], version: Version, against: Against, all: boolean): Other {
  const found =
    against === 'active'
      ? versions.find((each) => each.outcome === 'active')
      : versions.find((each) => each.version < version.version);
  if (found) return { kind: 'found', version: found };
  return { kind: all ? 'none' : 'elsewhere' };
}

/** Going back to what is active, or what is being made ready, means nothing. */
export const mayRestore = (version: Version): boolean => version.outcome !== 'active' && version.outcome !== 'pending';
