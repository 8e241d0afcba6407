import { useState, type ReactNode } from 'react';
import { Button } from './button';
import { usePartWords } from './words';

/** navigator.clipboard exists on https and localhost only; the old way works everywhere else. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'only-read';
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

interface CopyProps {
  text: string | (() => string); // a function: made only when it is asked for
  label?: string; // for screen readers, where several stand on a page
  children?: ReactNode; // instead of "Copy"
  onCopied?: () => void;
}

export function CopyButton({ text, label, children, onCopied }: CopyProps) {
  const t = usePartWords();
  const [done, setDone] = useState(false);
  const copy = async () => {
    await copyText(typeof text === 'string' ? text : text());
    setDone(true);
    onCopied?.();
    setTimeout(() => setDone(false), 1500);
  };
  return (
    <Button look="quiet" className="copy" aria-label={label ?? (children ? undefined : t('copy'))} onClick={() => void copy()}>
      <span aria-live="polite">{done ? t('copied') : (children ?? t('copy'))}</span>
    </Button>
  );
}

/** Code with a button that copies it. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <figure className="code-block">
      <pre tabIndex={0} aria-label={label}>
        <code>{code}</code>
      </pre>
      <CopyButton text={code} label={label} />
    </figure>
  );
}
