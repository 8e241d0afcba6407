// Short notes that something was done. Errors belong beside what failed, not here.
import { createContext, useCallback, useContext, useMemo, useRef, useState, type ReactNode } from 'react';

const shownMs = 5000;
type Say = (text: string) => void;
const Speaker = createContext<Say>(() => {});

export function ToastProvider({ children }: { children: ReactNode }) {
  const [notes, setNotes] = useState<{ id: number; text: string }[]>([]);
  const next = useRef(1);
  const say = useCallback<Say>((text) => {
    const id = next.current++;
    setNotes((now) => [...now.slice(-2), { id, text }]);
    setTimeout(() => setNotes((now) => now.filter((each) => each.id !== id)), shownMs);
  }, []);
  const shown = useMemo(
    () =>
      notes.map((each) => (
        <p className="toast" key={each.id}>
          {each.text}
        </p>
      )),
    [notes],
  );
  return (
    <Speaker.Provider value={say}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {shown}
      </div>
    </Speaker.Provider>
  );
}

export const useToast = (): Say => useContext(Speaker);
