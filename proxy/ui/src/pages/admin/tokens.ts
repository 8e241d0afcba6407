// Access tokens: one's own, and for admins those of all.
import { call, get, path } from '../../base/api';

export interface TokenInfo {
  token_id: string;
  creation_time: number;
  expiry_time: number; // -1: never
  comment: string;
  created_by_username?: string; // these only in the admins' list
  owner_id?: number;
}

interface TokenList {
  token_infos?: TokenInfo[];
}

export interface MadeToken {
  token_value: string;
  token_info: TokenInfo;
}

const newestFirst = (answer: TokenList): TokenInfo[] =>
  [...(answer.token_infos ?? [])].sort((a, b) => b.creation_time - a.creation_time);

export const ownTokens = async (signal: AbortSignal): Promise<TokenInfo[]> =>
  newestFirst(await get<TokenList>('/api/2.0/token/list', signal));
export const allTokens = async (signal: AbortSignal): Promise<TokenInfo[]> =>
  newestFirst(await get<TokenList>('/api/2.0/token-management/tokens', signal));
export const deleteOwnToken = (id: string): Promise<unknown> =>
  call('POST', '/api/2.0/token/delete', { body: { token_id: id } });
export const deleteAnyToken = (id: string): Promise<unknown> =>
  call('DELETE', path`/api/2.0/token-management/tokens/${id}`);

/** For oneself, or on behalf of another. */
export function makeToken(
  comment: string,
  seconds: number | undefined,
  owner?: { kind: 'user' | 'servicePrincipal'; name: string },
): Promise<MadeToken> {
  const body: Record<string, unknown> = {};
  if (comment.trim()) body.comment = comment.trim();
  if (seconds !== undefined) body.lifetime_seconds = seconds;
  if (!owner) return call<MadeToken>('POST', '/api/2.0/token/create', { body });
  body[owner.kind === 'user' ? 'user_name' : 'application_id'] = owner.name;
  return call<MadeToken>('POST', '/api/2.0/token-management/on-behalf-of/tokens', { body });
}

export type Expiry = 'never' | 'soon' | 'later' | 'past';

const soonMs = 7 * 86_400_000;

export function expiryOf(token: TokenInfo, now = Date.now()): Expiry {
  if (token.expiry_time < 0) return 'never';
  const left = token.expiry_time - now;
  return left <= 0 ? 'past' : left <= soonMs ? 'soon' : 'later';
}

/** Those whose comment, id, owner or maker has the text. */
export function filterTokens(tokens: TokenInfo[], text: string, ownerOf: (token: TokenInfo) => string): TokenInfo[] {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return tokens;
  return tokens.filter((each) =>
    [each.comment, each.token_id, ownerOf(each), each.created_by_username ?? ''].some((part) =>
      part.toLowerCase().includes(wanted),
    ),
  );
}
