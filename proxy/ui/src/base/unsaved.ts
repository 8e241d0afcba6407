// What was typed and not saved, and the question that comes before it is lost.
import { useLayoutEffect, useSyncExternalStore } from 'react';

interface Mark {
  inPage: boolean;
}

const unsaved = new Set<Mark>();
const listeners = new Set<() => void>();
let waiting: (() => void) | null = null; // what is done when the user says that all of it may go

function wait(then: (() => void) | null): void {
  waiting = then;
  for (const each of listeners) each();
}

export const isUnsaved = (): boolean => unsaved.size > 0;

/** The same of a step of the browser to another `?…` of the page that is shown. */
export const isUnsavedInPlace = (): boolean => [...unsaved].some((each) => !each.inPage);

/** While `typed` is true and the component is there, nobody leaves without being asked. `inPage`: the component stays, whatever
 *  the page's address has behind the `?`. A layout effect, so that the mark is gone before the next page does anything. */
export function useUnsaved(typed: boolean, { inPage = false }: { inPage?: boolean } = {}): void {
  useLayoutEffect(() => {
    if (!typed) return;
    const mark = { inPage };
    unsaved.add(mark);
    return () => void unsaved.delete(mark);
  }, [typed, inPage]);
}

/** It is saved, or of somebody who is here no more: nor is there anything left to ask. */
export function forgetUnsaved(): void {
  unsaved.clear();
  wait(null);
}

/** Does it at once when nothing would be lost, else after the user has said so. One question at a time: the first one stands. */
export function askBefore(then: () => void): void {
  if (!isUnsaved()) then();
  else if (!waiting) wait(then);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** For the one dialog that asks. What may go is guarded until it is gone: a sign-out may yet fail. */
export function useAsked() {
  const asked = useSyncExternalStore(subscribe, () => waiting);
  return {
    asked: asked !== null,
    stay: () => wait(null),
    leave: () => {
      const then = waiting;
      wait(null);
      then?.();
    },
  };
}

/** The window closes, or another document comes: the browser asks in its own words. */
addEventListener('beforeunload', (event) => {
  if (isUnsaved()) event.preventDefault();
});
