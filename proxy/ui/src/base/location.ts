// The address of the page. A step that would lose what was typed is taken back, and the user asked; until then the page stays.
import { useSyncExternalStore } from 'react';
import { askBefore, isUnsaved } from './unsaved';

const here = (): string => location.pathname + location.search;

/** Each entry of the browser's history keeps its place in it: that tells how far a step goes, and which way. */
const placeHere = (): number | undefined => (history.state as { place?: number } | null)?.place;

let place = placeHere() ?? 0; // of the page that is shown
let shown = here();
const listeners = new Set<() => void>();

history.replaceState({ place }, '');

function show(): void {
  if (shown === here()) return;
  shown = here();
  for (const each of listeners) each();
}

function stepped(): void {
  let to = placeHere();
  if (to === undefined) {
    // A new entry: a link to a part of this page.
    to = place + 1;
    history.replaceState({ place: to }, '');
  }
  const steps = to - place;
  if (steps === 0) return; // back on the page that is shown
  if (here() === shown || !isUnsaved()) {
    place = to;
    return show();
  }
  history.go(-steps);
  askBefore(() => history.go(steps));
}
addEventListener('popstate', stepped);

/** What a page keeps of itself behind the `?` leaves nothing. */
export function navigate(to: string, { replace = false }: { replace?: boolean } = {}): void {
  const go = () => {
    if (!replace) place += 1;
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
