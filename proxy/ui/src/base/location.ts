// The address of the page. A step that would lose what was typed is taken back, and the user asked; until then the page stays.
import { useSyncExternalStore } from 'react';
import { askBefore, isUnsaved, isUnsavedInPlace } from './unsaved';

const here = (): string => location.pathname + location.search;

/** Each entry of the browser's history keeps its place in it: that tells how far a step goes, and which way. */
const placeHere = (): number | undefined => (history.state as { place?: number } | null)?.place;

let place = placeHere() ?? 0; // of the page that is shown
let at = place; // of the address: elsewhere until a step is taken back
let returns: number[] = []; // steps back that the browser has still to make
let granted: number | null = null; // the place to which the user has said to go
let shown = here();
const listeners = new Set<() => void>();

history.replaceState({ place }, '');

function show(): void {
  if (shown === here()) return;
  shown = here();
  for (const each of listeners) each();
}

/** Would a step to this address lose what was typed? */
const loses = (): boolean => (location.pathname === pathShown() ? isUnsavedInPlace() : isUnsaved());

function stepped(): void {
  const to = placeHere() ?? at + 1; // without a place: a new entry, of a link to a part of this page
  if (placeHere() === undefined) history.replaceState({ place: to }, '');
  const by = to - at;
  at = to;
  if (returns[0] === by) return void returns.shift();
  if (to === place) return void (returns = []); // back on the page that is shown
  const free = to === granted || (returns.length === 0 && (here() === shown || !loses()));
  granted = null;
  if (free) {
    returns = [];
    place = to;
    return show();
  }
  // Each step is taken back by itself: the next may come before the browser has made the one back.
  returns.push(-by);
  history.go(-by);
  askBefore(() => {
    if (to === place) return;
    granted = to;
    history.go(to - place);
  });
}
addEventListener('popstate', stepped);

/** What a page keeps of itself behind the `?` leaves nothing. */
export function navigate(to: string, { replace = false }: { replace?: boolean } = {}): void {
  const go = () => {
    if (!replace) place += 1;
    at = place;
    returns = [];
    history[replace ? 'replaceState' : 'pushState']({ place }, '', to);
    show();
  };
  if (new URL(to, location.href).pathname === location.pathname) go();
  else askBefore(go);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
const pathShown = (): string => shown.split('?', 1)[0]!;
const searchShown = (): string => shown.slice(pathShown().length);

/** For <Router hook={useShownPath} searchHook={useShownSearch}>. */
export const useShownPath = (): [string, typeof navigate] => [useSyncExternalStore(subscribe, pathShown), navigate];
export const useShownSearch = (): string => useSyncExternalStore(subscribe, searchShown);
