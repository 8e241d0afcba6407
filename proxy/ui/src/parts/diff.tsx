// Two JSON values, line by line.
import { useMemo } from 'react';
import { diffLines } from 'diff';
import { prettyJson } from './json_editor';

interface DiffLine {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

/** undefined: there is, or was, nothing. */
const textOf = (value: unknown): string => (value === undefined ? '' : prettyJson(value) + '\n');

export function linesOf(before: unknown, after: unknown): DiffLine[] {
  return diffLines(textOf(before), textOf(after)).flatMap((part) =>
    part.value
      .replace(/\n$/, '')
      .split('\n')
      .map((text): DiffLine => ({ kind: part.added ? 'added' : part.removed ? 'removed' : 'same', text })),
  );
}

const marks = { same: ' ', added: '+', removed: '-' };

export function JsonDiff({ label, before, after }: { label: string; before: unknown; after: unknown }) {
  const lines = useMemo(() => linesOf(before, after), [before, after]);
  return (
    <pre className="diff" aria-label={label} tabIndex={0}>
      {lines.map((line, i) => (
        <div key={i} className={line.kind}>
          <span aria-hidden="true">{marks[line.kind]} </span>
          {line.kind === 'same' ? line.text : line.kind === 'added' ? <ins>{line.text}</ins> : <del>{line.text}</del>}
        </div>
      ))}
    </pre>
  );
}
