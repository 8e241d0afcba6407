import { describe, expect, it } from 'vitest';
import type { RateLimit } from '../base/types';
import { draftOf, faultsOf, hasFaults, limitsOf, newRow, rowOfMessage, withoutRow, withRow } from './rate_limits';

const minute = { renewal_period: 'minute' };
const stored: RateLimit[] = [
  { calls: 100, key: 'endpoint', ...minute },
  { calls: 10, key: 'user', ...minute },
  { calls: 5, key: 'user', principal: 'a@x', ...minute },
  { tokens: 700, key: 'user', principal: 'a@x', ...minute },
  { calls: 0, key: 'user_group', principal: 'data', ...minute },
];

describe('drafts of rate limits', () => {
  it('hold one row for each principal and give back what was stored', () => {
    const draft = draftOf(stored);
    expect(draft.endpoint.calls).toBe('100');
    expect(draft.eachUser.calls).toBe('10');
    expect(draft.rows.map((row) => [row.kind, row.principal, row.calls, row.tokens])).toEqual([
      ['user', 'a@x', '5', '700'],
      ['user_group', 'data', '0', ''],
    ]);
    expect(limitsOf(draft)).toEqual(stored);
    expect(hasFaults(faultsOf(draft))).toBe(false);
  });

  it('take a limit without a key for one of the endpoint', () => {
    expect(draftOf([{ calls: 3, ...minute }]).endpoint.calls).toBe('3');
  });

  it('split a limit that has calls and tokens', () => {
    expect(limitsOf(draftOf([{ calls: 1, tokens: 2, key: 'endpoint', ...minute }]))).toEqual([
      { calls: 1, key: 'endpoint', ...minute },
      { tokens: 2, key: 'endpoint', ...minute },
    ]);
  });

  it('keep what they do not know', () => {
    const odd = [
      { calls: 1, key: 'model', ...minute },
      { calls: 2, key: 'endpoint', renewal_period: 'hour' },
    ];
    expect(limitsOf(draftOf(odd))).toEqual(odd);
  });

  it('change and lose rows by id', () => {
    const draft = draftOf(stored);
    const row = draft.rows[0]!;
    expect(withRow(draft, { ...row, calls: '9' }).rows[0]!.calls).toBe('9');
    expect(withRow(draft, { ...draft.endpoint, calls: '' }).endpoint.calls).toBe('');
    expect(withoutRow(draft, row.id).rows).toHaveLength(1);
  });
});

describe('faults of rate limits', () => {
  const check = (row: Partial<ReturnType<typeof newRow>>) => {
    const made = { ...newRow('user'), principal: 'b@x', calls: '1', ...row };
    return faultsOf({ ...draftOf(stored), rows: [...draftOf(stored).rows, made] }).rows[made.id];
  };

  it('are found at their fields', () => {
    expect(check({})).toBeUndefined();
    expect(check({ principal: '  ' })).toEqual({ principal: 'needPrincipal' });
    expect(check({ principal: ' a@x' })).toEqual({ principal: 'twice' });
    expect(check({ principal: 'a@x', kind: 'user_group' })).toBeUndefined();
    expect(check({ calls: '' })).toEqual({ calls: 'needNumber' });
    for (const wrong of ['-1', '1.5', 'x', '1e3', '99999999999999999']) {
      expect(check({ calls: wrong })).toEqual({ calls: 'notWhole' });
    }
    expect(check({ tokens: 'many' })).toEqual({ tokens: 'notWhole' });
  });

  it('count the list', () => {
    const rows = (kind: 'user' | 'user_group', count: number) =>
      Array.from({ length: count }, (_, i) => ({ ...newRow(kind), principal: `p${i}`, calls: '1' }));
    const empty = draftOf([]);
    expect(faultsOf({ ...empty, rows: rows('user', 20) }).list).toBeNull();
    expect(faultsOf({ ...empty, rows: rows('user', 21) }).list).toBe('tooMany');
    expect(faultsOf({ ...empty, rows: rows('user_group', 6) }).list).toBe('tooManyGroups');
  });
});

describe('sentences of the gateway', () => {
  const draft = draftOf(stored);
  const about = (message: string) => rowOfMessage(draft, message);

  it('are shown at the row that they name', () => {
    expect(about("A rate limit names the principal 'data', which does not exist.")).toEqual({
      id: draft.rows[1]!.id,
      field: 'principal',
    });
    expect(about("'rate_limits[0].calls' must be an integer.")).toEqual({ id: draft.endpoint.id, field: 'calls' });
    expect(about("'ai_gateway.rate_limits[2].principal' must name whom.")).toEqual({
      id: draft.rows[0]!.id,
      field: 'principal',
    });
    expect(about("'rate_limits[3]' must not be negative.")).toEqual({ id: draft.rows[0]!.id, field: 'tokens' });
    expect(about('Rate limits on tokens are not implemented.')).toEqual({ id: draft.rows[0]!.id, field: 'tokens' });
  });

  it('have no row otherwise', () => {
    expect(about('The database is full.')).toBeNull();
    expect(about("'rate_limits[9].calls' must be an integer.")).toBeNull();
  });
});
