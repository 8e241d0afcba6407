// What a view shows when it has nothing to show, is waiting, or has failed.
import type { ReactNode } from 'react';
import { ApiError } from '../base/api';
import { Button } from './button';
import { usePartWords } from './words';

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="state empty">
      <p className="state-title">{title}</p>
      {children}
    </div>
  );
}

/** Keeps the height that the content will take, so that nothing jumps. */
export function Loading({ rows = 3 }: { rows?: number }) {
  const t = usePartWords();
  return (
    <div className="state loading" role="status" aria-label={t('loading')}>
      {Array.from({ length: rows }, (_, i) => (
        <div className="bone" key={i} />
      ))}
    </div>
  );
}

/** The error's own sentence: of the server, or that there was no answer. */
export function useErrorText(): (error: unknown) => string {
  const t = usePartWords();
  return (error) => {
    if (error instanceof ApiError && error.status === 0) return t('noAnswer');
    return error instanceof Error ? error.message : String(error);
  };
}

export function ErrorNote({ error }: { error: unknown }) {
  const t = usePartWords();
  const text = useErrorText();
  const id = error instanceof ApiError ? error.requestId : '';
  return (
    <div className="error-note" role="alert">
      <p>{text(error)}</p>
      {id && <p className="hint">{t('requestId', { id })}</p>}
    </div>
  );
}

export function Failed({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const t = usePartWords();
  return (
    <div className="state failed">
      <p className="state-title">{t('failed')}</p>
      <ErrorNote error={error} />
      {onRetry && <Button onClick={onRetry}>{t('retry')}</Button>}
    </div>
  );
}
