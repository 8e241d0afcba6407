// One query of an endpoint, from the moment it is sent until its answer has ended, seen as a row of snapshots.
import { ApiError, errorOf, get, send } from '../base/api';
import { fold, nothingYet, providerWords, type Answer } from './answer';
import { readEvents } from './sse';
import type { Body } from './tasks';

export type Phase = 'waiting' | 'answering' | 'done' | 'stopped' | 'failed';

export type Fault =
  | { kind: 'said'; code: string; message: string } // the server's own words
  | { kind: 'cut' } // the answer ended before it was complete
  | { kind: 'unreadable' } // neither JSON nor a stream
  | { kind: 'unreachable' };

export interface Run {
  phase: Phase;
  status: number; // 0: no head yet
  headers: [string, string][];
  streamed: boolean;
  answer: Answer;
  raw: string; // the body, of a stream the data of its events
  events: number;
  startedMs: number;
  firstMs: number | null; // when the first text came
  endedMs: number | null;
  fault: Fault | null;
}

export interface Question {
  path: string;
  body: Body;
  signal: AbortSignal;
  onChange: (run: Run) => void; // at most once a frame, and at the end
}

export const isOver = (run: Run): boolean => run.phase === 'done' || run.phase === 'stopped' || run.phase === 'failed';
export const firstTokenMs = (run: Run): number | null => (run.firstMs === null ? null : run.firstMs - run.startedMs);
export const latencyMs = (run: Run): number | null => (run.endedMs === null ? null : run.endedMs - run.startedMs);

/** Never throws: what went wrong is in the run. */
export async function ask(question: Question): Promise<Run> {
  const keeper = new Keeper(question.onChange);
  try {
    const response = await send('POST', question.path, {
      body: question.body,
      signal: question.signal,
      headers: { accept: question.body.stream === true ? 'text/event-stream' : 'application/json' },
      keepSession: true,
    });
    await keeper.read(response);
  } catch (cause) {
    if (question.signal.aborted) keeper.end('stopped');
    else if (keeper.run.streamed) keeper.endStream();
    else keeper.end('failed', keeper.run.status ? { kind: 'cut' } : faultOf(cause));
  }
  return keeper.run;
}

const faultOf = (cause: unknown): Fault =>
  cause instanceof ApiError && cause.status === 0
    ? { kind: 'unreachable' }
    : { kind: 'said', code: '', message: cause instanceof Error ? cause.message : String(cause) };

class Keeper {
  run: Run = {
    phase: 'waiting',
    status: 0,
    headers: [],
    streamed: false,
    answer: nothingYet,
    raw: '',
    events: 0,
    startedMs: performance.now(),
    firstMs: null,
    endedMs: null,
    fault: null,
  };
  private frame = 0;
  private complete = false; // [DONE] was there

  constructor(private readonly onChange: (run: Run) => void) {
    this.set({});
  }

  async read(response: Response): Promise<void> {
    const streamed = (response.headers.get('content-type') ?? '').startsWith('text/event-stream');
    this.set({ phase: 'answering', status: response.status, headers: [...response.headers], streamed });
    if (response.ok && streamed && response.body) return this.readStream(response.body);
    const body = await response.text();
    this.set({ raw: body });
    if (!response.ok) return this.refuse(response, body);
    this.readWhole(body);
  }

  /** To its very end, also behind [DONE]: to leave earlier would count as a client that went away. */
  private async readStream(body: ReadableStream<Uint8Array>): Promise<void> {
    for await (const event of readEvents(body)) {
      const { raw, events } = this.run;
      this.set({ raw: raw ? `${raw}\n${event.data}` : event.data, events: events + 1 });
      if (event.data === '[DONE]') this.complete = true;
      else this.add(event.data);
    }
    this.endStream();
  }

  endStream(): void {
    const { error, finish } = this.run.answer;
    if (error) this.end('failed', { kind: 'said', ...error });
    else if (this.complete || finish) this.end('done');
    else this.end('failed', { kind: 'cut' });
  }

  private add(data: string): void {
    const before = this.run.answer;
    let answer: Answer;
    try {
      answer = fold(before, JSON.parse(data));
    } catch {
      return; // the raw events show it; without an end the run fails
    }
    const spoke = answer.texts !== before.texts || answer.reasoning !== before.reasoning || answer.calls !== before.calls;
    this.set({ answer, firstMs: this.run.firstMs ?? (spoke ? performance.now() : null) });
  }

  private readWhole(body: string): void {
    try {
      const answer = fold(nothingYet, JSON.parse(body));
      this.set({ answer });
      if (answer.error) this.end('failed', { kind: 'said', ...answer.error });
      else this.end('done');
    } catch {
      this.end('failed', { kind: 'unreadable' });
    }
  }

  private async refuse(response: Response, body: string): Promise<void> {
    const said = await errorOf(new Response(body, { status: response.status, headers: response.headers }));
    this.end('failed', { kind: 'said', code: said.code, message: providerWords(said.message) });
    // A provider's 401 comes through as ours does. Only the session itself knows whether it has ended.
    if (response.status === 401) await get('/api/2.0/sluice/session').catch(() => {});
  }

  end(phase: Phase, fault: Fault | null = null): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.run = { ...this.run, phase, fault, endedMs: performance.now() };
    this.onChange(this.run);
  }

  private set(change: Partial<Run>): void {
    this.run = { ...this.run, ...change };
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.onChange(this.run);
    });
  }
}
