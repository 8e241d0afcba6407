// Rate limits as a form holds them: one row for whom a limit is for, with texts as they are typed.
import type { RateLimit } from '../base/types';

export const principalKinds = ['user', 'user_group', 'service_principal'] as const;
export type PrincipalKind = (typeof principalKinds)[number];
export type LimitKind = 'endpoint' | 'each_user' | PrincipalKind;

export interface LimitRow {
  id: number;
  kind: LimitKind;
  principal: string; // '' for the endpoint and for each user
  calls: string; // per minute; '': no limit
  tokens: string;
}

export interface LimitsDraft {
  endpoint: LimitRow; // always there, empty when nothing is set
  eachUser: LimitRow;
  rows: LimitRow[]; // of named principals
  others: RateLimit[]; // what this page does not know: kept as it is
}

export const mostLimits = 20;
export const mostGroupLimits = 5;

let nextId = 1;

export function newRow(kind: LimitKind = 'user'): LimitRow {
  return { id: nextId++, kind, principal: '', calls: '', tokens: '' };
}

function kindOf(limit: RateLimit): LimitKind | null {
  const key = limit.key ?? 'endpoint';
  if (key === 'endpoint') return 'endpoint';
  if (key === 'user' && !limit.principal) return 'each_user';
  return principalKinds.find((each) => each === key) ?? null;
}

const textOf = (value: number | undefined): string => (value === undefined ? '' : String(value));

/** Limits on calls and on tokens of the same principal share a row. */
export function draftOf(limits: RateLimit[]): LimitsDraft {
  const draft: LimitsDraft = { endpoint: newRow('endpoint'), eachUser: newRow('each_user'), rows: [], others: [] };
  for (const limit of limits) {
    const kind = kindOf(limit);
    if (kind === null || limit.renewal_period !== 'minute') {
      draft.others.push(limit);
      continue;
    }
    const calls = textOf(limit.calls);
    const tokens = textOf(limit.tokens);
    const principal = limit.principal ?? '';
    const fits = (row: LimitRow) =>
      row.kind === kind && row.principal === principal && !(calls && row.calls) && !(tokens && row.tokens);
    const row = rowsOf(draft).find(fits);
    if (row) {
      row.calls ||= calls;
      row.tokens ||= tokens;
    } else {
      draft.rows.push({ ...newRow(kind), principal, calls, tokens });
    }
  }
  return draft;
}

export const rowsOf = (draft: LimitsDraft): LimitRow[] => [draft.endpoint, draft.eachUser, ...draft.rows];

export function withRow(draft: LimitsDraft, changed: LimitRow): LimitsDraft {
  const put = (row: LimitRow) => (row.id === changed.id ? changed : row);
  return { ...draft, endpoint: put(draft.endpoint), eachUser: put(draft.eachUser), rows: draft.rows.map(put) };
}

export const withoutRow = (draft: LimitsDraft, id: number): LimitsDraft => ({
  ...draft,
  rows: draft.rows.filter((row) => row.id !== id),
});

function limitsOfRow({ kind, principal, calls, tokens }: LimitRow): RateLimit[] {
  const whom: Pick<RateLimit, 'key' | 'principal'> = { key: kind === 'each_user' ? 'user' : kind };
  if (isNamed(kind)) whom.principal = principal.trim();
  const out: RateLimit[] = [];
  // Two entries: one with both members is refused by the original service.
  if (calls.trim()) out.push({ calls: Number(calls), ...whom, renewal_period: 'minute' });
  if (tokens.trim()) out.push({ tokens: Number(tokens), ...whom, renewal_period: 'minute' });
  return out;
}

export const limitsOf = (draft: LimitsDraft): RateLimit[] => [
  ...rowsOf(draft).flatMap(limitsOfRow),
  ...draft.others,
];

export const isNamed = (kind: LimitKind): kind is PrincipalKind => kind !== 'endpoint' && kind !== 'each_user';

export type LimitFault = 'needPrincipal' | 'needNumber' | 'notWhole' | 'twice' | 'tooMany' | 'tooManyGroups';
export type LimitField = 'principal' | 'calls' | 'tokens';

/** Faults at a row's field; those of the whole list have no row. */
export interface LimitFaults {
  rows: Record<number, Partial<Record<LimitField, LimitFault>>>;
  list: LimitFault | null;
}

function isWhole(text: string): boolean {
  return /^\d+$/.test(text.trim()) && Number.isSafeInteger(Number(text));
}

function faultsOfRow(row: LimitRow, before: LimitRow[]): Partial<Record<LimitField, LimitFault>> {
  const out: Partial<Record<LimitField, LimitFault>> = {};
  if (row.calls.trim() && !isWhole(row.calls)) out.calls = 'notWhole';
  if (row.tokens.trim() && !isWhole(row.tokens)) out.tokens = 'notWhole';
  if (!isNamed(row.kind)) return out;
  const principal = row.principal.trim();
  if (!principal) out.principal = 'needPrincipal';
  else if (before.some((each) => each.kind === row.kind && each.principal.trim() === principal)) out.principal = 'twice';
  if (!row.calls.trim() && !row.tokens.trim()) out.calls = 'needNumber';
  return out;
}

export function faultsOf(draft: LimitsDraft): LimitFaults {
  const rows = rowsOf(draft);
  const faults: LimitFaults = { rows: {}, list: null };
  rows.forEach((row, i) => {
    const found = faultsOfRow(row, rows.slice(0, i));
    if (Object.keys(found).length) faults.rows[row.id] = found;
  });
  const limits = limitsOf(draft);
  if (limits.length > mostLimits) faults.list = 'tooMany';
  else if (limits.filter((each) => each.key === 'user_group').length > mostGroupLimits) faults.list = 'tooManyGroups';
  return faults;
}

export const hasFaults = (faults: LimitFaults): boolean => faults.list !== null || Object.keys(faults.rows).length > 0;

/** Which row a sentence of the gateway is about: it names "rate_limits[2].calls" or, in quotes, a principal. */
export function rowOfMessage(draft: LimitsDraft, message: string): { id: number; field: LimitField } | null {
  const place = /rate_limits\[(\d+)\](?:\.(\w+))?/.exec(message);
  if (place) {
    const owners = rowsOf(draft).flatMap((row) => limitsOfRow(row).map((limit) => ({ row, limit })));
    const owner = owners[Number(place[1])];
    if (!owner) return null;
    const named = place[2] === 'principal' && isNamed(owner.row.kind) ? 'principal' : null;
    return { id: owner.row.id, field: named ?? (owner.limit.calls === undefined ? 'tokens' : 'calls') };
  }
  const row = draft.rows.find((each) => each.principal.trim() && message.includes(`'${each.principal.trim()}'`));
  if (row) return { id: row.id, field: 'principal' };
  const withTokens = /\btokens\b/i.test(message) ? rowsOf(draft).find((each) => each.tokens.trim()) : undefined;
  return withTokens ? { id: withTokens.id, field: 'tokens' } : null;
}
