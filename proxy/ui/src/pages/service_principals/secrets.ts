// OAuth secrets of a service principal.
import { call, get, path, query } from '../../base/api';

export interface OAuthSecret {
  id: string;
  secret_hash: string;
  create_time: string;
  expire_time: string;
  scopes?: string[];
}

interface Page {
  secrets?: OAuthSecret[];
  next_page_token?: string;
}

export const mostSecrets = 5;
const place = (id: string): string => path`/api/2.0/accounts/servicePrincipals/${id}/credentials/secrets`;

/** All of them: there are at most five. */
export async function listSecrets(id: string, signal: AbortSignal): Promise<OAuthSecret[]> {
  const all: OAuthSecret[] = [];
  let from: string | undefined;
  do {
    const page: Page = await get<Page>(place(id) + query({ page_token: from }), signal);
    all.push(...(page.secrets ?? []));
    from = page.next_page_token;
  } while (from);
  return all;
}

export const createSecret = (id: string, seconds: number, scope: string): Promise<OAuthSecret & { secret: string }> =>
  call('POST', place(id), { body: { lifetime: `${seconds}s`, scopes: [scope] } });
export const deleteSecret = (id: string, secret: string): Promise<unknown> =>
  call('DELETE', place(id) + path`/${secret}`);
