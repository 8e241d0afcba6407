// JSON as text, with the line where it is broken.
import { useMemo, type ReactNode } from 'react';
import { TextArea } from './field';

export type Parsed = { ok: true; value: unknown } | { ok: false; message: string };

/** The parser's own sentence, with line and column where the browser says a position. */
export function parseJson(text: string): Parsed {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const at = /position (\d+)/.exec(message)?.[1];
    if (at === undefined || /line \d+/.test(message)) return { ok: false, message };
    const before = text.slice(0, Number(at)).split('\n');
    return { ok: false, message: `${message} (line ${before.length} column ${before.at(-1)!.length + 1})` };
  }
}

export const prettyJson = (value: unknown): string => JSON.stringify(value, null, 2);

interface Props {
  label: string;
  value: string;
  onChange: (text: string) => void;
  hint?: ReactNode;
  error?: string | undefined; // beside that of the parser
  rows?: number;
  readOnly?: boolean;
}

export function JsonEditor({ label, value, onChange, hint, error, rows = 16, readOnly }: Props) {
  const parsed = useMemo(() => parseJson(value), [value]);
  return (
    <TextArea
      className="json"
      label={label}
      hint={hint}
      error={error ?? (parsed.ok ? undefined : parsed.message)}
      rows={rows}
      readOnly={readOnly}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
