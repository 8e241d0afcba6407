import { describe, expect, it, vi } from 'vitest';
import { goldenStreams } from './golden';
import { readEvents, SseParser, type SseEvent } from './sse';

const parse = (...pieces: string[]): SseEvent[] => {
  const parser = new SseParser();
  return [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()];
};
const data = (...texts: string[]): SseEvent[] => texts.map((each) => ({ name: '', data: each }));

function streamOf(...pieces: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(control) {
      pieces.forEach((piece) => control.enqueue(piece));
      control.close();
    },
  });
}

async function read(body: ReadableStream<Uint8Array>): Promise<SseEvent[]> {
  const events: SseEvent[] = [];
  for await (const event of readEvents(body)) events.push(event);
  return events;
}

const awkward =
  '\uFEFF: a comment\r\n\r\nid: 1\r\nretry: 5\r\ndata: one\r\ndata:two\r\ndata\r\n\r\n\r\n' +
  'event: error\rdata: {"a":"\u{1F600}한"}\r\r:\n\nevent: nothing\n\ndata:  spaced \n\ndata: [DONE]\n\n';
const awkwardEvents: SseEvent[] = [
  { name: '', data: 'one\ntwo\n' },
  { name: 'error', data: '{"a":"\u{1F600}한"}' },
  ...data(' spaced ', '[DONE]'),
];

describe('SseParser', () => {
  it('reads fields, comments, names and every kind of line end', () => {
    expect(parse(awkward)).toEqual(awkwardEvents);
  });

  it('gives the same at every split into three', () => {
    for (let i = 0; i <= awkward.length; i++) {
      for (let j = i; j <= awkward.length; j++) {
        expect(parse(awkward.slice(0, i), awkward.slice(i, j), awkward.slice(j))).toEqual(awkwardEvents);
      }
    }
  });

  it('tells an event as soon as its blank line is there', () => {
    const parser = new SseParser();
    expect(parser.push('data: a\r\n\r')).toEqual(data('a'));
    expect(parser.push('\ndata: b\n')).toEqual([]);
    expect(parser.push('\n')).toEqual(data('b'));
  });

  it('gives out what a broken end left', () => {
    expect(parse('data: a\n\ndata: {"b":')).toEqual(data('a', '{"b":'));
    expect(parse('data: a\n\ndata: b\n')).toEqual(data('a', 'b'));
    expect(parse('data: a\n\ndat')).toEqual(data('a'));
    expect(parse('')).toEqual([]);
  });
});

describe('readEvents', () => {
  it.each(goldenStreams())('%s: the same at every split of its bytes', async (_, text) => {
    const bytes = new TextEncoder().encode(text);
    const whole = await read(streamOf(bytes));
    expect(whole.map((each) => `data: ${each.data}\n\n`).join('')).toBe(text);
    for (let at = 1; at < bytes.length; at++) {
      expect(await read(streamOf(bytes.slice(0, at), bytes.slice(at)))).toEqual(whole);
    }
  });

  it('reads byte by byte, with empty pieces between', async () => {
    const bytes = [...new TextEncoder().encode(awkward)].flatMap((each) => [Uint8Array.of(each), new Uint8Array()]);
    expect(await read(streamOf(...bytes))).toEqual(awkwardEvents);
  });

  it('throws when the connection breaks, after what came before', async () => {
    const sent = [new TextEncoder().encode('data: a\n\ndata: b')];
    const body = new ReadableStream<Uint8Array>({
      pull(control) {
        const next = sent.shift();
        if (next) control.enqueue(next);
        else control.error(new TypeError('network error'));
      },
    });
    const events: SseEvent[] = [];
    await expect(async () => {
      for await (const event of readEvents(body)) events.push(event);
    }).rejects.toThrow('network error');
    expect(events).toEqual(data('a'));
  });

  it('gives the body up when nobody reads on', async () => {
    const cancel = vi.fn();
    const body = new ReadableStream<Uint8Array>({
      start: (control) => control.enqueue(new TextEncoder().encode('data: a\n\ndata: b\n\n')),
      cancel,
    });
    for await (const _ of readEvents(body)) break;
    expect(cancel).toHaveBeenCalledOnce();
  });
});
