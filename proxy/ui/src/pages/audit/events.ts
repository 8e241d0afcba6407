// The audit log: its filter, its pages, and what is downloaded.
import { get, query } from '../../base/api';
import type { PageOf } from '../admin/paged';

export interface AuditEvent {
  event_id: number;
  event_time: number;
  request_id: string;
  principal_id: string;
  principal_name: string;
  source_ip_address: string;
  user_agent: string;
  action_name: string;
  target: string;
  before?: unknown;
  after?: unknown;
}

export const ranges = { hour: 3600_000, day: 86_400_000, week: 7 * 86_400_000, month: 30 * 86_400_000 } as const;
export type Range = keyof typeof ranges | 'all' | 'custom';
const allRanges: readonly string[] = [...Object.keys(ranges), 'all', 'custom'];

/** As the form and the page's address have it. */
export interface Filter {
  range: Range;
  from: string; // of 'custom', as an <input type="datetime-local"> writes it; '' for open
  to: string;
  principal: string;
  action: string;
  target: string;
}

export const noFilter: Filter = { range: 'all', from: '', to: '', principal: '', action: '', target: '' };

export function filterOf(address: URLSearchParams): Filter {
  const text = (name: string) => address.get(name) ?? '';
  const range = text('range');
  return {
    range: allRanges.includes(range) ? (range as Range) : 'all',
    from: text('from'),
    to: text('to'),
    principal: text('principal'),
    action: text('action'),
    target: text('target'),
  };
}

/** Only what differs from no filter. */
export function addressOf(filter: Filter): Record<string, string> {
  return Object.fromEntries(Object.entries(filter).filter(([name, value]) => value !== noFilter[name as keyof Filter]));
}

export const isFiltered = (filter: Filter): boolean => Object.keys(addressOf(filter)).length > 0;

const msOf = (local: string): number | undefined => {
  const ms = local ? new Date(local).getTime() : NaN;
  return Number.isNaN(ms) ? undefined : ms;
};

/** What the call is asked with. The end is a whole minute, since the form has no seconds. */
export function askedWith(filter: Filter, now: number): Record<string, string | number | undefined> {
  const { range } = filter;
  const custom = range === 'custom';
  const end = custom ? msOf(filter.to) : undefined;
  return {
    start_time: custom ? msOf(filter.from) : range === 'all' ? undefined : now - ranges[range],
    end_time: end === undefined ? undefined : end + 60_000,
    principal_name: filter.principal.trim(),
    action_name: filter.action.trim(),
    target: filter.target.trim(),
  };
}

const pageSize = 50;

export async function listEvents(filter: Filter, from?: string, signal?: AbortSignal): Promise<PageOf<AuditEvent>> {
  const answer = await get<{ audit_events?: AuditEvent[]; next_page_token?: string }>(
    '/api/2.0/sluice/audit' +
      query({ ...askedWith(filter, Date.now()), max_results: pageSize, page_token: from }),
    signal,
  );
  return { rows: answer.audit_events ?? [], next: answer.next_page_token };
}

/** Newer events before those that are known; null: there is a gap between, and all must be asked for again. */
export function joinNewer(known: AuditEvent[], newest: PageOf<AuditEvent>): AuditEvent[] | null {
  const last = known[0]?.event_id ?? 0;
  const newer = newest.rows.filter((each) => each.event_id > last);
  if (newer.length > 0 && newer.length === newest.rows.length && newest.next !== undefined) return null;
  return newer.length > 0 ? [...newer, ...known] : known;
}

export const jsonLines = (events: AuditEvent[]): string =>
  events.map((each) => JSON.stringify(each) + '\n').join('');

/** What the gateway writes; others may be typed as well. */
export const knownActions: readonly string[] = [
  ...[
    'createServingEndpoint',
    'deleteServingEndpoint',
    'updateServingEndpointConfig',
    'cancelServingEndpointConfigUpdate',
    'updateServingEndpointRateLimits',
    'updateServingEndpointTags',
    'updateServingEndpointAiGateway',
    'updateServingEndpointNotifications',
    'updateServingEndpointTelemetryConfig',
    'changeInferenceEndpointAcl',
  ].map((name) => `modelServing.${name}`),
  ...['createScope', 'deleteScope', 'putSecret', 'deleteSecret', 'putAcl', 'deleteAcl'].map((name) => `secrets.${name}`),
  ...[
    'add',
    'updateUser',
    'delete',
    'createGroup',
    'updateGroup',
    'removeGroup',
    'updateServicePrincipal',
    'generateDbToken',
    'revokeDbToken',
    'createServicePrincipalSecret',
    'deleteServicePrincipalSecret',
  ].map((name) => `accounts.${name}`),
];
