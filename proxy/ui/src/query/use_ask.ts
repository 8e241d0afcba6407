import { useCallback, useEffect, useRef, useState } from 'react';
import { ask, isOver, type Run } from './ask';
import type { Body } from './tasks';

export interface Asking {
  run: Run | null; // of the last question
  busy: boolean;
  start: (path: string, body: Body) => void;
  stop: () => void;
}

/** One question at a time; it is stopped when its view goes away. */
export function useAsk(): Asking {
  const [run, setRun] = useState<Run | null>(null);
  const asked = useRef<AbortController | null>(null);
  useEffect(() => () => asked.current?.abort(), []);

  const start = useCallback((path: string, body: Body) => {
    asked.current?.abort();
    const mine = new AbortController();
    asked.current = mine;
    const onChange = (next: Run) => {
      if (asked.current === mine) setRun(next);
    };
    void ask({ path, body, signal: mine.signal, onChange });
  }, []);
  const stop = useCallback(() => asked.current?.abort(), []);
  return { run, busy: run !== null && !isOver(run), start, stop };
}
