import { describe, expect, it } from 'vitest';
import type { Endpoint, Task } from '../../base/types';
import { clientIds, setupOf, whyNot } from './clients';

const endpoint = (task: Task, ...models: [provider: string, name: string][]): Endpoint => ({
  id: '1',
  name: 'chat',
  state: { ready: 'READY' },
  task,
  config: {
    served_entities: models.map(([provider, name]) => ({ name, external_model: { provider, name, task } })),
  },
});
const gemini: [string, string] = ['google-cloud-vertex-ai', 'gemini-2.5-flash'];
const allowed = (one: Endpoint) => clientIds.filter((each) => whyNot(each, one) === null);

describe('whyNot', () => {
  it('offers what the gateway serves', () => {
    const chat = allowed(endpoint('llm/v1/chat', ['openai', 'gpt-4o']));
    expect(clientIds.filter((each) => !chat.includes(each))).toEqual(['genai']);
    expect(allowed(endpoint('llm/v1/chat', gemini))).toEqual(clientIds);
    expect(allowed(endpoint('llm/v1/embeddings', gemini))).toEqual(['curl', 'python', 'node', 'mlflow', 'databricks', 'langchain']);
  });
  it('needs Gemini everywhere for its own client', () => {
    expect(whyNot('genai', endpoint('llm/v1/chat', gemini, ['openai', 'gpt-4o']))).toBe('geminiOnly');
    expect(whyNot('genai', endpoint('llm/v1/chat', ['google-cloud-vertex-ai', 'claude-sonnet-4-5']))).toBe('geminiOnly');
    expect(whyNot('genai', endpoint('llm/v1/chat'))).toBe('geminiOnly');
    expect(whyNot('genai', endpoint('llm/v1/embeddings', gemini))).toBe('chatOnly');
  });
});

describe.each(clientIds)('setupOf %s', (client) => {
  it.each<Task>(['llm/v1/chat', 'llm/v1/completions', 'llm/v1/embeddings'])('%s', (task) => {
    const setup = setupOf(client, { origin: 'https://gw.example', endpoint: 'my "chat"', task });
    expect(setup.baseUrl.startsWith('https://gw.example')).toBe(true);
    expect(setup.model).toBe('my "chat"');
    for (const { code } of setup.blocks) {
      expect(code).toContain('https://gw.example');
      expect(code).toContain('SLUICE_TOKEN');
      expect(code).toMatch(/my \\?"chat\\?"|my%20%22chat%22/);
    }
    expect(setup.blocks.length + setup.notes.length).toBeGreaterThan(0);
  });
});
