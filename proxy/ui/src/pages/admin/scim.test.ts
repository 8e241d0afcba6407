import { describe, expect, it, vi } from 'vitest';
import * as scim from './scim';

describe('drafts', () => {
  const person: scim.Person = {
    id: '7',
    userName: 'alice@example.com',
    displayName: 'Alice',
    entitlements: [{ value: 'workspace-access' }, { value: 'other' }],
    groups: [
      { value: '11', display: 'science', type: 'direct' },
      { value: '12', display: 'all-of-science', type: 'indirect' },
    ],
  };

  it('hold direct groups only', () => {
    expect(scim.draftOf(person)).toEqual({
      name: 'alice@example.com',
      displayName: 'Alice',
      mayCreate: true,
      otherEntitlements: 'other',
      groups: [{ id: '11', name: 'science' }],
    });
  });

  it('send only what differs', () => {
    const before = scim.draftOf(person);
    expect(scim.changesOf(before, { ...before })).toEqual([]);
    expect(scim.changesOf(before, { ...before, displayName: ' Al ', mayCreate: false })).toEqual([
      { op: 'replace', path: 'displayName', value: 'Al' },
      { op: 'replace', path: 'entitlements', value: [{ value: 'other' }] },
    ]);
    expect(scim.changesOf(before, { ...before, groups: [] })).toEqual([{ op: 'replace', path: 'groups', value: [] }]);
  });

  it('make a user, or a service principal whose id the gateway makes', () => {
    const draft = { ...scim.emptyPerson, name: ' bob ', otherEntitlements: 'a, a,,b ', mayCreate: true };
    expect(scim.newPerson('user', draft)).toEqual({
      userName: 'bob',
      entitlements: [{ value: 'workspace-access' }, { value: 'a' }, { value: 'b' }],
      groups: [],
    });
    expect(scim.newPerson('servicePrincipal', { ...scim.emptyPerson, displayName: 'Job' })).toEqual({
      displayName: 'Job',
      entitlements: [],
      groups: [],
    });
  });
});

describe('members', () => {
  it('have the kind of their $ref', () => {
    expect(scim.kindOfMember({ value: '1', $ref: 'Groups/1' })).toBe('group');
    expect(scim.kindOfMember({ value: '1', $ref: 'ServicePrincipals/1' })).toBe('servicePrincipal');
    expect(scim.kindOfMember({ value: '1' })).toBe('user');
  });
});

describe('listScim', () => {
  it('goes on where the page has ended, and ends with the last', async () => {
    const answer = (count: number) => ({
      Resources: Array.from({ length: count }, (_, i) => ({ id: String(i) })),
      totalResults: 5,
    });
    const asked = vi
      .spyOn(globalThis, 'fetch')
      .mockImplementation(async (url) => Response.json(answer(String(url).includes('startIndex=4') ? 2 : 3)));
    const first = await scim.listScim('user', { count: 3 });
    expect(first).toMatchObject({ total: 5, next: '4' });
    const second = await scim.listScim('user', { count: 3 }, first.next);
    expect(second.next).toBeUndefined();
    expect(String(asked.mock.calls[0]![0])).toBe(
      '/api/2.0/preview/scim/v2/Users?startIndex=1&count=3&sortBy=userName',
    );
  });
});
