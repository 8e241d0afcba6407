import { describe, expect, it } from 'vitest';
import { mayRestore, otherOf, type Outcome, type Version } from './versions';

const version = (number: number, outcome: Outcome): Version => ({
  version: number,
  created_ms: number,
  created_by: 'alice@example.com',
  outcome,
  config: {},
});
const newest = [version(7, 'failed'), version(6, 'active'), version(4, 'superseded')];

describe('what a version is compared with', () => {
  it('the one before it, also where numbers are missing', () => {
    expect(otherOf(newest, newest[1]!, 'before', false)).toEqual({ kind: 'found', version: newest[2] });
  });
  it('the active one', () => {
    expect(otherOf(newest, newest[2]!, 'active', false)).toEqual({ kind: 'found', version: newest[1] });
  });
  it('one on a page that is not here, or none', () => {
    expect(otherOf(newest, newest[2]!, 'before', false)).toEqual({ kind: 'elsewhere' });
    expect(otherOf(newest, newest[2]!, 'before', true)).toEqual({ kind: 'none' });
    expect(otherOf([version(1, 'failed')], version(1, 'failed'), 'active', true)).toEqual({ kind: 'none' });
  });
});

it('goes back to what served, failed or was canceled', () => {
  expect((['active', 'pending', 'superseded', 'failed', 'canceled'] as const).filter((each) => mayRestore(version(1, each)))).toEqual([
    'superseded',
    'failed',
    'canceled',
  ]);
});
