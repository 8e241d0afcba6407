import { describe, expect, it } from 'vitest';
import { aroundChanges, linesOf } from '../../parts/diff';
import { addressOf, askedWith, filterOf, isFiltered, joinNewer, jsonLines, noFilter, type AuditEvent } from './events';

const event = (id: number): AuditEvent => ({
  event_id: id,
  event_time: id,
  request_id: '',
  principal_id: '1',
  principal_name: 'admin',
  source_ip_address: '',
  user_agent: '',
  action_name: 'a',
  target: 't',
});

describe('the filter', () => {
  it('goes into the address and comes back', () => {
    const filter = { ...noFilter, range: 'day', target: 'serving-endpoints/a b' } as const;
    expect(addressOf(filter)).toEqual({ range: 'day', target: 'serving-endpoints/a b' });
    expect(filterOf(new URLSearchParams(addressOf(filter)))).toEqual(filter);
    expect(filterOf(new URLSearchParams('range=nonsense'))).toEqual(noFilter);
    expect(isFiltered(noFilter)).toBe(false);
  });

  it('asks with milliseconds', () => {
    expect(askedWith({ ...noFilter, range: 'hour' }, 10_000_000)).toMatchObject({ start_time: 6_400_000, end_time: undefined });
    const custom = { ...noFilter, range: 'custom', from: '2026-01-01T00:00', to: '2026-01-01T00:00' } as const;
    const asked = askedWith(custom, 0);
    expect(Number(asked.end_time) - Number(asked.start_time)).toBe(60_000);
    expect(askedWith({ ...custom, from: 'x', to: '' }, 0)).toMatchObject({ start_time: undefined, end_time: undefined });
  });
});

describe('joinNewer', () => {
  it('puts newer ones before, and sees a gap', () => {
    const known = [event(3), event(2)];
    expect(joinNewer(known, { rows: [event(4), event(3)], next: '3' })?.map((each) => each.event_id)).toEqual([4, 3, 2]);
    expect(joinNewer(known, { rows: [event(3)], next: undefined })).toBe(known);
    expect(joinNewer(known, { rows: [event(9), event(8)], next: '8' })).toBeNull();
    expect(joinNewer([], { rows: [event(1)], next: undefined })).toEqual([event(1)]);
  });
});

describe('jsonLines', () => {
  it('has one event in a line', () => {
    expect(jsonLines([event(1), event(2)]).split('\n').map((line) => (line ? JSON.parse(line).event_id : ''))).toEqual([1, 2, '']);
  });
});

describe('linesOf', () => {
  it('shows what there was not before as added only', () => {
    expect(linesOf(undefined, { a: 1 }).every((line) => line.kind === 'added')).toBe(true);
    expect(linesOf({ a: 1 }, undefined).every((line) => line.kind === 'removed')).toBe(true);
  });

  it('is shortened to what is around the changes', () => {
    const before = Array.from({ length: 40 }, (_, i) => i);
    const after = before.map((each) => (each === 20 ? -1 : each));
    const shown = aroundChanges(linesOf(before, after), 1).map((line) => line.text.trim());
    expect(shown).toEqual(['⋯', '19,', '20,', '-1,', '21,', '⋯']);
  });
});
