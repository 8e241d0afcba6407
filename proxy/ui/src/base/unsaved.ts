// What was typed and not saved, and the question that comes before it is lost.
import { useEffect, useSyncExternalStore } from 'react';

const unsaved = new Set<symbol>();
const listeners = new Set<() => void>();
let waiting: (() => void) | null = null; // what is done when the user says that all of it may go

function wait(then: (() => void) | null): void {
  waiting = then;
  for (const each of listeners) each();
}

export const isUnsaved = (): boolean => unsaved.size > 0;

/** While `typed` is true and the component is there, nobody leaves without being asked. */
export function useUnsaved(typed: boolean): void {
  useEffect(() => {
    if (!typed) return;
    const key = Symbol();
    unsaved.add(key);
    return () => void unsaved.delete(key);
  }, [typed]);
}

/** It is saved, or the user has said that it may go. */
export const forgetUnsaved = (): void => unsaved.clear();

/** Does it at once when nothing would be lost, else after the user has said so. */
export function askBefore(then: () => void): void {
  if (isUnsaved()) wait(then);
  else then();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** For the one dialog that asks. */
export function useAsked() {
  const asked = useSyncExternalStore(subscribe, () => waiting);
  return {
    asked: asked !== null,
    stay: () => wait(null),
    leave: () => {
      const then = waiting;
      wait(null);
      forgetUnsaved();
      then?.();
    },
  };
}

/** The window closes, or another document comes: the browser asks in its own words. */
addEventListener('beforeunload', (event) => {
  if (isUnsaved()) event.preventDefault();
});
