import { describe, expect, it } from 'vitest';
import { fold, nothingYet, providerWords, type Answer } from './answer';
import { goldenAnswers, goldenStreams } from './golden';
import { SseParser } from './sse';

const folded = (...chunks: unknown[]): Answer => chunks.reduce<Answer>(fold, nothingYet);
const ofStream = (text: string): Answer =>
  folded(
    ...new SseParser()
      .push(text)
      .filter((event) => event.data !== '[DONE]')
      .map((event) => JSON.parse(event.data) as unknown),
  );
const delta = (delta: unknown, index = 0) => ({ choices: [{ index, delta, finish_reason: null }] });

describe('fold', () => {
  it.each(goldenStreams())('%s: ends, or says why not', (file, text) => {
    const answer = ofStream(text);
    expect(answer.finish !== '').toBe(answer.error === null);
    expect(answer.error !== null).toBe(/error|truncated|throttled/.test(file));
    expect(answer.texts.join('') !== '' || answer.calls.length > 0).toBe(true);
    expect(answer.error?.message ?? '').not.toContain('external_model_provider');
  });

  it.each(goldenAnswers())('%s: every answer and every error is understood', (_, { status, body }) => {
    const answer = folded(body);
    expect(answer.error !== null).toBe(status >= 400);
    if (status >= 400) expect(answer.error?.message).not.toBe('');
    else if (answer.finish !== 'content_filter') {
      expect(answer.texts.length + answer.calls.length + (answer.vectors?.count ?? 0)).toBeGreaterThan(0);
    }
  });

  it('puts the calls of tools together', () => {
    const [, text] = goldenStreams().find(([file]) => file === 'anthropic/chat-tools-streamed-stream.gateway.sse')!;
    const { texts, calls, finish } = ofStream(text);
    expect(texts).toEqual(['Checking.']);
    expect(calls).toEqual([
      { name: 'get_weather', args: '{"city": "Rome"}' },
      { name: 'get_time', args: '{}' },
    ]);
    expect(finish).toBe('tool_calls');
  });

  it('keeps choices, reasoning, parts and refusals', () => {
    const answer = folded(
      delta({ content: 'a' }, 1),
      delta({ content: 'b' }),
      delta({ reasoning_content: 'hm' }),
      delta({ reasoning: 'm' }),
      delta({ content: [{ type: 'reasoning', summary: [{ text: '!' }] }, { type: 'text', text: 'c' }] }),
      delta({ refusal: 'no' }, 1),
    );
    expect(answer.texts).toEqual(['bc', 'ano']);
    expect(answer.reasoning).toBe('hmm!');
  });

  it('reads usage, from chunks and whole answers', () => {
    const usage = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 };
    expect(folded({ choices: [], usage }).usage).toEqual({ input: 9, output: 2, total: 11 });
    expect(folded({ data: [{ embedding: [1] }], usage: { prompt_tokens: 8 } }).usage).toEqual({
      input: 8,
      output: null,
      total: null,
    });
    expect(folded({ choices: [], usage }, { choices: [], usage: null }).usage?.total).toBe(11);
  });

  it('counts vectors', () => {
    expect(folded({ data: [{ embedding: [1, 2, 3, 4, 5] }, {}] }).vectors).toEqual({
      count: 2,
      dimensions: 5,
      first: [1, 2, 3, 4],
    });
    expect(folded({ data: [{ embedding: 'AAAA' }] }).vectors).toEqual({ count: 1, dimensions: null, first: [] });
  });

  it('reads an error of either form', () => {
    expect(folded({ error: { message: 'm', type: 't' } }).error).toEqual({ code: 't', message: 'm' });
    expect(folded({ error_code: 'C', message: 'm' }).error).toEqual({ code: 'C', message: 'm' });
    expect(folded({ error: 'm' }).error).toEqual({ code: '', message: 'm' });
    expect(folded({ error: { odd: 1 } }).error?.message).toBe('{"odd":1}');
  });

  it('passes over what has another form', () => {
    const odd = [null, 1, 'x', [], {}, { choices: 1 }, { choices: [null, { index: -1, text: 'x' }, { delta: 3 }] }];
    expect(folded(...odd, { choices: [{ index: 1e9, text: 'x' }], data: {}, usage: 3, model: 4 })).toEqual(nothingYet);
    expect(folded(delta({ tool_calls: [{ index: -1 }, { index: 1e9 }, 4] })).calls).toEqual([]);
  });
});

describe('providerWords', () => {
  const wrap = (error: unknown) => JSON.stringify({ external_model_provider: 'openai', external_model_error: error });
  it('finds the sentence of the provider', () => {
    expect(providerWords(wrap({ error: { message: 'Bad key' } }))).toBe('openai: Bad key');
    expect(providerWords(wrap({ message: 'no' }))).toBe('openai: no');
    expect(providerWords(wrap('<html>'))).toBe('openai: <html>');
  });
  it('leaves all else as it is', () => {
    expect(providerWords('plain')).toBe('plain');
    expect(providerWords(wrap({ odd: 1 }))).toBe(wrap({ odd: 1 }));
    expect(providerWords('{"external_model_provider": broken')).toBe('{"external_model_provider": broken');
  });
});
