// The same request by other clients, ready to paste: the page's own address, and the token by the name of a variable.
import { isIdentifier, jsLiteral, json, pythonLiteral, shellWord } from './literals';
import { queryPath, type Body } from './tasks';
import type { Task } from '../base/types';

export interface Asked {
  origin: string; // of the gateway
  endpoint: string;
  entity?: string; // one served entity: only plain REST can ask it
  task: Task | null;
  body: Body;
}

export const tokenName = 'SLUICE_TOKEN';
const pythonToken = `os.environ["${tokenName}"]`;

export function curl({ origin, endpoint, entity, body }: Asked): string {
  return [
    `curl ${body.stream === true ? '-N ' : ''}${shellWord(origin + queryPath(endpoint, entity))} \\`,
    `  -H "Authorization: Bearer $${tokenName}" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d ${shellWord(json(body))}`,
  ].join('\n');
}

// How each task is called by OpenAI's clients, and what shows its answer.
const calls = {
  'llm/v1/chat': { call: 'chat.completions', whole: 'choices[0].message.content', piece: 'delta' },
  'llm/v1/completions': { call: 'completions', whole: 'choices[0].text', piece: 'text' },
  'llm/v1/embeddings': { call: 'embeddings', whole: 'data[0].embedding', piece: '' },
} as const;
const callOf = (task: Task | null) => calls[task ?? 'llm/v1/chat'];

/** What the client has an argument for; all else goes into extra_body. */
const pythonArguments = new Set(
  (
    'messages prompt input max_tokens max_completion_tokens temperature top_p n stop stream stream_options tools ' +
    'tool_choice parallel_tool_calls response_format logprobs presence_penalty frequency_penalty logit_bias ' +
    'seed user dimensions encoding_format'
  ).split(' '),
);

const chatOnly = new Set(['messages', 'max_completion_tokens', 'tools', 'tool_choice', 'parallel_tool_calls', 'response_format']);
const embeddings = new Set(['input', 'dimensions', 'encoding_format', 'user']);

function isArgument(name: string, task: Task | null): boolean {
  if (!pythonArguments.has(name)) return false;
  if (task === 'llm/v1/embeddings') return embeddings.has(name);
  if (['input', 'dimensions', 'encoding_format'].includes(name)) return false;
  return task === 'llm/v1/completions' ? !chatOnly.has(name) : name !== 'prompt';
}

export function pythonOpenai({ origin, endpoint, task, body }: Asked): string {
  const { call, whole, piece } = callOf(task);
  const own = Object.entries(body).filter(([name]) => name !== 'model' && isArgument(name, task));
  const extra = Object.entries(body).filter(([name]) => name !== 'model' && !isArgument(name, task));
  const given = [...own, ...(extra.length ? [['extra_body', Object.fromEntries(extra)] as const] : [])];
  const streams = body.stream === true && piece !== '';
  return [
    'import os',
    '',
    'from openai import OpenAI',
    '',
    'client = OpenAI(',
    `    base_url=${json(origin + '/serving-endpoints')},`,
    `    api_key=${pythonToken},`,
    ')',
    `${streams ? 'stream' : 'answer'} = client.${call}.create(`,
    `    model=${json(endpoint)},`,
    ...given.map(([name, value]) => `    ${name}=${pythonLiteral(value, '    ')},`),
    ')',
    ...(streams ? pythonLoop('stream', piece) : [`print(answer.${whole})`]),
    '',
  ].join('\n');
}

const pythonLoop = (stream: string, piece: 'delta' | 'text'): string[] => [
  `for chunk in ${stream}:`,
  '    if chunk.choices:',
  `        print(chunk.choices[0].${piece === 'delta' ? 'delta.content' : 'text'} or "", end="", flush=True)`,
];

export function mlflow({ origin, endpoint, task, body }: Asked): string {
  const { stream, ...inputs } = body;
  const streams = stream === true && callOf(task).piece !== '';
  const shown = {
    'llm/v1/chat': 'answer["choices"][0]["message"]["content"]',
    'llm/v1/completions': 'answer["choices"][0]["text"]',
    'llm/v1/embeddings': 'answer["data"][0]["embedding"]',
  }[task ?? 'llm/v1/chat'];
  const said = task === 'llm/v1/completions' ? '.get("text")' : '["delta"].get("content")';
  return [
    'import os',
    '',
    'from mlflow.deployments import get_deploy_client',
    '',
    ...databricksEnvironment(origin),
    '',
    'client = get_deploy_client("databricks")',
    `${streams ? 'stream = client.predict_stream' : 'answer = client.predict'}(`,
    `    endpoint=${json(endpoint)},`,
    `    inputs=${pythonLiteral(inputs, '    ')},`,
    ')',
    ...(streams
      ? [
          'for chunk in stream:',
          '    if chunk["choices"]:',
          `        print(chunk["choices"][0]${said} or "", end="", flush=True)`,
        ]
      : [`print(${shown})`]),
    '',
  ].join('\n');
}

const databricksEnvironment = (origin: string): string[] => [
  `os.environ["DATABRICKS_HOST"] = ${json(origin)}`,
  `os.environ["DATABRICKS_TOKEN"] = ${pythonToken}`,
];

export function nodeOpenai({ origin, endpoint, task, body }: Asked): string {
  const { call, whole, piece } = callOf(task);
  const streams = body.stream === true && piece !== '';
  const { model: _, ...rest } = body;
  const said = piece === 'text' ? 'choices[0]?.text' : 'choices[0]?.delta?.content';
  return [
    'import OpenAI from "openai";',
    '',
    'const client = new OpenAI({',
    `  baseURL: ${json(origin + '/serving-endpoints')},`,
    `  apiKey: process.env.${tokenName},`,
    '});',
    `const ${streams ? 'stream' : 'answer'} = await client.${call}.create(${jsObject({ model: endpoint, ...rest })});`,
    ...(streams
      ? ['for await (const chunk of stream) {', `  process.stdout.write(chunk.${said} ?? "");`, '}']
      : [`console.log(answer.${whole});`]),
    '',
  ].join('\n');
}

/** Over several lines, however short. */
function jsObject(members: Body): string {
  const lines = Object.entries(members).map(
    ([name, value]) => `  ${isIdentifier(name) ? name : json(name)}: ${jsLiteral(value, '  ')},`,
  );
  return ['{', ...lines, '}'].join('\n');
}
