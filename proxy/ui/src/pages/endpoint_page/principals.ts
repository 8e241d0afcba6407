// The users, groups and service principals that a text may mean.
import { get, query } from '../../base/api';
import type { PrincipalKind } from './grants';

export interface Choice {
  name: string; // what a permission names it by
  label: string; // what people call it, where that is another
}

interface Found {
  userName?: string;
  displayName?: string;
  applicationId?: string;
}

const lists = {
  user: { path: '/api/2.0/preview/scim/v2/Users', name: 'userName', others: ['displayName'] },
  group: { path: '/api/2.0/preview/scim/v2/Groups', name: 'displayName', others: [] },
  service_principal: {
    path: '/api/2.0/preview/scim/v2/ServicePrincipals',
    name: 'applicationId',
    others: ['displayName'],
  },
} as const;

const most = 20;

/** A SCIM filter; quotes and backslashes in the text are only text. */
export function filterFor(kind: PrincipalKind, text: string): string | undefined {
  if (text === '') return undefined;
  const quoted = JSON.stringify(text);
  return [lists[kind].name, ...lists[kind].others].map((each) => `${each} co ${quoted}`).join(' or ');
}

export function choiceOf(kind: PrincipalKind, found: Found): Choice {
  const name = found[lists[kind].name] ?? '';
  const label = found.displayName ?? '';
  return { name, label: label === name ? '' : label };
}

export async function findPrincipals(kind: PrincipalKind, text: string, signal?: AbortSignal): Promise<Choice[]> {
  const asked = query({
    filter: filterFor(kind, text),
    count: most,
    startIndex: 1,
    attributes: [lists[kind].name, ...lists[kind].others].join(','),
  });
  const answer = await get<{ Resources?: Found[] }>(lists[kind].path + asked, signal);
  return (answer.Resources ?? []).map((each) => choiceOf(kind, each)).filter((each) => each.name !== '');
}
