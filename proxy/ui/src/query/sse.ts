// Server-sent events out of a body that arrives in any pieces: https://html.spec.whatwg.org/#event-stream-interpretation
// Unlike a browser's EventSource it gives out what stands unfinished at the end, since a broken end is worth seeing.

export interface SseEvent {
  name: string; // of its `event:` line, '' without one
  data: string;
}

export class SseParser {
  private rest = ''; // of a line whose end has not come yet
  private afterCr = false; // the last piece ended in CR: an LF that follows belongs to it
  private begun = false;
  private name = '';
  private data: string[] = [];

  /** The events that this piece completes. */
  push(piece: string): SseEvent[] {
    let text = piece;
    if (!this.begun && text) {
      this.begun = true;
      if (text.startsWith('\uFEFF')) text = text.slice(1);
    }
    if (this.afterCr && text) {
      if (text.startsWith('\n')) text = text.slice(1);
      this.afterCr = false;
    }
    if (text.endsWith('\r')) this.afterCr = true;
    const lines = (this.rest + text).split(/\r\n|\r|\n/);
    this.rest = lines.pop()!;
    return lines.flatMap((line) => this.take(line));
  }

  /** What was begun and not ended by a blank line. */
  end(): SseEvent[] {
    const last = this.rest ? this.take(this.rest) : [];
    this.rest = '';
    return [...last, ...this.take('')];
  }

  private take(line: string): SseEvent[] {
    if (line === '') return this.dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return []; // a comment
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') this.data.push(value);
    if (field === 'event') this.name = value;
    return [];
  }

  private dispatch(): SseEvent[] {
    const { name, data } = this;
    this.name = '';
    this.data = [];
    return data.length ? [{ name, data: data.join('\n') }] : [];
  }
}

/** The events of a body as they come. Throws what the body throws when its connection breaks, after all that came before. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<SseEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder(); // keeps the bytes of a character that is cut, and drops a byte order mark
  const parser = new SseParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      yield* parser.push(value ? decoder.decode(value, { stream: true }) : decoder.decode());
      if (done) break;
    }
    yield* parser.end();
  } finally {
    await reader.cancel().catch(() => {}); // whoever stops reading wants no more of it
  }
}
