// What an answer of /invocations says, read from a whole body or put together from the chunks of a stream.

export interface Usage {
  input: number | null;
  output: number | null;
  total: number | null;
}

export interface Call {
  name: string;
  args: string;
}

export interface Vectors {
  count: number;
  dimensions: number | null; // null: base64, or none
  first: number[]; // the first numbers of the first vector
}

export interface Said {
  code: string; // error_code
  message: string;
}

export interface Answer {
  texts: string[]; // one for each choice
  reasoning: string;
  calls: Call[];
  finish: string; // the last finish_reason
  usage: Usage | null;
  vectors: Vectors | null;
  error: Said | null; // an error inside a stream
  model: string;
}

export const nothingYet: Answer = {
  texts: [],
  reasoning: '',
  calls: [],
  finish: '',
  usage: null,
  vectors: null,
  error: null,
  model: '',
};

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const objects = (value: unknown): Json[] => list(value).filter(isObject);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const count = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** Adds one chunk of a stream, or a whole answer to `nothingYet`. Values of an unexpected form are passed over. */
export function fold(before: Answer, chunk: unknown): Answer {
  if (!isObject(chunk)) return before;
  const after: Answer = { ...before };
  if (text(chunk.model)) after.model = text(chunk.model);
  if (isObject(chunk.usage)) after.usage = usageOf(chunk.usage);
  if (chunk.error || text(chunk.error_code)) after.error = errorIn(chunk);
  if (Array.isArray(chunk.data)) after.vectors = vectorsOf(objects(chunk.data));
  for (const choice of objects(chunk.choices)) addChoice(after, choice);
  return after;
}

function addChoice(to: Answer, choice: Json): void {
  const at = count(choice.index) ?? 0;
  const message = [choice.delta, choice.message].find(isObject) ?? {};
  const said = text(choice.text) + content(message.content) + text(message.refusal);
  if (said && at >= 0 && at < 128) {
    to.texts = Array.from({ length: Math.max(to.texts.length, at + 1) }, (_, i) => to.texts[i] ?? '');
    to.texts[at] += said;
  }
  const thought = text(message.reasoning_content) || text(message.reasoning) || thoughts(message.content);
  if (thought) to.reasoning += thought;
  const calls = objects(message.tool_calls);
  if (calls.length) to.calls = calls.reduce(addCall, to.calls);
  if (text(choice.finish_reason)) to.finish = text(choice.finish_reason);
}

/** A text, or the parts of one. */
function content(value: unknown): string {
  if (typeof value === 'string') return value;
  return objects(value)
    .filter((part) => part.type === 'text')
    .map((part) => text(part.text))
    .join('');
}

/** Models that think aloud put it in a part of its own. */
function thoughts(value: unknown): string {
  return objects(value)
    .filter((part) => part.type === 'reasoning')
    .flatMap((part) => objects(part.summary).map((each) => text(each.text)))
    .join('');
}

function addCall(calls: Call[], delta: Json, place: number): Call[] {
  const at = count(delta.index) ?? place;
  if (at < 0 || at >= 1024) return calls;
  const called = isObject(delta.function) ? delta.function : {};
  const all = Array.from({ length: Math.max(calls.length, at + 1) }, (_, i) => calls[i] ?? { name: '', args: '' });
  const old = all[at]!;
  all[at] = { name: text(called.name) || old.name, args: old.args + text(called.arguments) };
  return all;
}

function usageOf(usage: Json): Usage {
  return { input: count(usage.prompt_tokens), output: count(usage.completion_tokens), total: count(usage.total_tokens) };
}

function vectorsOf(data: Json[]): Vectors {
  const first = data[0]?.embedding;
  const numbers = list(first).filter((each): each is number => typeof each === 'number');
  return { count: data.length, dimensions: numbers.length || null, first: numbers.slice(0, 4) };
}

function errorIn(chunk: Json): Said {
  const nested = isObject(chunk.error) ? chunk.error : {};
  const message = text(chunk.message) || text(nested.message) || text(chunk.error) || JSON.stringify(chunk.error);
  return { code: text(chunk.error_code) || text(nested.type), message: providerWords(message) };
}

/** What a provider refused is JSON in the message; its own sentence is what people look for. */
export function providerWords(message: string): string {
  if (!message.startsWith('{"external_model_provider"')) return message;
  try {
    const outer = JSON.parse(message) as Json;
    const said = deepMessage(outer.external_model_error);
    return said ? `${text(outer.external_model_provider)}: ${said}` : message;
  } catch {
    return message;
  }
}

function deepMessage(error: unknown): string {
  if (typeof error === 'string') return error;
  if (!isObject(error)) return '';
  return text(error.message) || deepMessage(error.error) || text(error.detail);
}
