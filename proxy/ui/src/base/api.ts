// Calls of the gateway's own API, by the session's cookie. Nothing here keeps a token.

export class ApiError extends Error {
  constructor(
    readonly status: number, // 0: no answer
    readonly code: string, // error_code, or '' when the answer had none
    message: string,
    readonly requestId: string,
  ) {
    super(message);
  }
}

let csrfToken = '';
let onSignedOut: () => void = () => {};
let onOtherSession: () => void = () => {};

/** What the session answer brought; '' after sign-out. */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** Called when the gateway no longer knows the session. */
export function whenSignedOut(what: () => void): void {
  onSignedOut = what;
}

let again: Promise<boolean> | null = null; // while somebody is asked to sign in again

/** From now on calls wait, also those that were refused since the session had ended: they are made after `end(true)`, and fail
 *  after `end(false)`. */
export function holdCalls(): (go: boolean) => void {
  let end: (go: boolean) => void = () => {};
  const waiting = new Promise<boolean>((resolve) => (end = resolve));
  again = waiting;
  return (go) => {
    if (again === waiting) again = null;
    end(go);
  };
}

/** Called when the cookie has become that of another session: somebody has signed in in another tab. */
export function whenOtherSession(what: () => void): void {
  onOtherSession = what;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Sent {
  body?: unknown;
  text?: string; // a body as it is, instead of `body`
  headers?: Record<string, string>;
  signal?: AbortSignal;
  keepSession?: boolean; // a 401 may be the provider's, or that of the session itself: it does not sign out
}

/** The answer as it comes, for streams and for those who show headers; also one that is no success. */
export async function send(method: Method, path: string, sent: Sent = {}): Promise<Response> {
  if (again && !sent.keepSession && !(await again)) throw new ApiError(401, 'UNAUTHENTICATED', 'The session has ended.', '');
  const headers: Record<string, string> = { accept: 'application/json', ...sent.headers };
  if (csrfToken) headers['x-csrf-token'] = csrfToken;
  const init: RequestInit = { method, headers, credentials: 'same-origin', cache: 'no-store' };
  if (sent.signal) init.signal = sent.signal;
  const body = sent.text ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body));
  if (body !== undefined) {
    headers['content-type'] ??= 'application/json';
    init.body = body;
  }
  let answer: Response;
  try {
    answer = await fetch(path, init);
  } catch (cause) {
    if (sent.signal?.aborted) throw cause;
    throw new ApiError(0, 'NO_ANSWER', cause instanceof Error ? cause.message : String(cause), '');
  }
  if (answer.status !== 401 || sent.keepSession) return answer;
  if (csrfToken) onSignedOut();
  return again && (await again) ? send(method, path, sent) : answer;
}

/** What an answer that is no success says. */
export async function errorOf(answer: Response): Promise<ApiError> {
  const text = await answer.text();
  const requestId = answer.headers.get('x-request-id') ?? '';
  try {
    const body = JSON.parse(text) as Record<string, unknown>;
    const nested = body.error as Record<string, unknown> | undefined;
    const message = body.message ?? body.detail ?? nested?.message;
    const code = body.error_code ?? nested?.type ?? '';
    if (typeof message === 'string') return new ApiError(answer.status, String(code), message, requestId);
  } catch {
    // not JSON: the text says it
  }
  return new ApiError(answer.status, '', text.slice(0, 2000) || answer.statusText, requestId);
}

/** One call; a failure throws an ApiError. */
export async function call<T>(method: Method, path: string, sent: Sent = {}): Promise<T> {
  const answer = await send(method, path, sent);
  if (!answer.ok) {
    const error = await errorOf(answer);
    if (answer.status === 403 && csrfToken && error.message.includes('X-Csrf-Token')) onOtherSession();
    throw error;
  }
  const text = await answer.text();
  return (text ? JSON.parse(text) : {}) as T;
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> =>
  call<T>('GET', path, signal ? { signal } : {});

/** A path of literal parts and encoded names: path`/api/2.0/serving-endpoints/${name}` */
export function path(parts: TemplateStringsArray, ...names: (string | number)[]): string {
  return parts.reduce((made, part, i) => made + part + (i < names.length ? encodeURIComponent(names[i]!) : ''), '');
}

/** A query text with its question mark; what is undefined or '' is left out. */
export function query(values: Record<string, string | number | undefined>): string {
  const made = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== '') made.set(name, String(value));
  }
  const text = made.toString();
  return text ? `?${text}` : '';
}
