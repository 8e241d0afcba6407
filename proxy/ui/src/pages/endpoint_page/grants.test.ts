import { describe, expect, it } from 'vitest';
import { grantsOf, inputOf, withoutGrant, type Permissions } from './grants';

const answer: Permissions = {
  object_id: '/serving-endpoints/1',
  access_control_list: [
    {
      group_name: 'admins',
      all_permissions: [
        { permission_level: 'CAN_VIEW', inherited: false },
        { permission_level: 'CAN_MANAGE', inherited: true },
      ],
    },
    { service_principal_name: 'app', display_name: 'Robot', all_permissions: [{ permission_level: 'CAN_QUERY' }] },
    { user_name: 'alice@example.com', all_permissions: [{ permission_level: 'CAN_MANAGE', inherited: false }] },
  ],
};

describe('permissions as rows', () => {
  it('has one for each permission, inherited ones last', () => {
    expect(grantsOf(answer).map((each) => `${each.kind} ${each.name} ${each.level} ${each.inherited}`)).toEqual([
      'user alice@example.com CAN_MANAGE false',
      'group admins CAN_VIEW false',
      'service_principal app CAN_QUERY false',
      'group admins CAN_MANAGE true',
    ]);
  });
  it('removes one and sends nothing that is inherited', () => {
    const grants = grantsOf(answer);
    expect(withoutGrant(grants, grants[2]!)).toEqual([
      { user_name: 'alice@example.com', permission_level: 'CAN_MANAGE' },
      { group_name: 'admins', permission_level: 'CAN_VIEW' },
    ]);
  });
  it('names a principal by the member of its kind', () => {
    expect(inputOf({ kind: 'service_principal', name: 'app', level: 'CAN_VIEW' })).toEqual({
      service_principal_name: 'app',
      permission_level: 'CAN_VIEW',
    });
  });
  it('is empty when nothing is granted', () => {
    expect(grantsOf({ object_id: 'x' })).toEqual([]);
  });
});
