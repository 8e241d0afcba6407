// Users, groups and service principals as the SCIM calls have them, and what changes of them look like.
import { call, get, path, query } from '../../base/api';
import { folders, scimRoot as root, searched, searchFilter, type PrincipalKind } from '../../parts/principals';
import type { PageOf } from './paged';

export type { PrincipalKind };
export type PersonKind = Exclude<PrincipalKind, 'group'>;

export interface Valued {
  value: string;
}

export interface Membership extends Valued {
  display?: string;
  type?: 'direct' | 'indirect';
  $ref?: string;
}

/** A user or a service principal; the one has a userName, the other an applicationId. */
export interface Person {
  id: string;
  userName?: string;
  applicationId?: string;
  displayName?: string;
  active?: boolean;
  entitlements?: Valued[];
  groups?: Membership[];
}

export interface Group {
  id: string;
  displayName: string;
  members?: Membership[];
  groups?: Membership[];
  entitlements?: Valued[];
}

export const createEntitlement = 'workspace-access';
export const fixedGroups: readonly string[] = ['admins', 'users'];

/** What the rest of the API knows a user or service principal by. */
export const nameOf = (person: Person): string => person.userName ?? person.applicationId ?? person.id;

export const isFixed = (group: Group): boolean => fixedGroups.includes(group.displayName);

interface ListAnswer<Row> {
  Resources?: Row[];
  totalResults: number;
}

export interface Wanted {
  search?: string;
  count?: number;
  attributes?: string;
  excludedAttributes?: string;
}

/** One page, by name; `from` is the startIndex that the page before has given. */
export async function listScim<Row>(
  kind: PrincipalKind,
  wanted: Wanted,
  from?: string,
  signal?: AbortSignal,
): Promise<PageOf<Row>> {
  const start = Number(from ?? 1);
  const { search = '', count = 100, ...attributes } = wanted;
  const answer = await get<ListAnswer<Row>>(
    root +
      folders[kind] +
      query({ filter: searchFilter(kind, search), startIndex: start, count, sortBy: searched[kind][0], ...attributes }),
    signal,
  );
  const rows = answer.Resources ?? [];
  const next = start + rows.length;
  return {
    rows,
    total: answer.totalResults,
    next: rows.length > 0 && next <= answer.totalResults ? String(next) : undefined,
  };
}

const place = (kind: PrincipalKind, id: string): string => root + folders[kind] + path`/${id}`;

export const getScim = <Row>(kind: PrincipalKind, id: string, signal?: AbortSignal): Promise<Row> =>
  get<Row>(place(kind, id), signal);
export const createScim = <Row>(kind: PrincipalKind, body: unknown): Promise<Row> =>
  call<Row>('POST', root + folders[kind], { body });
export const deleteScim = (kind: PrincipalKind, id: string): Promise<unknown> => call('DELETE', place(kind, id));

export interface Operation {
  op: 'add' | 'replace' | 'remove';
  path: string;
  value?: unknown;
}

export const patchScim = (kind: PrincipalKind, id: string, operations: Operation[]): Promise<unknown> =>
  call('PATCH', place(kind, id), {
    body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations },
  });

/** What the form of a user or service principal holds. */
export interface PersonDraft {
  name: string; // '' for a service principal: the gateway makes an application id
  displayName: string;
  mayCreate: boolean;
  otherEntitlements: string; // "a, b"
  groups: { id: string; name: string }[]; // those that are direct
}

export const emptyPerson: PersonDraft = { name: '', displayName: '', mayCreate: false, otherEntitlements: '', groups: [] };

export function draftOf(person: Person): PersonDraft {
  const entitlements = (person.entitlements ?? []).map((each) => each.value);
  return {
    name: nameOf(person),
    displayName: person.displayName ?? '',
    mayCreate: entitlements.includes(createEntitlement),
    otherEntitlements: entitlements.filter((each) => each !== createEntitlement).join(', '),
    groups: (person.groups ?? [])
      .filter((each) => each.type !== 'indirect')
      .map((each) => ({ id: each.value, name: each.display ?? each.value })),
  };
}

function entitlementsOf(draft: PersonDraft): Valued[] {
  const others = draft.otherEntitlements.split(',').map((each) => each.trim());
  const all = [draft.mayCreate ? createEntitlement : '', ...others].filter(Boolean);
  return [...new Set(all)].map((value) => ({ value }));
}

const groupsOf = (draft: PersonDraft): Valued[] => draft.groups.map(({ id }) => ({ value: id }));

export function newPerson(kind: PersonKind, draft: PersonDraft): Record<string, unknown> {
  const made: Record<string, unknown> = { entitlements: entitlementsOf(draft), groups: groupsOf(draft) };
  const name = draft.name.trim();
  if (kind === 'user') made.userName = name;
  else if (name) made.applicationId = name;
  if (draft.displayName.trim()) made.displayName = draft.displayName.trim();
  return made;
}

/** Only what differs: a change that somebody else makes meanwhile to something else stays. */
export function changesOf(before: PersonDraft, after: PersonDraft): Operation[] {
  const made: Operation[] = [];
  const replace = (name: string, value: unknown, old: unknown) => {
    if (JSON.stringify(value) !== JSON.stringify(old)) made.push({ op: 'replace', path: name, value });
  };
  replace('displayName', after.displayName.trim(), before.displayName);
  replace('entitlements', entitlementsOf(after), entitlementsOf(before));
  replace('groups', groupsOf(after), groupsOf(before));
  return made;
}

/** The kind of a group's member, by its $ref. */
export function kindOfMember(member: Membership): PrincipalKind {
  const folder = member.$ref?.split('/')[0];
  return folder === 'Groups' ? 'group' : folder === 'ServicePrincipals' ? 'servicePrincipal' : 'user';
}

export const addMember = (id: string): Operation => ({ op: 'add', path: 'members', value: [{ value: id }] });
export const removeMember = (id: string): Operation => ({
  op: 'remove',
  path: `members[value eq ${JSON.stringify(id)}]`,
});
