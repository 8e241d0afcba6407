// What was typed and not saved, and the question that comes before it is lost.
import { useLayoutEffect, useRef, useSyncExternalStore } from 'react';

/** A conversation was typed, too, and answered. */
export type Loss = 'typed' | 'conversation';

interface Mark {
  inPage: boolean;
  what: Loss;
}

/** All of the page is left, a part of it closes, or something else takes the place of what was typed. */
export type Step = 'leave' | 'close' | 'replace';

interface Question {
  step: Step;
  what: Loss;
  then: () => void; // when the user says that it may go
  of?: Mark | null; // asked about this alone: with it the question goes
}

const unsaved = new Set<Mark>();
const listeners = new Set<() => void>();
let waiting: Question | null = null;

function wait(question: Question | null): void {
  waiting = question;
  for (const each of listeners) each();
}

/** One question at a time: the first one stands. */
function ask(question: Question): void {
  if (!waiting) wait(question);
}

const lossOf = (marks: Iterable<Mark>): Loss => ([...marks].some((each) => each.what === 'conversation') ? 'conversation' : 'typed');

export const isUnsaved = (): boolean => unsaved.size > 0;

/** The same of a step of the browser to another `?…` of the page that is shown. */
export const isUnsavedInPlace = (): boolean => [...unsaved].some((each) => !each.inPage);

/** While `typed` is true and the component is there, nobody leaves without being asked. `inPage`: the component stays, whatever
 *  the page's address has behind the `?`. A layout effect, so that the mark is gone before the next page does anything.
 *  Gives a function that asks about this alone, before the component itself goes. */
export function useUnsaved(
  typed: boolean,
  { inPage = false, what = 'typed' }: Partial<Mark> = {},
): (then: () => void, step?: Step) => void {
  const own = useRef<Mark | null>(null);
  useLayoutEffect(() => {
    if (!typed) return;
    const mark = { inPage, what };
    own.current = mark;
    unsaved.add(mark);
    return () => {
      unsaved.delete(mark);
      if (waiting?.of === mark) wait(null); // it was saved meanwhile
    };
  }, [typed, inPage, what]);
  return (then, step = 'close') => (typed ? ask({ step, what, then, of: own.current }) : then());
}

/** It is saved, or of somebody who is here no more: nor is there anything left to ask. */
export function forgetUnsaved(): void {
  unsaved.clear();
  wait(null);
}

/** Does it at once when nothing would be lost, else after the user has said so. */
export function askBefore(then: () => void): void {
  if (isUnsaved()) ask({ step: 'leave', what: lossOf(unsaved), then });
  else then();
}

/** The same before another part of the page takes the place of one that does not stay. */
export function askInPlace(then: () => void): void {
  const lost = [...unsaved].filter((each) => !each.inPage);
  if (lost.length > 0) ask({ step: 'close', what: lossOf(lost), then });
  else then();
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
    step: asked?.step ?? 'leave',
    what: asked?.what ?? 'typed',
    stay: () => wait(null),
    leave: () => {
      const question = waiting;
      wait(null);
      question?.then();
    },
  };
}

/** The window closes, or another document comes: the browser asks in its own words. */
addEventListener('beforeunload', (event) => {
  if (isUnsaved()) event.preventDefault();
});
