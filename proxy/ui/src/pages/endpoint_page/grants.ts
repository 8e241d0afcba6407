// The permissions of an endpoint as rows, and the calls that change them.
import type { PermissionLevel } from '../../base/types';

export const levels: readonly PermissionLevel[] = ['CAN_VIEW', 'CAN_QUERY', 'CAN_MANAGE'];
export const principalKinds = ['user', 'group', 'service_principal'] as const;
export type PrincipalKind = (typeof principalKinds)[number];

export interface AccessControl {
  user_name?: string;
  group_name?: string;
  service_principal_name?: string;
  display_name?: string;
  all_permissions?: { permission_level: PermissionLevel; inherited?: boolean; inherited_from_object?: string[] }[];
}

export interface Permissions {
  object_id: string;
  access_control_list?: AccessControl[];
}

export interface Grant {
  kind: PrincipalKind;
  name: string;
  displayName: string;
  level: PermissionLevel;
  inherited: boolean;
}

export interface GrantInput {
  user_name?: string;
  group_name?: string;
  service_principal_name?: string;
  permission_level: PermissionLevel;
}

const memberOf = { user: 'user_name', group: 'group_name', service_principal: 'service_principal_name' } as const;

/** One row for each permission of each principal: inherited ones last, then by kind and name. */
export function grantsOf(permissions: Permissions): Grant[] {
  const out = (permissions.access_control_list ?? []).flatMap((entry) => {
    const kind = principalKinds.find((each) => entry[memberOf[each]] !== undefined) ?? 'user';
    return (entry.all_permissions ?? []).map(
      (each): Grant => ({
        kind,
        name: entry[memberOf[kind]] ?? '',
        displayName: entry.display_name ?? '',
        level: each.permission_level,
        inherited: each.inherited ?? false,
      }),
    );
  });
  const order = (grant: Grant) => `${grant.inherited ? 1 : 0} ${principalKinds.indexOf(grant.kind)} ${grant.name}`;
  return out.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

export const samePrincipal = (a: Pick<Grant, 'kind' | 'name'>, b: Pick<Grant, 'kind' | 'name'>): boolean =>
  a.kind === b.kind && a.name === b.name;

export const inputOf = (grant: Pick<Grant, 'kind' | 'name' | 'level'>): GrantInput => ({
  [memberOf[grant.kind]]: grant.name,
  permission_level: grant.level,
});

/** What a PUT must say so that only this one goes. */
export const withoutGrant = (grants: Grant[], gone: Grant): GrantInput[] =>
  grants.filter((each) => !each.inherited && !samePrincipal(each, gone)).map(inputOf);
