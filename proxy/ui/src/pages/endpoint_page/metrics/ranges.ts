// The spans of time that people look at. A span ends with the step that is running, so that the points of one
// range stay where they are from one refresh to the next.

export const rangeNames = ['15m', '1h', '6h', '1d', '1w'] as const;
export type RangeName = (typeof rangeNames)[number];

export interface Span {
  startMs: number;
  endMs: number;
  stepSeconds: number;
}

const ranges: Record<RangeName, { seconds: number; stepSeconds: number }> = {
  '15m': { seconds: 15 * 60, stepSeconds: 60 },
  '1h': { seconds: 3600, stepSeconds: 60 },
  '6h': { seconds: 6 * 3600, stepSeconds: 120 },
  '1d': { seconds: 24 * 3600, stepSeconds: 600 },
  '1w': { seconds: 7 * 24 * 3600, stepSeconds: 3600 },
};

export const defaultRange: RangeName = '1h';

export function rangeFrom(text: string | null): RangeName {
  return rangeNames.find((each) => each === text) ?? defaultRange;
}

export function spanOf(range: RangeName, now: number): Span {
  const { seconds, stepSeconds } = ranges[range];
  const step = stepSeconds * 1000;
  const endMs = (Math.floor(now / step) + 1) * step;
  return { startMs: endMs - seconds * 1000, endMs, stepSeconds };
}

const two = (value: number): string => String(value).padStart(2, '0');

/** What an <input type="datetime-local"> holds: local time without seconds. */
export function toLocalInput(ms: number): string {
  const at = new Date(ms);
  const day = `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

export function fromLocalInput(text: string): number | null {
  const ms = text ? new Date(text).getTime() : NaN;
  return Number.isFinite(ms) ? ms : null;
}

/** Milliseconds in an address: digits only. */
export function msFrom(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
