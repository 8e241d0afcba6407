// The page's words in the languages that it speaks. Each area keeps its own words beside its code.
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';

export const languages = ['en', 'ko'] as const;
export type Language = (typeof languages)[number];
export type Words<Key extends string> = Record<Language, Record<Key, string>>;
export type Values = Record<string, string | number>;

const storageKey = 'sluice.language';

function firstLanguage(): Language {
  const kept = localStorage.getItem(storageKey);
  if (languages.includes(kept as Language)) return kept as Language;
  return navigator.languages.some((each) => each.toLowerCase().startsWith('ko')) ? 'ko' : 'en';
}

interface LanguageChoice {
  language: Language;
  choose: (language: Language) => void;
}
const Chosen = createContext<LanguageChoice>({ language: 'en', choose: () => {} });

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(firstLanguage);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const value = useMemo(
    () => ({
      language,
      choose: (next: Language) => {
        localStorage.setItem(storageKey, next);
        setLanguage(next);
      },
    }),
    [language],
  );
  return <Chosen.Provider value={value}>{children}</Chosen.Provider>;
}

export const useLanguage = (): LanguageChoice => useContext(Chosen);

const turnsText = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff]/;

/** A name that runs from right to left, or tries to, must not turn the sentence around it. */
const isolated = (text: string): string => (turnsText.test(text) ? `\u2068${text}\u2069` : text);

/** Puts values into "{name}". */
export function fill(pattern: string, values: Values = {}): string {
  return pattern.replace(/\{(\w+)\}/g, (whole, name: string) =>
    values[name] === undefined ? whole : isolated(String(values[name])),
  );
}

export type Translate<Key extends string> = (key: Key, values?: Values) => string;

/** A hook that gives the words of one area: const t = useWords(); t('key', { name }). Both languages must have
 *  the same keys. English plurals: give the key twice, `key_one` and `key`, and a value `count`. */
export function makeWords<Key extends string>(words: Words<Key>): () => Translate<Key> {
  const made = { en: translator(words, 'en'), ko: translator(words, 'ko') };
  return () => made[useLanguage().language];
}

export function translator<Key extends string>(words: Words<Key>, language: Language): Translate<Key> {
  const own: Record<string, string> = words[language];
  return (key, values) => {
    const one = values?.count === 1 ? own[`${key}_one`] : undefined;
    return fill(one ?? own[key] ?? key, values);
  };
}
