// How each client is pointed at this gateway, for one endpoint. Only what the gateway serves (README, "Native clients").
import type { Endpoint, Task } from '../../base/types';
import { json, pythonLiteral, shellWord } from '../../query/literals';
import { curl, mlflow, nodeOpenai, pythonOpenai, tokenName, type Asked } from '../../query/snippets';
import { entitiesOf, exampleFor, taskOf } from '../../query/tasks';

export const clientIds = [
  'curl',
  'python',
  'node',
  'mlflow',
  'databricks',
  'langchain',
  'anthropic',
  'claudeCode',
  'genai',
  'codex',
  'cursor',
] as const;
export type ClientId = (typeof clientIds)[number];

export type Why = 'chatOnly' | 'geminiOnly';
export type Note = 'cursorFromOutside' | 'geminiPassed';

export interface Setup {
  baseUrl: string;
  model: string;
  install: string; // a command, or ''
  blocks: { file: string; code: string }[]; // file: where it belongs, or ''
  notes: Note[];
}

export interface Target {
  origin: string;
  endpoint: string;
  task: Task | null;
}

/** Why the client cannot ask this endpoint; null: it can. */
export function whyNot(client: ClientId, endpoint: Endpoint): Why | null {
  const task = taskOf(endpoint);
  const needsChat = ['anthropic', 'claudeCode', 'genai', 'codex', 'cursor'].includes(client);
  if (needsChat && task !== 'llm/v1/chat') return 'chatOnly';
  return client === 'genai' && !isGemini(endpoint) ? 'geminiOnly' : null;
}

/** Gemini's own API is passed on, never translated. */
function isGemini(endpoint: Endpoint): boolean {
  const models = entitiesOf(endpoint).map((each) => each.external_model);
  return (
    models.length > 0 &&
    models.every((each) => each?.provider === 'google-cloud-vertex-ai' && each.name.startsWith('gemini'))
  );
}

export function setupOf(client: ClientId, target: Target): Setup {
  const { origin, endpoint: model } = target;
  const asked: Asked = { ...target, body: exampleFor(target.task) };
  const serving = `${origin}/serving-endpoints`;
  const of = (baseUrl: string, install: string, code: string, more: Partial<Setup> = {}): Setup => ({
    baseUrl,
    model,
    install,
    blocks: code ? [{ file: '', code }] : [],
    notes: [],
    ...more,
  });
  switch (client) {
    case 'curl':
      return of(serving, '', curl(asked));
    case 'python':
      return of(serving, 'pip install openai', pythonOpenai(asked));
    case 'node':
      return of(serving, 'npm install openai', nodeOpenai(asked));
    case 'mlflow':
      return of(origin, 'pip install mlflow', mlflow(asked));
    case 'databricks':
      return of(origin, 'pip install databricks-sdk', databricksSdk(target));
    case 'langchain':
      return of(serving, 'pip install langchain-openai', langchain(target));
    case 'anthropic':
      return of(`${serving}/anthropic`, 'pip install anthropic', anthropic(target));
    case 'claudeCode':
      return of(`${serving}/anthropic`, 'npm install -g @anthropic-ai/claude-code', claudeCode(target));
    case 'genai':
      return of(`${serving}/gemini`, 'pip install google-genai', genai(target), { notes: ['geminiPassed'] });
    case 'codex':
      return of(`${origin}/ai-gateway/codex/v1`, 'npm install -g @openai/codex', '', {
        blocks: [{ file: '~/.codex/config.toml', code: codex(target) }],
      });
    case 'cursor':
      return of(`${origin}/ai-gateway/cursor/v1`, '', '', { notes: ['cursorFromOutside'] });
  }
}

const question = 'What is a serving endpoint?';
const pythonToken = `os.environ["${tokenName}"]`;
const lines = (...all: string[]): string => [...all, ''].join('\n');

function databricksSdk({ origin, endpoint, task }: Target): string {
  const isChat = task === null || task === 'llm/v1/chat';
  const { messages: _, ...rest } = exampleFor(task);
  const shown = { 'llm/v1/chat': 'choices[0].message.content', 'llm/v1/completions': 'choices[0].text', 'llm/v1/embeddings': 'data[0].embedding' };
  return lines(
    'import os',
    '',
    'from databricks.sdk import WorkspaceClient',
    ...(isChat ? ['from databricks.sdk.service.serving import ChatMessage, ChatMessageRole'] : []),
    '',
    `w = WorkspaceClient(host=${json(origin)}, token=${pythonToken})`,
    'answer = w.serving_endpoints.query(',
    `    name=${json(endpoint)},`,
    ...(isChat ? [`    messages=[ChatMessage(role=ChatMessageRole.USER, content=${json(question)})],`] : []),
    ...Object.entries(rest).map(([name, value]) => `    ${name}=${pythonLiteral(value, '    ')},`),
    ')',
    `print(answer.${shown[task ?? 'llm/v1/chat']})`,
  );
}

function langchain({ origin, endpoint, task }: Target): string {
  const kind = { 'llm/v1/chat': 'ChatOpenAI', 'llm/v1/completions': 'OpenAI', 'llm/v1/embeddings': 'OpenAIEmbeddings' }[task ?? 'llm/v1/chat'];
  const isVectors = task === 'llm/v1/embeddings';
  const ask = isVectors ? `embed_query(${json(question)})` : `invoke(${json(question)})`;
  return lines(
    'import os',
    '',
    `from langchain_openai import ${kind}`,
    '',
    `model = ${kind}(`,
    `    model=${json(endpoint)},`,
    `    base_url=${json(`${origin}/serving-endpoints`)},`,
    `    api_key=${pythonToken},`,
    ...(isVectors ? ['    check_embedding_ctx_length=False,  # send texts, not token ids'] : []),
    ')',
    `print(model.${ask}${kind === 'ChatOpenAI' ? '.content' : ''})`,
  );
}

function anthropic({ origin, endpoint }: Target): string {
  return lines(
    'import os',
    '',
    'from anthropic import Anthropic',
    '',
    'client = Anthropic(',
    `    base_url=${json(`${origin}/serving-endpoints/anthropic`)},`,
    `    api_key=${pythonToken},`,
    ')',
    'message = client.messages.create(',
    `    model=${json(endpoint)},`,
    '    max_tokens=256,',
    `    messages=[{"role": "user", "content": ${json(question)}}],`,
    ')',
    'print(message.content[0].text)',
  );
}

function claudeCode({ origin, endpoint }: Target): string {
  return lines(
    `export ANTHROPIC_BASE_URL=${shellWord(`${origin}/serving-endpoints/anthropic`)}`,
    `export ANTHROPIC_AUTH_TOKEN="$${tokenName}"`,
    `export ANTHROPIC_MODEL=${shellWord(endpoint)}`,
    `export ANTHROPIC_DEFAULT_HAIKU_MODEL=${shellWord(endpoint)}  # its small tasks`,
    'claude',
  );
}

function genai({ origin, endpoint }: Target): string {
  return lines(
    'import os',
    '',
    'from google import genai',
    'from google.genai import types',
    '',
    'client = genai.Client(',
    `    api_key=${pythonToken},`,
    '    vertexai=False,',
    `    http_options=types.HttpOptions(base_url=${json(`${origin}/serving-endpoints/gemini`)}),`,
    ')',
    `answer = client.models.generate_content(model=${json(endpoint)}, contents=${json(question)})`,
    'print(answer.text)',
  );
}

function codex({ origin, endpoint }: Target): string {
  return lines(
    `model = ${json(endpoint)}`,
    'model_provider = "sluice"',
    '',
    '[model_providers.sluice]',
    'name = "Sluice"',
    `base_url = ${json(`${origin}/ai-gateway/codex/v1`)}`,
    `env_key = "${tokenName}"`,
    'wire_api = "responses"',
  );
}
