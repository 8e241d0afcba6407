// Users, groups and service principals as they are searched for.
import { get, query } from '../base/api';

export type PrincipalKind = 'user' | 'group' | 'servicePrincipal';

export interface Principal {
  kind: PrincipalKind;
  id: string;
  name: string; // what the API knows it by
  display: string; // what people call it
}

interface Resource {
  id: string;
  userName?: string;
  applicationId?: string;
  displayName?: string;
}

export const scimRoot = '/api/2.0/preview/scim/v2/';
export const folders: Record<PrincipalKind, string> = {
  user: 'Users',
  servicePrincipal: 'ServicePrincipals',
  group: 'Groups',
};

/** The API's name comes first. */
export const searched = {
  user: ['userName', 'displayName'],
  servicePrincipal: ['applicationId', 'displayName'],
  group: ['displayName'],
} as const;

/** The filter that finds a text in the names of its kind; '' for an empty text. Quotes in the text are only text. */
export function searchFilter(kind: PrincipalKind, text: string): string {
  const wanted = text.trim();
  if (!wanted) return '';
  return searched[kind].map((name) => `${name} co ${JSON.stringify(wanted)}`).join(' or ');
}

export function principalOf(kind: PrincipalKind, found: Resource): Principal {
  const name = found[searched[kind][0]] ?? '';
  return { kind, id: found.id, name, display: found.displayName || name };
}

export async function findPrincipals(
  kind: PrincipalKind,
  text: string,
  count: number,
  signal?: AbortSignal,
): Promise<Principal[]> {
  const asked = query({
    filter: searchFilter(kind, text),
    startIndex: 1,
    count,
    sortBy: searched[kind][0],
    attributes: searched[kind].join(','),
  });
  const answer = await get<{ Resources?: Resource[] }>(scimRoot + folders[kind] + asked, signal);
  return (answer.Resources ?? []).map((each) => principalOf(kind, each)).filter((each) => each.name !== '');
}
