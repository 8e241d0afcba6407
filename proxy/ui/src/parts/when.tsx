// "3 hours ago", kept true while the page is open; the full time is its title.
import { useSyncExternalStore } from 'react';
import { useLanguage } from '../base/text';
import { fullTime, relativeTime } from '../base/time';

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

interface WhenProps {
  ms: number | undefined;
  full?: boolean; // the whole time, with "3 hours ago" as its title
}

export function When({ ms, full = false }: WhenProps) {
  const { language } = useLanguage();
  const clock = useSyncExternalStore(follow, () => now);
  if (!ms) return <>–</>;
  // What has happened since the last tick is not in the future.
  const relative = relativeTime(ms, language, ms - clock < stepMs ? Math.max(clock, ms) : clock);
  const whole = fullTime(ms, language);
  return (
    <time dateTime={new Date(ms).toISOString()} title={full ? relative : whole}>
      {full ? whole : relative}
    </time>
  );
}
