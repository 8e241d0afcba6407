// The secrets calls. None of them reads a value: this page never shows one.
import { call, get, query } from '../../base/api';

export interface Scope {
  name: string;
  backend_type: string;
}
export interface SecretKey {
  key: string;
  last_updated_timestamp: number;
}
export const permissions = ['READ', 'WRITE', 'MANAGE'] as const;
export type ScopePermission = (typeof permissions)[number];
export interface Acl {
  principal: string;
  permission: ScopePermission;
}

const root = '/api/2.0/secrets/';
const post = (what: string, body: unknown): Promise<unknown> => call('POST', root + what, { body });
const byName = (a: string, b: string): number => (a.toLowerCase() < b.toLowerCase() ? -1 : 1);

export async function listScopes(signal: AbortSignal): Promise<Scope[]> {
  const { scopes = [] } = await get<{ scopes?: Scope[] }>(root + 'scopes/list', signal);
  return [...scopes].sort((a, b) => byName(a.name, b.name));
}
export async function listKeys(scope: string, signal: AbortSignal): Promise<SecretKey[]> {
  const { secrets = [] } = await get<{ secrets?: SecretKey[] }>(root + 'list' + query({ scope }), signal);
  return [...secrets].sort((a, b) => byName(a.key, b.key));
}
export async function listAcls(scope: string, signal: AbortSignal): Promise<Acl[]> {
  const { items = [] } = await get<{ items?: Acl[] }>(root + 'acls/list' + query({ scope }), signal);
  return [...items].sort((a, b) => byName(a.principal, b.principal));
}

export const createScope = (scope: string, forAll: boolean): Promise<unknown> =>
  post('scopes/create', forAll ? { scope, initial_manage_principal: 'users' } : { scope });
export const deleteScope = (scope: string): Promise<unknown> => post('scopes/delete', { scope });
export const putSecret = (scope: string, key: string, value: string): Promise<unknown> =>
  post('put', { scope, key, string_value: value });
export const deleteSecret = (scope: string, key: string): Promise<unknown> => post('delete', { scope, key });
export const putAcl = (scope: string, principal: string, permission: ScopePermission): Promise<unknown> =>
  post('acls/put', { scope, principal, permission });
export const deleteAcl = (scope: string, principal: string): Promise<unknown> =>
  post('acls/delete', { scope, principal });
