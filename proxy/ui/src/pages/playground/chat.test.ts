import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../base/types';
import { nothingYet } from '../../query/answer';
import type { Run } from '../../query/ask';
import {
  anyBusy,
  bodyOf,
  chatJson,
  emptyChat,
  faultOf,
  firstSettings,
  messagesFor,
  settingFaults,
  stopSequences,
  withEndpoints,
  withoutColumn,
  withReply,
  withTurn,
  type Chat,
} from './chat';

const run = (text: string, more: Partial<Run> = {}): Run => ({
  phase: 'done',
  status: 200,
  headers: [['served-model-name', 'gpt']],
  streamed: true,
  answer: { ...nothingYet, texts: text ? [text] : [], finish: 'stop', usage: { input: 3, output: 2, total: 5 } },
  raw: '',
  events: 1,
  startedMs: 100,
  firstMs: 150.4,
  endedMs: 200.6,
  fault: null,
  ...more,
});

/** The newest turn answered by each column with its text; '' fails. */
function answered(chat: Chat, ...texts: string[]): Chat {
  const turn = chat.turns.at(-1)!;
  return texts.reduce((now, text, i) => {
    const column = now.columns[i]!;
    const failed: Partial<Run> = text ? {} : { phase: 'failed', fault: { kind: 'cut' } };
    return withReply(now, turn.id, column.id, { endpoint: column.endpoint, run: run(text, failed) });
  }, chat);
}

const two = emptyChat(['a', 'b']);
const afterOne = answered(withTurn(two, 'Q1'), 'A1', '');
const afterTwo = withTurn(afterOne, 'Q2');

describe('messagesFor', () => {
  const last = afterTwo.turns.at(-1)!.id;
  it('holds what this endpoint answered, and the question', () => {
    expect(messagesFor(afterTwo, afterTwo.columns[0]!.id, last, ' Be brief. ')).toEqual([
      { role: 'system', content: ' Be brief. ' },
      { role: 'user', content: 'Q1' },
      { role: 'assistant', content: 'A1' },
      { role: 'user', content: 'Q2' },
    ]);
  });
  it('leaves out questions without an answer', () => {
    expect(messagesFor(afterTwo, afterTwo.columns[1]!.id, last, ' ')).toEqual([{ role: 'user', content: 'Q2' }]);
  });
  it('of an earlier turn ends there', () => {
    expect(messagesFor(afterTwo, afterTwo.columns[0]!.id, afterTwo.turns[0]!.id, '')).toEqual([{ role: 'user', content: 'Q1' }]);
  });
});

describe('columns', () => {
  it('are three at most', () => {
    expect(emptyChat(['a', 'b', 'c', 'd']).columns).toHaveLength(3);
    expect(withEndpoints(two, ['a', 'b', 'c', 'd']).columns).toHaveLength(3);
  });
  it('keep their answers when another endpoint is chosen, and get none by being new', () => {
    const changed = withEndpoints(afterOne, ['x', 'b', 'c']);
    expect(changed.columns.map((each) => each.endpoint)).toEqual(['x', 'b', 'c']);
    expect(changed.columns.slice(0, 2).map((each) => each.id)).toEqual(two.columns.map((each) => each.id));
    expect(changed.turns[0]!.replies[changed.columns[2]!.id]).toBeUndefined();
  });
  it('take nothing of others with them', () => {
    const left = withoutColumn(afterTwo, afterTwo.columns[0]!.id);
    expect(left.columns.map((each) => each.endpoint)).toEqual(['b']);
    const back = withEndpoints(left, ['b', 'a']);
    expect(back.columns[1]!.id).not.toBe(afterTwo.columns[0]!.id);
  });
});

describe('turns', () => {
  it('wait until all have ended', () => {
    expect(anyBusy(two)).toBe(false);
    expect(anyBusy(afterOne)).toBe(false);
    expect(anyBusy(afterTwo)).toBe(true);
    expect(anyBusy(answered(afterTwo, 'A2'))).toBe(true);
    expect(anyBusy(answered(afterTwo, 'A2', 'B2'))).toBe(false);
  });
  it('the last can be replaced', () => {
    const edited = withTurn(afterTwo, 'Q2, better', true);
    expect(edited.turns.map((each) => each.user)).toEqual(['Q1', 'Q2, better']);
    expect(edited.turns[1]!.id).not.toBe(afterTwo.turns[1]!.id);
  });
  it('a reply to one that is gone changes nothing', () => {
    const edited = withTurn(afterTwo, 'Q2, better', true);
    const late = withReply(edited, afterTwo.turns[1]!.id, 1, { endpoint: 'a', run: run('late') });
    expect(late.turns).toEqual(edited.turns);
  });
  it('that did not change are the same objects', () => {
    expect(answered(afterTwo, 'A2').turns[0]).toBe(afterTwo.turns[0]);
  });
});

describe('settings', () => {
  it('go into the request when they are given', () => {
    expect(bodyOf({ ...firstSettings, stream: false, maxTokens: '' }, [])).toEqual({ messages: [] });
    expect(bodyOf({ system: 'x', temperature: ' 0.5 ', maxTokens: '10', stop: 'END', stream: true }, [])).toEqual({
      messages: [],
      temperature: 0.5,
      max_tokens: 10,
      stop: ['END'],
      stream: true,
      stream_options: { include_usage: true },
    });
  });
  it.each([
    [{}, []],
    [{ temperature: '0', maxTokens: '1' }, []],
    [{ temperature: '2.1' }, ['temperature']],
    [{ temperature: '-1' }, ['temperature']],
    [{ temperature: 'warm', maxTokens: '0' }, ['temperature', 'maxTokens']],
    [{ maxTokens: '1.5' }, ['maxTokens']],
    [{ maxTokens: '1e3' }, ['maxTokens']],
  ])('%j', (change, faults) => expect(settingFaults({ ...firstSettings, ...change })).toEqual(faults));
  it('stop sequences stand in lines, with escapes', () => {
    expect(stopSequences('END\n\n\\n\\n\n a,b \n\\\\n\n\\x')).toEqual(['END', '\n\n', ' a,b ', '\\n', '\\x']);
  });
});

describe('chatJson', () => {
  it('has the messages of each endpoint and what was measured', () => {
    const { parameters, chats } = JSON.parse(chatJson(afterOne, { ...firstSettings, system: 'S' })) as {
      parameters: object;
      chats: { endpoint: string; messages: object[] }[];
    };
    expect(parameters).toEqual({ max_tokens: 1024, stream: true, stream_options: { include_usage: true } });
    expect(chats.map((each) => each.endpoint)).toEqual(['a', 'b']);
    expect(chats[0]!.messages).toEqual([
      { role: 'system', content: 'S' },
      { role: 'user', content: 'Q1' },
      {
        role: 'assistant',
        content: 'A1',
        endpoint: 'a',
        served_by: 'gpt',
        state: 'done',
        finish_reason: 'stop',
        latency_ms: 101,
        first_token_ms: 50,
        usage: { input: 3, output: 2, total: 5 },
      },
    ]);
    expect(chats[1]!.messages[2]).toMatchObject({ content: '', state: 'failed', error: { kind: 'cut' } });
  });
});

describe('an endpoint that a link names', () => {
  const endpoint = (name: string, more: Partial<Endpoint> = {}): Endpoint => ({
    id: name,
    name,
    state: { ready: 'READY' },
    task: 'llm/v1/chat',
    ...more,
  });
  const all = [
    endpoint('chat'),
    endpoint('vectors', { task: 'llm/v1/embeddings' }),
    endpoint('closed', { permission_level: 'CAN_VIEW' }),
  ];

  it('is asked, or it is known why not', () => {
    const names = ['chat', 'vectors', 'closed', 'nobody'];
    expect(names.map((each) => faultOf(all, each))).toEqual([null, 'noChat', 'notQueried', 'notThere']);
  });
});
