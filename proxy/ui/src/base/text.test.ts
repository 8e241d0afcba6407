import { describe, expect, it } from 'vitest';
import { fill } from './text';

describe('fill', () => {
  it('puts values in, once, and leaves what it does not know', () => {
    expect(fill('{a} of {b}, {c}', { a: 1, b: '{a}' })).toBe('1 of {a}, {c}');
    expect(fill('{{secrets/scope/key}}')).toBe('{{secrets/scope/key}}');
  });

  it('keeps names that turn the text by themselves', () => {
    expect(fill('Delete {name}?', { name: 'a\u202eb' })).toBe('Delete \u2068a\u202eb\u2069?');
    expect(fill('{name}', { name: '김철수' })).toBe('김철수');
  });
});
