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

interface Gap {
  kind: 'gap';
  text: string;
}

/** Lines that have not changed, and are further than `context` from one that has, become one mark. */
export function aroundChanges(lines: DiffLine[], context: number): (DiffLine | Gap)[] {
  const near = new Set<number>();
  lines.forEach((line, i) => {
    if (line.kind !== 'same') for (let k = i - context; k <= i + context; k += 1) near.add(k);
  });
  return lines.flatMap((line, i): (DiffLine | Gap)[] => {
    if (near.has(i)) return [line];
    return i === 0 || near.has(i - 1) ? [{ kind: 'gap', text: '⋯' }] : [];
  });
}

const marks = { same: ' ', gap: ' ', added: '+', removed: '-' };

interface Props {
  label: string;
  before: unknown;
  after: unknown;
  context?: number | undefined; // lines around a change; without it all are shown
}

export function JsonDiff({ label, before, after, context }: Props) {
  const lines = useMemo(() => {
    const all = linesOf(before, after);
    return context === undefined ? all : aroundChanges(all, context);
  }, [before, after, context]);
  return (
    <pre className="diff" aria-label={label} tabIndex={0}>
      {lines.map((line, i) => (
        <div key={i} className={line.kind}>
          <span aria-hidden="true">{marks[line.kind]} </span>
          {line.kind === 'same' || line.kind === 'gap' ? line.text : line.kind === 'added' ? <ins>{line.text}</ins> : <del>{line.text}</del>}
        </div>
      ))}
    </pre>
  );
}
