// Names that a principal may have, as somebody types.
import { useEffect, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { get, query } from '../base/api';
import type { PrincipalKind } from './rate_limits';

export interface PrincipalName {
  value: string; // what the API wants
  label: string; // what people know it by, or ''
}

interface Resource {
  userName?: string;
  displayName?: string;
  applicationId?: string;
}

const lists: Record<PrincipalKind, { path: string; searched: string }> = {
  user: { path: '/api/2.0/preview/scim/v2/Users', searched: 'userName' },
  user_group: { path: '/api/2.0/preview/scim/v2/Groups', searched: 'displayName' },
  service_principal: { path: '/api/2.0/preview/scim/v2/ServicePrincipals', searched: 'displayName' },
};
const typingMs = 250;

export function namesOf(kind: PrincipalKind, resources: Resource[]): PrincipalName[] {
  return resources.flatMap(({ userName, displayName = '', applicationId }) => {
    const value = { user: userName, user_group: displayName, service_principal: applicationId }[kind];
    return value ? [{ value, label: displayName === value ? '' : displayName }] : [];
  });
}

export const searchFilter = (attribute: string, typed: string): string =>
  typed ? `${attribute} co "${typed.replace(/["\\]/g, '\\$&')}"` : '';

/** At most 20; none while they are not known, or when the caller may not list them. */
export function usePrincipalNames(kind: PrincipalKind, typed: string, wanted: boolean): PrincipalName[] {
  const [settled, setSettled] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(typed), typingMs);
    return () => clearTimeout(timer);
  }, [typed]);
  const { path, searched } = lists[kind];
  const found = useQuery({
    queryKey: ['limit-principals', kind, settled],
    queryFn: ({ signal }) =>
      get<{ Resources?: Resource[] }>(path + query({ filter: searchFilter(searched, settled), count: 20 }), signal),
    enabled: wanted,
    retry: false,
  });
  return namesOf(kind, found.data?.Resources ?? []);
}
