// JSON values as the source text of other languages. Characters that turn the direction of text or are seen as line
// ends by some are written as escapes, so that code is what it looks like.

const turning = /[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;
const escapeTurning = (text: string): string =>
  text.replace(turning, (each) => '\\u' + each.charCodeAt(0).toString(16).padStart(4, '0'));

export const json = (value: unknown, indent = 2): string => escapeTurning(JSON.stringify(value, null, indent));

interface Dialect {
  step: string; // of one level
  atoms: Record<'true' | 'false' | 'null', string>;
  key: (name: string) => string;
}

const python: Dialect = {
  step: '    ',
  atoms: { true: 'True', false: 'False', null: 'None' },
  key: (name) => json(name),
};
const javascript: Dialect = {
  step: '  ',
  atoms: { true: 'true', false: 'false', null: 'null' },
  key: (name) => (name === '__proto__' ? '["__proto__"]' : isIdentifier(name) ? name : json(name)),
};

export const isIdentifier = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);

const widest = 88; // what fits stays in one line

function write(value: unknown, dialect: Dialect, indent: string): string {
  if (value === null || value === undefined) return dialect.atoms.null;
  if (typeof value === 'boolean') return dialect.atoms[value ? 'true' : 'false'];
  if (typeof value !== 'object') return json(value);
  const isList = Array.isArray(value);
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  const pairs = isList ? value.map((each): [string, unknown] => ['', each]) : Object.entries(value);
  if (!pairs.length) return open + close;
  const items = (inner: string) =>
    pairs.map(([name, each]) => (isList ? '' : dialect.key(name) + ': ') + write(each, dialect, inner));
  const short = open + items('').join(', ') + close;
  if (!short.includes('\n') && indent.length + short.length <= widest) return short;
  const deeper = indent + dialect.step;
  return `${open}\n${items(deeper)
    .map((each) => deeper + each)
    .join(',\n')},\n${indent}${close}`;
}

export const pythonLiteral = (value: unknown, indent = ''): string => write(value, python, indent);
export const jsLiteral = (value: unknown, indent = ''): string => write(value, javascript, indent);

/** One word of a POSIX shell. */
export const shellWord = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
