import { expect, it } from 'vitest';
import { choiceOf, filterFor } from './principals';

it('asks for names and display names, whatever the text holds', () => {
  expect(filterFor('user', 'al')).toBe('userName co "al" or displayName co "al"');
  expect(filterFor('group', 'a"b\\')).toBe('displayName co "a\\"b\\\\"');
  expect(filterFor('service_principal', '')).toBeUndefined();
});

it('takes the name by which permissions know a principal', () => {
  expect(choiceOf('user', { userName: 'a@b.c', displayName: 'A' })).toEqual({ name: 'a@b.c', label: 'A' });
  expect(choiceOf('group', { displayName: 'admins' })).toEqual({ name: 'admins', label: '' });
  expect(choiceOf('service_principal', { applicationId: '12', displayName: 'Robot' })).toEqual({ name: '12', label: 'Robot' });
});
