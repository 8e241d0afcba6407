import { describe, expect, it } from 'vitest';
import { linesWith } from './lines';

describe('lines of a log', () => {
  it('are those with the text', () => {
    const log = 'one status=500\ntwo status=429\n\nONE more\n';
    expect(linesWith(log, '').shown).toHaveLength(4);
    expect(linesWith(log, ' one ')).toEqual({ shown: ['one status=500', 'ONE more'], all: 4 });
    expect(linesWith('', 'x')).toEqual({ shown: [], all: 0 });
  });
});
