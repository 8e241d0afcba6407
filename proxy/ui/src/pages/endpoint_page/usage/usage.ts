// What the usage tab shows, from the answers of the usage calls.
import { msFrom, rangeFrom, rangeNames, spanOf, type RangeName } from '../metrics/ranges';

export interface SummaryRow {
  key: string;
  requests: number;
  errors: number;
  input_tokens: number;
  output_tokens: number;
}

export interface Summary {
  rows: SummaryRow[];
  truncated: boolean;
}

/** The columns of system.serving.endpoint_usage, and the gateway's own; those that the page shows. */
export interface UsageRow {
  databricks_request_id: string;
  client_request_id: string | null;
  requester: string;
  status_code: number;
  request_time: number;
  input_token_count: number | null;
  output_token_count: number | null;
  usage_context: Record<string, string> | string | null;
  request_streaming: boolean;
  served_entity_id: string | null;
  latency_ms: number;
  time_to_first_byte_ms: number | null;
  cached_input_token_count: number | null;
  reasoning_output_token_count: number | null;
}

export interface UsagePage {
  usage: UsageRow[];
  next_page_token?: string;
}

export const usageRanges = [...rangeNames, 'custom'] as const;
export type UsageRange = (typeof usageRanges)[number];

export interface Times {
  startMs: number;
  endMs: number;
}

/** What an address asks for: one of the ranges, or ?range=custom&from=…&to=… in milliseconds. */
export function usageRangeFrom(search: URLSearchParams): UsageRange {
  return search.get('range') === 'custom' ? 'custom' : rangeFrom(search.get('range'));
}

/** Null: the dates are not such, or the first is not before the second. */
export function timesOf(search: URLSearchParams, now: number): Times | null {
  const range = usageRangeFrom(search);
  if (range !== 'custom') return rangeTimes(range, now);
  const startMs = msFrom(search.get('from'));
  const endMs = msFrom(search.get('to'));
  return startMs !== null && endMs !== null && startMs < endMs ? { startMs, endMs } : null;
}

function rangeTimes(range: RangeName, now: number): Times {
  const { startMs, endMs } = spanOf(range, now);
  return { startMs, endMs };
}

export type Totals = Omit<SummaryRow, 'key'>;

export function totalsOf(rows: SummaryRow[]): Totals {
  const out: Totals = { requests: 0, errors: 0, input_tokens: 0, output_tokens: 0 };
  for (const row of rows) {
    out.requests += row.requests;
    out.errors += row.errors;
    out.input_tokens += row.input_tokens;
    out.output_tokens += row.output_tokens;
  }
  return out;
}

export const shareOf = (part: number, all: number): number => (all > 0 ? (part / all) * 100 : 0);

export const summaryColumns = ['key', 'requests', 'errors', 'input_tokens', 'output_tokens'] as const;

export function summaryCsv(keyName: string, rows: SummaryRow[]): string {
  const head = [keyName, ...summaryColumns.slice(1)];
  return csvOf([head, ...rows.map((row) => summaryColumns.map((column) => row[column]))]);
}

/** RFC 4180; what a spreadsheet would take for a formula gets a quotation mark in front, as the gateway does. */
export function csvOf(rows: (string | number)[][]): string {
  return rows.map((row) => row.map(csvField).join(',') + '\r\n').join('');
}

function csvField(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One table out of pages that each begin with the names of the columns. */
export function joinCsvPages(pages: string[]): string {
  return pages.map((page, i) => (i === 0 ? page : page.slice(page.indexOf('\n') + 1))).join('');
}

/** A name that every file system takes. */
export function fileName(...parts: string[]): string {
  return parts.map((part) => part.replace(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 60)).join('-');
}
