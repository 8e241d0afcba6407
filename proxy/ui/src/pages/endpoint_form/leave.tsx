// Asks before what was typed is lost: when the window closes, and when a link of the page is followed.
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { ConfirmDialog } from '../../parts/dialog';
import { useFormWords } from './words';

/** The address that a plain click on a link of this page goes to. */
function targetOf(event: MouseEvent): string | null {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return null;
  const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
  if (!(link instanceof HTMLAnchorElement) || link.target || link.origin !== location.origin) return null;
  return link.getAttribute('href')!.startsWith('#') ? null : link.pathname + link.search;
}

export function useLeaving(unsaved: boolean) {
  const [, navigate] = useLocation();
  const [asked, setAsked] = useState<string | null>(null);
  const isUnsaved = useRef(unsaved);
  isUnsaved.current = unsaved;

  useEffect(() => {
    const closing = (event: BeforeUnloadEvent) => {
      if (isUnsaved.current) event.preventDefault();
    };
    const clicked = (event: MouseEvent) => {
      const to = isUnsaved.current ? targetOf(event) : null;
      if (to === null) return;
      event.preventDefault();
      event.stopPropagation();
      setAsked(to);
    };
    addEventListener('beforeunload', closing);
    document.addEventListener('click', clicked, true);
    return () => {
      removeEventListener('beforeunload', closing);
      document.removeEventListener('click', clicked, true);
    };
  }, []);

  /** Goes at once: everything is saved, or the user has said so. */
  const go = (to: string) => {
    isUnsaved.current = false;
    navigate(to);
  };
  return { asked, stay: () => setAsked(null), ask: (to: string) => (unsaved ? setAsked(to) : go(to)), go };
}

export function LeaveDialog({ leaving }: { leaving: ReturnType<typeof useLeaving> }) {
  const t = useFormWords();
  return (
    <ConfirmDialog
      title={t('leaveTitle')}
      open={leaving.asked !== null}
      onClose={leaving.stay}
      action={t('leave')}
      onConfirm={async () => leaving.go(leaving.asked ?? '/ml/endpoints')}
    >
      <p>{t('leaveText')}</p>
    </ConfirmDialog>
  );
}
