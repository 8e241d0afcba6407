// Which endpoints refer to a secret: "{{secrets/scope/key}}" as a whole text anywhere in a config.
import type { Endpoint } from '../../base/types';

export interface Reference {
  scope: string;
  key: string;
}

const pattern = /^\{\{\s*secrets\/([A-Za-z0-9._@-]{1,128})\/([A-Za-z0-9._-]{1,128})\s*\}\}$/;

export function parseReference(text: string): Reference | null {
  const found = pattern.exec(text);
  return found ? { scope: found[1]!, key: found[2]! } : null;
}

/** All references in a value, however deep. */
export function referencesIn(value: unknown): Reference[] {
  if (typeof value === 'string') {
    const found = parseReference(value);
    return found ? [found] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(referencesIn);
}

/** Scopes are equal without regard to case, keys are not. */
const idOf = (scope: string, key: string): string => `${scope.toLowerCase()}/${key}`;

export class Uses {
  private readonly byKey = new Map<string, Set<string>>();
  private readonly byScope = new Map<string, Set<string>>();

  constructor(endpoints: readonly Endpoint[]) {
    for (const endpoint of endpoints) {
      for (const { scope, key } of referencesIn([endpoint.config, endpoint.pending_config])) {
        add(this.byKey, idOf(scope, key), endpoint.name);
        add(this.byScope, scope.toLowerCase(), endpoint.name);
      }
    }
  }

  /** Names of the endpoints that use the secret, in order. */
  ofKey = (scope: string, key: string): string[] => [...(this.byKey.get(idOf(scope, key)) ?? [])].sort();
  ofScope = (scope: string): string[] => [...(this.byScope.get(scope.toLowerCase()) ?? [])].sort();
}

function add(to: Map<string, Set<string>>, id: string, name: string): void {
  const known = to.get(id);
  if (known) known.add(name);
  else to.set(id, new Set([name]));
}
