// Who is signed in. The cookie is out of reach for scripts; the CSRF token lives in memory only.
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { ApiError, call, holdCalls, setCsrfToken, whenOtherSession, whenSignedOut } from './api';
import { endpointsFeed } from './live';
import type { Session } from './types';
import { forgetUnsaved, isUnsaved } from './unsaved';

const where = '/api/2.0/sluice/session';
const pause = 2000; // ms until a question that had no answer is asked again

type State =
  | { kind: 'asking' }
  | { kind: 'signed-out'; expired: boolean }
  | { kind: 'unreachable'; error: unknown }
  | { kind: 'signed-in'; session: Session; ended: boolean }; // ended: what was typed waits for its user to sign in again

export interface SessionControl {
  state: State;
  signIn: (token: string) => Promise<void>;
  signOut: () => Promise<void>;
  giveUp: () => void; // what was typed is not waited for any more
  askAgain: () => void;
}

const Current = createContext<SessionControl | null>(null);

export function SessionProvider({ children }: { children: ReactNode }) {
  const [state, setState] = useState<State>({ kind: 'asking' });
  const queries = useQueryClient();

  // What one user has seen or typed is not for the next.
  const forget = useCallback(() => {
    queries.clear();
    endpointsFeed.forget();
    forgetUnsaved();
  }, [queries]);
  const held = useRef<((go: boolean) => void) | null>(null);
  const release = useCallback((go: boolean) => {
    held.current?.(go);
    held.current = null;
  }, []);
  const known = useRef(''); // the user whose things are here
  const enter = useCallback(
    (session: Session) => {
      setCsrfToken(session.csrf_token);
      const same = known.current === session.id;
      if (!same) forget();
      known.current = session.id;
      setState({ kind: 'signed-in', session, ended: false });
      release(same);
    },
    [forget, release],
  );
  const retry = useRef<ReturnType<typeof setTimeout>>(undefined); // of asking whose session it is
  const leave = useCallback(
    (expired: boolean) => {
      clearTimeout(retry.current);
      setCsrfToken('');
      forget();
      known.current = '';
      setState({ kind: 'signed-out', expired });
      release(false);
    },
    [forget, release],
  );
  const lose = useCallback(() => {
    if (!isUnsaved()) return leave(true);
    setCsrfToken('');
    held.current ??= holdCalls();
    setState((now) => (now.kind === 'signed-in' ? { ...now, ended: true } : now));
  }, [leave]);
  const askAgain = useCallback(() => {
    clearTimeout(retry.current);
    call<Session>('GET', where, { keepSession: true }).then(enter, (error: unknown) => {
      if (error instanceof ApiError && (error.status === 401 || error.status === 403)) {
        if (known.current) lose();
        else leave(false);
      } else if (isUnsaved()) {
        // The page stays with what was typed; whose session it is turns out later.
        clearTimeout(retry.current);
        retry.current = setTimeout(askAgain, pause);
      } else {
        setState({ kind: 'unreachable', error });
      }
    });
  }, [enter, leave, lose]);

  useEffect(() => {
    whenSignedOut(lose);
    whenOtherSession(askAgain);
    askAgain();
    return () => clearTimeout(retry.current);
  }, [askAgain, lose]);

  const value = useMemo<SessionControl>(
    () => ({
      state,
      askAgain,
      signIn: async (token) => enter(await call<Session>('POST', where, { body: { token }, keepSession: true })),
      signOut: async () => {
        // Who says 401 has signed out already.
        await call('DELETE', where, { keepSession: true }).catch((error: unknown) => {
          if (!(error instanceof ApiError && error.status === 401)) throw error;
        });
        leave(false);
      },
      giveUp: () => leave(true),
    }),
    [state, askAgain, enter, leave],
  );
  return <Current.Provider value={value}>{children}</Current.Provider>;
}

export function useSessionControl(): SessionControl {
  const control = useContext(Current);
  if (!control) throw new Error('useSessionControl needs a SessionProvider');
  return control;
}

/** The signed-in user; only below the shell, which shows nothing else without one. */
export function useSession(): Session {
  const { state } = useSessionControl();
  if (state.kind !== 'signed-in') throw new Error('nobody is signed in');
  return state.session;
}
