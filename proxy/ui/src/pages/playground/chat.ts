// The conversation of the playground: one row of the user's messages, and for each endpoint its own answers.
import type { Endpoint } from '../../base/types';
import { firstTokenMs, isOver, latencyMs, type Run } from '../../query/ask';
import { mayQuery, taskOf, withStream, type Body } from '../../query/tasks';

export const mostColumns = 3;

export interface Column {
  id: number;
  endpoint: string;
}

export interface Reply {
  endpoint: string; // asked then; the column may ask another one now
  run: Run | null; // null: not begun
}

export interface Turn {
  id: number;
  user: string;
  replies: Record<number, Reply>; // by column
}

export interface Chat {
  columns: Column[];
  turns: Turn[];
  next: number; // id
}

export interface Settings {
  system: string;
  temperature: string; // as typed; empty: the provider's own
  maxTokens: string;
  stop: string; // one a line
  stream: boolean;
}

export const firstSettings: Settings = { system: '', temperature: '', maxTokens: '1024', stop: '', stream: true };

export type SettingFault = 'temperature' | 'maxTokens';

export function settingFaults({ temperature, maxTokens }: Settings): SettingFault[] {
  const faults: SettingFault[] = [];
  const heat = Number(temperature);
  if (temperature.trim() && !(heat >= 0 && heat <= 2)) faults.push('temperature');
  if (maxTokens.trim() && !/^[1-9]\d{0,8}$/.test(maxTokens.trim())) faults.push('maxTokens');
  return faults;
}

/** A line may say \n, \t and \\ for what cannot be typed in it. */
export function stopSequences(text: string): string[] {
  const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', '\\': '\\' };
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/\\([ntr\\])/g, (_, name: string) => escapes[name]!));
}

export function bodyOf(settings: Settings, messages: Message[]): Body {
  const stop = stopSequences(settings.stop);
  const body: Body = { messages };
  if (settings.temperature.trim()) body.temperature = Number(settings.temperature);
  if (settings.maxTokens.trim()) body.max_tokens = Number(settings.maxTokens);
  if (stop.length) body.stop = stop;
  return withStream(body, settings.stream);
}

export interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

const replyText = (reply: Reply | undefined): string => reply?.run?.answer.texts[0] ?? '';

/** What the column's endpoint is sent for a turn: of the turns before, those that it answered. */
export function messagesFor(chat: Chat, column: number, turn: number, system: string): Message[] {
  const messages: Message[] = system.trim() ? [{ role: 'system', content: system }] : [];
  for (const each of chat.turns) {
    if (each.id === turn) return [...messages, { role: 'user', content: each.user }];
    const said = replyText(each.replies[column]);
    if (said) messages.push({ role: 'user', content: each.user }, { role: 'assistant', content: said });
  }
  return messages;
}

export const emptyChat = (endpoints: string[]): Chat => ({
  columns: endpoints.slice(0, mostColumns).map((endpoint, i) => ({ id: i + 1, endpoint })),
  turns: [],
  next: mostColumns + 1,
});

/** Columns for these endpoints, in this order; one that stays keeps its answers. */
export function withEndpoints(chat: Chat, endpoints: string[]): Chat {
  let { next } = chat;
  const columns = endpoints.slice(0, mostColumns).map((endpoint, i) => {
    const old = chat.columns[i];
    return old ? { ...old, endpoint } : { id: next++, endpoint };
  });
  return { ...chat, columns, next };
}

export function withoutColumn(chat: Chat, id: number): Chat {
  return { ...chat, columns: chat.columns.filter((each) => each.id !== id) };
}

/** A new turn that waits for all columns. `instead`: it takes the place of the last one. */
export function withTurn(chat: Chat, user: string, instead = false): Chat {
  const replies = Object.fromEntries(chat.columns.map(({ id, endpoint }) => [id, { endpoint, run: null }]));
  const before = instead ? chat.turns.slice(0, -1) : chat.turns;
  return { ...chat, turns: [...before, { id: chat.next, user, replies }], next: chat.next + 1 };
}

/** A reply of one turn; a turn that is no longer there stays away. */
export function withReply(chat: Chat, turn: number, column: number, reply: Reply): Chat {
  return {
    ...chat,
    turns: chat.turns.map((each) =>
      each.id === turn ? { ...each, replies: { ...each.replies, [column]: reply } } : each,
    ),
  };
}

export const isBusy = (reply: Reply | undefined): boolean => reply !== undefined && !(reply.run && isOver(reply.run));

export const anyBusy = (chat: Chat): boolean =>
  chat.turns.some((turn) => chat.columns.some(({ id }) => isBusy(turn.replies[id])));

export const servedBy = (run: Run): string => run.headers.find(([name]) => name === 'served-model-name')?.[1] ?? '';

/** The conversation for other programs: messages as the API has them, with what was measured beside each answer. */
export function chatJson(chat: Chat, settings: Settings): string {
  const { messages: _, ...parameters } = bodyOf(settings, []);
  const chats = chat.columns.map(({ id, endpoint }) => ({
    endpoint,
    messages: [
      ...(settings.system.trim() ? [{ role: 'system', content: settings.system }] : []),
      ...chat.turns.flatMap((turn) => [{ role: 'user', content: turn.user }, ...answerJson(turn.replies[id])]),
    ],
  }));
  return JSON.stringify({ parameters, chats }, null, 2);
}

function answerJson(reply: Reply | undefined): object[] {
  if (!reply?.run) return [];
  const { run } = reply;
  const { texts, reasoning, calls, finish, usage } = run.answer;
  return [
    {
      role: 'assistant',
      content: texts[0] ?? '',
      ...(reasoning && { reasoning }),
      ...(calls.length > 0 && { tool_calls: calls }),
      endpoint: reply.endpoint,
      served_by: servedBy(run) || null,
      state: run.phase,
      finish_reason: finish || null,
      latency_ms: rounded(latencyMs(run)),
      first_token_ms: rounded(firstTokenMs(run)),
      usage,
      ...(run.fault && { error: run.fault }),
    },
  ];
}

const rounded = (ms: number | null): number | null => (ms === null ? null : Math.round(ms));

export type EndpointFault = 'notThere' | 'notQueried' | 'noChat';

/** Why a named endpoint cannot be asked here. */
export function faultOf(all: Endpoint[], name: string): EndpointFault | null {
  const found = all.find((each) => each.name === name);
  if (!found) return 'notThere';
  if (taskOf(found) !== 'llm/v1/chat') return 'noChat';
  return mayQuery(found) ? null : 'notQueried';
}
