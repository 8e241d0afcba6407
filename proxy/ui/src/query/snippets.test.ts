import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { Task } from '../base/types';
import { jsLiteral, json, pythonLiteral, shellWord } from './literals';
import { curl, mlflow, nodeOpenai, pythonOpenai, type Asked } from './snippets';
import { exampleFor, withStream } from './tasks';

const tasks: Task[] = ['llm/v1/chat', 'llm/v1/completions', 'llm/v1/embeddings'];
const asked = (more: Partial<Asked> = {}): Asked => {
  const task = more.task ?? 'llm/v1/chat';
  return { origin: 'https://gw.example', endpoint: 'chat', task, body: exampleFor(task), ...more };
};
const hostile = {
  "it's": `"double" 'single' \\ back $HOME \`id\` $(id)`,
  lines: 'a\nb\r\n\tc\u2028d',
  turned: '\u202Eevil\u2066',
  한글: '\u{1F600} </script><!--',
  odd: [true, false, null, 1.5, -2e21, [], {}],
};

describe('literals', () => {
  it('a word of the shell is what it was', () => {
    const said = execFileSync('sh', ['-c', `printf %s ${shellWord(json(hostile))}`], { encoding: 'utf8' });
    expect(JSON.parse(said)).toEqual(hostile);
  });

  it('JavaScript is what it was', () => {
    const value = { ...hostile, deep: { list: Array.from({ length: 40 }, (_, i) => ({ i, four: '    ' })) } };
    expect(new Function(`return (${jsLiteral(value)})`)()).toEqual(value);
    expect(Object.hasOwn(new Function(`return (${jsLiteral(JSON.parse('{"__proto__":1}'))})`)(), '__proto__')).toBe(true);
  });

  it('Python has its own atoms, and long values take several lines', () => {
    expect(pythonLiteral([true, false, null, 'a'])).toBe('[True, False, None, "a"]');
    expect(pythonLiteral({ a: 'x'.repeat(100) }, '    ')).toBe(`{\n        "a": "${'x'.repeat(100)}",\n    }`);
    expect(pythonLiteral({})).toBe('{}');
  });

  it('shows no character that turns text round', () => {
    for (const text of [json(hostile), pythonLiteral(hostile), jsLiteral(hostile)]) {
      expect(text).toContain('\\u202e');
      expect(text).not.toMatch(/[\u2028\u202a-\u202e\u2066-\u2069]/);
    }
  });
});

describe.each(tasks)('snippets of %s', (task) => {
  const streams = task === 'llm/v1/embeddings' ? [false] : [false, true];
  it.each(streams)('stream %s: the address and a variable for the token, never more', (on) => {
    const one = asked({ task, body: withStream(exampleFor(task), on) });
    expect(curl(one)).toContain("'https://gw.example/serving-endpoints/chat/invocations'");
    expect(mlflow(one)).toContain('os.environ["DATABRICKS_HOST"] = "https://gw.example"');
    for (const text of [pythonOpenai(one), nodeOpenai(one)]) expect(text).toContain('"https://gw.example/serving-endpoints"');
    for (const make of [curl, pythonOpenai, mlflow, nodeOpenai]) expect(make(one)).toContain('SLUICE_TOKEN');
    expect(curl(one).includes('-N')).toBe(on);
    expect(mlflow(one).includes('predict_stream(')).toBe(on);
    expect(mlflow(one)).not.toContain('"stream"');
  });
  it('the body of curl is the request', () => {
    const body = { ...exampleFor(task), ...hostile };
    const text = curl(asked({ task, body })).replace(/^curl '[^']*'/, 'printf %s\\\\n');
    const said = execFileSync('sh', ['-c', text], { encoding: 'utf8', env: { ...process.env, SLUICE_TOKEN: 'abc' } });
    expect(said).toContain('Authorization: Bearer abc');
    expect(JSON.parse(said.slice(said.indexOf('{')))).toEqual(body);
  });
});

describe('snippets', () => {
  it('one entity is asked by curl', () => {
    expect(curl(asked({ entity: 'gpt 4' }))).toContain('/chat/served-models/gpt%204/invocations');
  });

  it('what the client of Python has no argument for goes into extra_body', () => {
    const body = { messages: [], top_k: 3, 'not a name': 1, model: 'other', input: 'x' };
    const text = pythonOpenai(asked({ body }));
    expect(text).toContain('messages=[],');
    expect(text).toContain('extra_body={"top_k": 3, "not a name": 1, "input": "x"},');
    expect(text.match(/model=/g)).toHaveLength(1);
    expect(pythonOpenai(asked({ task: 'llm/v1/embeddings', body: { input: 'x', user: 'u', n: 1 } }))).toContain(
      '    input="x",\n    user="u",\n    extra_body={"n": 1},\n',
    );
    expect(pythonOpenai(asked({ task: 'llm/v1/completions', body: { prompt: 'x', tools: [] } }))).toContain('extra_body={"tools": []}');
  });

  it('reads as people would write it', () => {
    expect(nodeOpenai(asked({ body: withStream({ messages: [{ role: 'user', content: 'Hi' }] }, true) }))).toBe(`import OpenAI from "openai";

const client = new OpenAI({
  baseURL: "https://gw.example/serving-endpoints",
  apiKey: process.env.SLUICE_TOKEN,
});
const stream = await client.chat.completions.create({
  model: "chat",
  messages: [{role: "user", content: "Hi"}],
  stream: true,
  stream_options: {include_usage: true},
});
for await (const chunk of stream) {
  process.stdout.write(chunk.choices[0]?.delta?.content ?? "");
}
`);
  });
});
