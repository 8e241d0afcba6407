// How long a token or secret is to live, as the form has it.
export const lifetimeDays = [7, 30, 90, 365] as const;

export interface Lifetime {
  choice: string; // days, 'never' or 'other'
  days: string; // for 'other'
}

export const usualLifetime: Lifetime = { choice: '90', days: '' };
export const mostTokenDays = 36_500;
export const mostSecretDays = 730;

/** undefined: no end. null: the days are no number that is possible. */
export function secondsOf(lifetime: Lifetime, mostDays: number): number | undefined | null {
  if (lifetime.choice === 'never') return undefined;
  const text = lifetime.choice === 'other' ? lifetime.days.trim() : lifetime.choice;
  if (!/^\d{1,6}$/.test(text)) return null;
  const days = Number(text);
  return days >= 1 && days <= mostDays ? days * 86_400 : null;
}
