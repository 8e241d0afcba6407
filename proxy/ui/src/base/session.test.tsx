import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { act, cleanup, render, waitFor } from '@testing-library/react';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { call } from './api';
import { SessionProvider, useSessionControl, type SessionControl } from './session';
import { askBefore, isUnsaved, useAsked, useUnsaved } from './unsaved';

let control: SessionControl;
let asked: ReturnType<typeof useAsked>;
let user = ''; // whose the cookie is; '': nobody's
let broken = false; // no answer comes but 503
let otherCookie = false; // the session is another one than the page knows

const answer = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });

/** A gateway that knows the tokens 'of-<user>'. */
function gateway(path: string, init: RequestInit): Response {
  if (broken) return answer(503, { error_code: 'TEMPORARILY_UNAVAILABLE', message: 'Later.' });
  if (init.method === 'POST' && path.endsWith('/session')) {
    user = (JSON.parse(init.body as string) as { token: string }).token.slice(3);
  }
  if (!user) return answer(401, { error_code: 'UNAUTHENTICATED', message: 'Who are you?' });
  if (path.endsWith('/session')) return answer(200, { id: user, user_name: user, csrf_token: `csrf-${user}` });
  if (otherCookie) return answer(403, { error_code: 'PERMISSION_DENIED', message: 'X-Csrf-Token is of another session.' });
  const csrf = (init.headers as Record<string, string>)['x-csrf-token'];
  return answer(200, { saved_by: user, csrf });
}

function Page({ typed }: { typed: boolean }) {
  control = useSessionControl();
  asked = useAsked();
  useUnsaved(typed && control.state.kind === 'signed-in'); // no page is there before
  return null;
}

async function open(typed: boolean) {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <SessionProvider>
        <Page typed={typed} />
      </SessionProvider>
    </QueryClientProvider>,
  );
  await waitFor(() => expect(control.state.kind).toBe('signed-in'));
}
const ended = () => (control.state.kind === 'signed-in' ? control.state.ended : undefined);

beforeEach(() => {
  user = 'ann';
  broken = otherCookie = false;
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => gateway(path, init));
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a session that ends', () => {
  it('signs out where nothing was typed', async () => {
    await open(false);
    user = '';
    await act(() => expect(call('POST', '/save')).rejects.toMatchObject({ status: 401 }));
    expect(control.state).toEqual({ kind: 'signed-out', expired: true });
  });

  it('is waited for where something was typed, and the call is made then', async () => {
    await open(true);
    user = '';
    const saved = call('POST', '/save', { body: {} });
    await waitFor(() => expect(ended()).toBe(true));
    const asked = call('GET', '/more'); // does not even go out
    await act(() => control.signIn('of-ann'));
    expect(ended()).toBe(false);
    expect(await saved).toEqual({ saved_by: 'ann', csrf: 'csrf-ann' });
    expect(await asked).toEqual({ saved_by: 'ann', csrf: 'csrf-ann' });
    expect(isUnsaved()).toBe(true);
  });

  it('leaves nothing to another user', async () => {
    await open(true);
    user = '';
    const saved = call('POST', '/save', { body: {} });
    const failed = expect(saved).rejects.toMatchObject({ status: 401 });
    await waitFor(() => expect(ended()).toBe(true));
    const late = expect(call('POST', '/late')).rejects.toMatchObject({ status: 401 }); // must not be made as bob
    await act(() => control.signIn('of-bob'));
    await failed;
    await late;
    expect(control.state).toMatchObject({ kind: 'signed-in', session: { id: 'bob' }, ended: false });
    expect(isUnsaved()).toBe(false);
  });

  it('is not waited for once the user has given up', async () => {
    await open(true);
    user = '';
    const failed = expect(call('POST', '/save')).rejects.toMatchObject({ status: 401 });
    await waitFor(() => expect(ended()).toBe(true));
    act(() => control.giveUp());
    await failed;
    expect(control.state).toEqual({ kind: 'signed-out', expired: true });
    expect(isUnsaved()).toBe(false);
  });
});

describe('the question before something is lost', () => {
  async function askedAndEnded() {
    await open(true);
    const action = vi.fn();
    act(() => askBefore(action));
    expect(asked.asked).toBe(true);
    user = '';
    call('POST', '/save', { body: {} }).catch(() => {});
    await waitFor(() => expect(ended()).toBe(true));
    return action;
  }

  it('waits for the same user', async () => {
    const action = await askedAndEnded();
    await act(() => control.signIn('of-ann'));
    expect(asked.asked).toBe(true);
    act(() => asked.leave());
    expect(action).toHaveBeenCalledOnce();
  });

  it('is not put to another user', async () => {
    const action = await askedAndEnded();
    await act(() => control.signIn('of-bob'));
    expect(asked.asked).toBe(false);
    act(() => asked.leave());
    expect(action).not.toHaveBeenCalled();
  });

  it('is gone when what was typed has been thrown away', async () => {
    await askedAndEnded();
    act(() => control.giveUp());
    expect(asked.asked).toBe(false);
  });
});

describe('signing out', () => {
  it('leaves what was typed guarded when it fails', async () => {
    await open(true);
    let said: unknown = null;
    act(() => askBefore(() => void control.signOut().catch((cause: unknown) => (said = cause))));
    broken = true;
    act(() => asked.leave());
    await waitFor(() => expect(said).toMatchObject({ status: 503 }));
    expect(control.state.kind).toBe('signed-in');
    expect(isUnsaved()).toBe(true);
    broken = false;
    await act(() => control.signOut());
    expect(control.state).toEqual({ kind: 'signed-out', expired: false });
    expect(isUnsaved()).toBe(false);
  });

  it('is done where the session has ended already', async () => {
    await open(true);
    user = '';
    await act(() => control.signOut());
    expect(control.state).toEqual({ kind: 'signed-out', expired: false });
  });
});

describe('a cookie of another session', () => {
  const save = () => act(() => expect(call('POST', '/save', { body: {} })).rejects.toMatchObject({ status: 403 }));

  it('keeps what was typed until it is known whose it is', async () => {
    await open(true);
    vi.useFakeTimers({ shouldAdvanceTime: true });
    vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
      const is = gateway(path, init);
      if (path === '/save') broken = true; // from here on
      return is;
    });
    otherCookie = true;
    await save();
    await act(() => vi.advanceTimersByTimeAsync(5000));
    expect(control.state).toMatchObject({ kind: 'signed-in', session: { id: 'ann' }, ended: false });
    expect(isUnsaved()).toBe(true);

    broken = false;
    user = 'bob';
    await act(() => vi.advanceTimersByTimeAsync(5000));
    expect(control.state).toMatchObject({ kind: 'signed-in', session: { id: 'bob' } });
    expect(isUnsaved()).toBe(false);
  });

  it('lets its user sign in again on top of what was typed when it is nobody\'s', async () => {
    await open(true);
    vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
      const is = gateway(path, init);
      if (path === '/save') user = '';
      return is;
    });
    otherCookie = true;
    await save();
    await waitFor(() => expect(ended()).toBe(true));
    expect(isUnsaved()).toBe(true);
  });
});
