import { expect, it } from 'vitest';
import { principalOf, searchFilter } from './principals';

it('searches the names of the kind, and quotes what is typed', () => {
  expect(searchFilter('user', ' al"ice\\ ')).toBe('userName co "al\\"ice\\\\" or displayName co "al\\"ice\\\\"');
  expect(searchFilter('group', 'x')).toBe('displayName co "x"');
  expect(searchFilter('servicePrincipal', '  ')).toBe('');
});

it('takes the name by which the API knows a principal, and the one that people know', () => {
  const user = { kind: 'user', id: '1', name: 'a@b.c', display: 'A' };
  expect(principalOf('user', { id: '1', userName: 'a@b.c', displayName: 'A' })).toEqual(user);
  const group = { kind: 'group', id: '2', name: 'admins', display: 'admins' };
  expect(principalOf('group', { id: '2', displayName: 'admins' })).toEqual(group);
  const robot = { kind: 'servicePrincipal', id: '3', name: '12', display: '12' };
  expect(principalOf('servicePrincipal', { id: '3', applicationId: '12' })).toEqual(robot);
});
