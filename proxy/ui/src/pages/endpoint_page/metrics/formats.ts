// Values and times of charts, as short as they can be without lying.
import { shortNumber, wholeNumber } from '../../../base/time';
import type { Language } from '../../../base/text';
import type { Unit } from './series';

const timeUnits = [
  { name: 's', us: 1e6 },
  { name: 'ms', us: 1e3 },
  { name: 'µs', us: 1 },
];

function number(value: number, language: Language, digits: number): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
}

function unitFor(us: number) {
  return timeUnits.find((each) => us >= each.us) ?? timeUnits.at(-1)!;
}

/** Three digits that mean something: "1.24 s", "43.1 ms", "870 µs". */
export function duration(us: number, language: Language): string {
  const unit = unitFor(us);
  const value = us / unit.us;
  return `${number(value, language, value < 10 ? 2 : value < 100 ? 1 : 0)} ${unit.name}`;
}

const usOf = (unit: 'ms' | 'us', value: number): number => (unit === 'ms' ? value * 1000 : value);

export function valueText(unit: Unit, value: number | null, language: Language): string {
  if (value === null) return '–';
  if (unit === 'count') return wholeNumber(value, language);
  return unit === 'ms' && value === 0 ? '0 ms' : duration(usOf(unit, value), language);
}

/** Of a measurement in whole milliseconds. */
export function wholeMs(ms: number | null, language: Language): string {
  if (ms === null) return '–';
  return ms < 1 ? '< 1 ms' : duration(ms * 1000, language);
}

/** The labels of an axis: one unit for all of them. */
export function axisTexts(unit: Unit, ticks: number[], language: Language): string[] {
  if (unit === 'count') return ticks.map((each) => shortNumber(each, language));
  const top = unitFor(usOf(unit, Math.max(...ticks.map(Math.abs))));
  return ticks.map((each) => `${number(usOf(unit, each) / top.us, language, 2)} ${top.name}`);
}

const dayParts = { month: 'short', day: 'numeric' } as const;
const hourParts = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
const daySeconds = 24 * 3600;

/** Labels of a time axis: hours, and the day where one begins. `incr`: seconds from tick to tick. */
export function timeTexts(ticks: number[], incr: number, language: Language): string[] {
  const day = new Intl.DateTimeFormat(language, dayParts);
  const hour = new Intl.DateTimeFormat(language, hourParts);
  return ticks.map((seconds) => {
    const at = new Date(seconds * 1000);
    const begins = at.getHours() === 0 && at.getMinutes() === 0;
    return (begins || incr >= daySeconds ? day : hour).format(at);
  });
}

/** When one point was: the hour, with its day where the range has several. */
export function pointTime(ms: number, spanMs: number, language: Language): string {
  const parts = spanMs > 6 * 3600_000 ? { ...dayParts, ...hourParts } : hourParts;
  return new Intl.DateTimeFormat(language, parts).format(ms);
}

export const tableTime = (ms: number, language: Language): string => pointTime(ms, Infinity, language);

export function percent(share: number | null, language: Language): string {
  if (share === null) return '–';
  const maximumFractionDigits = share < 10 ? 1 : 0;
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits }).format(share / 100);
}
