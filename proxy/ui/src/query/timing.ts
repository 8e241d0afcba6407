// Times of one answer as people read them.
import type { Language } from '../base/text';

/** "87ms", "1.24s", "2m 5s" */
export function duration(ms: number, language: Language): string {
  const unit = (name: string, digits: number) =>
    new Intl.NumberFormat(language, {
      style: 'unit',
      unit: name,
      unitDisplay: 'narrow',
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
  if (ms < 999.5) return unit('millisecond', 0).format(ms);
  if (ms < 59_995) return unit('second', ms < 9995 ? 2 : 1).format(ms / 1000);
  const seconds = Math.round(ms / 1000);
  return `${unit('minute', 0).format(Math.floor(seconds / 60))} ${unit('second', 0).format(seconds % 60)}`;
}

const leastMs = 100; // what came in one burst has no rate

/** Tokens in a second, from the first token on; null where that says nothing. */
export function tokenRate(tokens: number | null, fromMs: number | null, toMs: number | null): number | null {
  if (tokens === null || fromMs === null || toMs === null || tokens < 2 || toMs - fromMs < leastMs) return null;
  return (tokens - 1) / ((toMs - fromMs) / 1000);
}
