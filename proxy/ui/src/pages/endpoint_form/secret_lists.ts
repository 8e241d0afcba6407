// The scopes that the user may read, and the keys in them: names only.
import { useQuery } from '@tanstack/react-query';
import { get, query } from '../../base/api';

export const scopesQuery = ['endpoint-form', 'scopes'];
export const secretKeysQuery = (scope: string) => ['endpoint-form', 'secrets', scope];

export function useScopes() {
  return useQuery({
    queryKey: scopesQuery,
    queryFn: async ({ signal }) => {
      const answer = await get<{ scopes?: { name: string }[] }>('/api/2.0/secrets/scopes/list', signal);
      return (answer.scopes ?? []).map((each) => each.name).sort();
    },
  });
}

export function useSecretKeys(scope: string) {
  return useQuery({
    queryKey: secretKeysQuery(scope),
    enabled: scope !== '',
    queryFn: async ({ signal }) => {
      const answer = await get<{ secrets?: { key: string }[] }>('/api/2.0/secrets/list' + query({ scope }), signal);
      return (answer.secrets ?? []).map((each) => each.key).sort();
    },
  });
}
