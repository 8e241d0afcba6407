import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { act, cleanup, render, waitFor } from '@testing-library/react';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { call } from './api';
import { SessionProvider, useSessionControl, type SessionControl } from './session';
import { isUnsaved, useUnsaved } from './unsaved';

let control: SessionControl;
let user = ''; // whose the cookie is; '': nobody's

const answer = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });

/** A gateway that knows the tokens 'of-<user>'. */
function gateway(path: string, init: RequestInit): Response {
  if (init.method === 'POST' && path.endsWith('/session')) {
    user = (JSON.parse(init.body as string) as { token: string }).token.slice(3);
  }
  if (!user) return answer(401, { error_code: 'UNAUTHENTICATED', message: 'Who are you?' });
  if (path.endsWith('/session')) return answer(200, { id: user, user_name: user, csrf_token: `csrf-${user}` });
  const csrf = (init.headers as Record<string, string>)['x-csrf-token'];
  return answer(200, { saved_by: user, csrf });
}

function Page({ typed }: { typed: boolean }) {
  control = useSessionControl();
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
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => gateway(path, init));
});
afterEach(() => {
  cleanup();
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
