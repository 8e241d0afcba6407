import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';

const nearPx = 8;

/** What the next position of the scroller means: at the end it sticks, upwards it comes off, else it stays as it is. */
export function sticks(before: boolean, last: number, now: { top: number; height: number; window: number }): boolean {
  if (now.height - now.top - now.window <= nearPx) return true;
  return now.top < last ? false : before;
}

interface Stick {
  scroller: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  stuck: boolean;
  toEnd: () => void;
}

/** Keeps the end in sight while the content grows, unless the user has scrolled up. */
export function useStick(): Stick {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const isStuck = useRef(true);
  const [stuck, setStuck] = useState(true);

  const set = useCallback((next: boolean) => {
    isStuck.current = next;
    setStuck(next);
  }, []);
  const toEnd = useCallback(() => {
    set(true);
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, [set]);

  useEffect(() => {
    const element = scroller.current;
    const inner = content.current;
    if (!element || !inner) return;
    let last = element.scrollTop;
    const onScroll = () => {
      const now = { top: element.scrollTop, height: element.scrollHeight, window: element.clientHeight };
      set(sticks(isStuck.current, last, now));
      last = now.top;
    };
    const grown = new ResizeObserver(() => {
      if (isStuck.current) element.scrollTop = element.scrollHeight;
    });
    grown.observe(inner);
    grown.observe(element);
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      element.removeEventListener('scroll', onScroll);
      grown.disconnect();
    };
  }, [set]);
  return { scroller, content, stuck, toEnd };
}
