import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setCsrfToken, whenSignedOut } from '../base/api';
import { ask, firstTokenMs, isOver, latencyMs, type Run } from './ask';

const chunk = (content: string) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
const encode = (text: string) => new TextEncoder().encode(text);

function streamed(pieces: string[], end: 'close' | 'break' | 'hang' = 'close'): Response {
  const left = pieces.map(encode);
  const body = new ReadableStream<Uint8Array>({
    pull(control) {
      const next = left.shift();
      if (next) control.enqueue(next);
      else if (end === 'close') control.close();
      else if (end === 'break') control.error(new TypeError('network error'));
      else return new Promise(() => {});
      return undefined;
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'x-request-id': 'r1' } });
}

const answerWith = (...answers: (Response | Error)[]) => {
  const fetched = vi.fn(async () => {
    const next = answers.shift() ?? new Response('{}');
    if (next instanceof Error) throw next;
    return next;
  });
  vi.stubGlobal('fetch', fetched);
  return fetched;
};

const run = (body: Record<string, unknown> = {}, signal = new AbortController().signal, seen: Run[] = []): Promise<Run> =>
  ask({ path: '/serving-endpoints/a/invocations', body, signal, onChange: (next) => seen.push(next) });

beforeEach(() => setCsrfToken('csrf'));
afterEach(() => {
  vi.unstubAllGlobals();
  setCsrfToken('');
  whenSignedOut(() => {});
});

describe('ask', () => {
  it('reads a stream to its end', async () => {
    const fetched = answerWith(streamed([chunk('He'), chunk('y') + 'data: [DONE]\n\n']));
    const last = await run({ stream: true });
    expect(last).toMatchObject({ phase: 'done', status: 200, streamed: true, events: 3, fault: null });
    expect(last.answer.texts).toEqual(['Hey']);
    expect(last.headers).toContainEqual(['x-request-id', 'r1']);
    expect(last.raw.split('\n')).toHaveLength(3);
    expect(firstTokenMs(last)).toBeLessThanOrEqual(latencyMs(last)!);
    const [, sent] = fetched.mock.calls[0] as unknown as [string, RequestInit];
    expect(sent.headers).toMatchObject({ accept: 'text/event-stream', 'x-csrf-token': 'csrf' });
  });

  it('reads a whole answer', async () => {
    answerWith(Response.json({ choices: [{ index: 0, message: { content: 'Hi' }, finish_reason: 'stop' }] }));
    const last = await run();
    expect(last).toMatchObject({ phase: 'done', streamed: false, firstMs: null });
    expect(last.answer.texts).toEqual(['Hi']);
  });

  it.each(['close', 'break'] as const)('a stream that ends early by %s has failed, and keeps what came', async (how) => {
    answerWith(streamed([chunk('one'), 'data: {"cho'], how));
    const last = await run({ stream: true });
    expect(last).toMatchObject({ phase: 'failed', fault: { kind: 'cut' } });
    expect(last.answer.texts).toEqual(['one']);
  });

  it('a break behind [DONE] does no harm', async () => {
    answerWith(streamed([chunk('one'), 'data: [DONE]\n\n'], 'break'));
    expect((await run({ stream: true })).phase).toBe('done');
  });

  it('an error event fails the run with its own words', async () => {
    answerWith(streamed([chunk('one'), 'data: {"error":{"message":"x"},"error_code":"INTERNAL_ERROR","message":"Overloaded"}\n\n']));
    const last = await run({ stream: true });
    expect(last.fault).toEqual({ kind: 'said', code: 'INTERNAL_ERROR', message: 'Overloaded' });
    expect(last.answer.texts).toEqual(['one']);
  });

  it('a refusal is said in the words of the server', async () => {
    answerWith(Response.json({ error_code: 'BAD_REQUEST', message: 'No messages.' }, { status: 400 }));
    const last = await run();
    expect(last).toMatchObject({ phase: 'failed', status: 400 });
    expect(last.fault).toEqual({ kind: 'said', code: 'BAD_REQUEST', message: 'No messages.' });
    expect(last.raw).toContain('No messages.');
  });

  it.each([
    ['an unreachable gateway', new TypeError('failed to fetch'), { kind: 'unreachable' }],
    ['a page of HTML', new Response('<html>', { headers: { 'content-type': 'text/html' } }), { kind: 'unreadable' }],
  ])('%s', async (_, answer, fault) => {
    answerWith(answer);
    expect(await run()).toMatchObject({ phase: 'failed', fault });
  });

  it('stops, and keeps what came', async () => {
    answerWith(streamed([chunk('one')], 'hang'));
    const stop = new AbortController();
    vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
      const left = [encode(chunk('one'))];
      const body = new ReadableStream<Uint8Array>({
        start: (control) => init.signal?.addEventListener('abort', () => control.error(new DOMException('stopped', 'AbortError'))),
        pull: (control) => {
          const next = left.shift();
          if (next) control.enqueue(next);
          else setTimeout(() => stop.abort());
        },
      });
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    });
    const last = await run({ stream: true }, stop.signal);
    expect(last).toMatchObject({ phase: 'stopped', fault: null });
    expect(last.answer.texts).toEqual(['one']);
  });

  it("a provider's 401 does not sign out; the end of the session does", async () => {
    const out = vi.fn();
    whenSignedOut(out);
    const refused = () => Response.json({ error_code: 'UNAUTHENTICATED', message: 'wrong key' }, { status: 401 });
    answerWith(refused(), Response.json({ id: '1' }));
    expect((await run()).fault).toMatchObject({ message: 'wrong key' });
    expect(out).not.toHaveBeenCalled();
    answerWith(refused(), refused());
    await run();
    expect(out).toHaveBeenCalledOnce();
  });

  it('tells of its end at last, and not after', async () => {
    answerWith(streamed([chunk('a'), 'data: [DONE]\n\n']));
    const seen: Run[] = [];
    const last = await run({ stream: true }, undefined, seen);
    await new Promise((done) => setTimeout(done, 50));
    expect(seen.at(-1)).toBe(last);
    expect(seen.filter(isOver)).toHaveLength(1);
  });
});
