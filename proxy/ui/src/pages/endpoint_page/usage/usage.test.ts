import { describe, expect, it } from 'vitest';
import { csvOf, fileName, joinCsvPages, shareOf, summaryCsv, timesOf, totalsOf, usageRangeFrom } from './usage';

const alice = { key: 'alice@example.com', requests: 3, errors: 1, input_tokens: 30, output_tokens: 60 };
const bob = { key: '=HYPERLINK("x")', requests: 1, errors: 0, input_tokens: 10, output_tokens: 20 };

describe('usage', () => {
  it('is summed', () => {
    expect(totalsOf([alice, bob])).toEqual({ requests: 4, errors: 1, input_tokens: 40, output_tokens: 80 });
    expect(totalsOf([])).toEqual({ requests: 0, errors: 0, input_tokens: 0, output_tokens: 0 });
    expect(shareOf(1, 4)).toBe(25);
    expect(shareOf(0, 0)).toBe(0);
  });

  it('has the times of its address', () => {
    const now = Date.UTC(2026, 0, 1);
    const times = (text: string) => timesOf(new URLSearchParams(text), now);
    expect(usageRangeFrom(new URLSearchParams('range=custom'))).toBe('custom');
    expect(usageRangeFrom(new URLSearchParams('range=no'))).toBe('1h');
    expect(times('range=custom&from=1&to=9')).toEqual({ startMs: 1, endMs: 9 });
    expect(times('range=custom&from=9&to=1')).toBeNull();
    expect(times('range=custom&from=x&to=1')).toBeNull();
    expect(times('range=custom')).toBeNull();
    const day = times('range=1d')!;
    expect(day.endMs - day.startMs).toBe(24 * 3600_000);
    expect(day.endMs).toBeGreaterThan(now);
  });
});

describe('CSV', () => {
  it('quotes, and disarms formulas', () => {
    expect(summaryCsv('requester', [alice, bob])).toBe(
      'requester,requests,errors,input_tokens,output_tokens\r\n' +
        'alice@example.com,3,1,30,60\r\n' +
        '"\'=HYPERLINK(""x"")",1,0,10,20\r\n',
    );
    expect(csvOf([['a,b', 'c\nd', '-1', -1]])).toBe('"a,b","c\nd",\'-1,-1\r\n');
  });

  it('joins pages under one head', () => {
    expect(joinCsvPages(['a,b\r\n1,2\r\n', 'a,b\r\n3,4\r\n', 'a,b\r\n'])).toBe('a,b\r\n1,2\r\n3,4\r\n');
    expect(joinCsvPages([])).toBe('');
  });

  it('has a name for its file', () => {
    expect(fileName('usage', 'a/b:<c>', 'ko-엔드포인트')).toBe('usage-a-b-c--ko-엔드포인트');
  });
});
