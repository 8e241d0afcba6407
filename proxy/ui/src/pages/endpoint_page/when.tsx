// "3 hours ago", kept true while the page is open; the full time is its title.
import { useSyncExternalStore } from 'react';
import { useLanguage } from '../../base/text';
import { fullTime, relativeTime } from '../../base/time';

const stepMs = 15_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

function tick() {
  now = Date.now();
  for (const each of listeners) each();
}

/** One clock for all times on the page. */
function follow(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, stepMs);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

export function When({ ms }: { ms: number | undefined }) {
  const { language } = useLanguage();
  const clock = useSyncExternalStore(follow, () => now);
  if (!ms) return <>–</>;
  return (
    <time dateTime={new Date(ms).toISOString()} title={fullTime(ms, language)}>
      {relativeTime(ms, language, Math.max(clock, ms))}
    </time>
  );
}
