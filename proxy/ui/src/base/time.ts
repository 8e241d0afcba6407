// Times and numbers as people read them.
import type { Language } from './text';

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 24 * 3600],
  ['month', 30 * 24 * 3600],
  ['day', 24 * 3600],
  ['hour', 3600],
  ['minute', 60],
];

/** A format is dear to make, and a long list asks for one in each row. */
function madeOnce<Format>(make: (language: Language) => Format): (language: Language) => Format {
  const made = new Map<Language, Format>();
  return (language) => {
    let format = made.get(language);
    if (format === undefined) made.set(language, (format = make(language)));
    return format;
  };
}
const relativeFormat = madeOnce((language) => new Intl.RelativeTimeFormat(language, { numeric: 'auto' }));
const fullFormat = madeOnce((language) => new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' }));

/** "3 hours ago" */
export function relativeTime(ms: number, language: Language, now = Date.now()): string {
  const seconds = Math.round((ms - now) / 1000);
  const format = relativeFormat(language);
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return format.format(Math.abs(seconds) < 5 ? 0 : seconds, 'second');
}

export function fullTime(ms: number, language: Language): string {
  return fullFormat(language).format(ms);
}

export function wholeNumber(value: number, language: Language): string {
  return new Intl.NumberFormat(language).format(value);
}

/** 1.2K, 3.4M */
export function shortNumber(value: number, language: Language): string {
  return new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 }).format(value);
}
