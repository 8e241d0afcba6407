// The state behind the form's fields: draft, problems, what was touched, and where the focus goes after a refusal.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ApiError } from '../../base/api';
import type { ProviderSchema } from '../../base/types';
import type { FormContext, ServerProblem } from './context';
import type { Draft, Json } from './draft';
import { paths } from './paths';
import { placeError, type Sent } from './place_error';
import { validate } from './validate';

/** Is what the server said of one place out of date when the other was changed? */
function concerns(said: string, changed: string): boolean {
  if (said.startsWith(changed) || changed.startsWith(`${said}.`) || changed.startsWith(`${said}[`)) return true;
  return said === paths.traffic && changed.endsWith('.traffic_percentage');
}

/** Puts the focus on the first control, in the order of the page, that has an error. */
function useFirstProblem() {
  const form = useRef<HTMLFormElement>(null);
  const [wanted, setWanted] = useState(0);
  useEffect(() => {
    if (!wanted) return;
    const first = form.current?.querySelector<HTMLElement>('[data-invalid]');
    const control = first?.querySelector<HTMLElement>('input:not(:disabled), select:not(:disabled), textarea, button');
    (control ?? first)?.focus();
  }, [wanted]);
  return { form, focusFirstProblem: useCallback(() => setWanted((now) => now + 1), []) };
}

export function useFormState(initial: Draft, schemas: ProviderSchema[], startedWith: Json | null) {
  const [draft, setDraft] = useState(initial);
  const [before, setBefore] = useState(startedWith);
  const [serverProblems, setServerProblems] = useState<ServerProblem[]>([]);
  const [error, setError] = useState<unknown>(null); // one that belongs to no field
  const [submitted, setSubmitted] = useState(false);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const { form, focusFirstProblem } = useFirstProblem();
  const problems = useMemo(() => validate(draft, schemas, before), [draft, schemas, before]);

  const edit = useCallback((path: string, change: (draft: Draft) => Draft) => {
    setDraft(change);
    setServerProblems((now) => (now.length ? now.filter((each) => !concerns(each.path, path)) : now));
  }, []);
  const touch = useCallback((path: string) => {
    setTouched((now) => (now.has(path) ? now : new Set(now).add(path)));
  }, []);
  const replace = useCallback((next: Draft) => {
    setDraft(next);
    setServerProblems([]);
  }, []);
  /** A refusal of the gateway goes to its field, or to the foot of the form. */
  const refuse = useCallback(
    (cause: unknown, sent: Sent) => {
      const path = cause instanceof ApiError && cause.status > 0 ? placeError(cause.message, sent) : '';
      if (path) setServerProblems([{ path, text: (cause as ApiError).message }]);
      setError(path ? null : cause);
      return path;
    },
    [],
  );
  const context: FormContext = { draft, schemas, before, problems, serverProblems, submitted, touched, edit, touch };
  return { context, form, error, setError, setSubmitted, setBefore, replace, refuse, focusFirstProblem };
}

export type FormState = ReturnType<typeof useFormState>;
