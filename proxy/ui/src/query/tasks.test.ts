import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../base/types';
import { exampleFor, queryPath, taskOf, withStream } from './tasks';

const endpoint = (more: Partial<Endpoint>): Endpoint => ({ id: '1', name: 'a', state: { ready: 'READY' }, ...more });

describe('taskOf', () => {
  it('is the one that the endpoint or its entities name', () => {
    const entity = (task: string) => ({ name: 'e', external_model: { name: 'm', provider: 'p', task: task as 'llm/v1/chat' } });
    expect(taskOf(endpoint({ task: 'llm/v1/embeddings' }))).toBe('llm/v1/embeddings');
    expect(taskOf(endpoint({ config: { served_entities: [entity('llm/v1/chat')] } }))).toBe('llm/v1/chat');
    expect(taskOf(endpoint({ pending_config: { served_entities: [entity('llm/v1/chat')] } }))).toBe('llm/v1/chat');
    expect(taskOf(endpoint({ task: 'llm/v1/other' }))).toBeNull();
    expect(taskOf(endpoint({}))).toBeNull();
  });
});

describe('exampleFor', () => {
  it('has the main member of the task', () => {
    expect(exampleFor('llm/v1/chat')).toHaveProperty('messages');
    expect(exampleFor('llm/v1/completions')).toHaveProperty('prompt');
    expect(exampleFor('llm/v1/embeddings')).toHaveProperty('input');
    expect(exampleFor(null)).toHaveProperty('messages');
  });
});

describe('withStream', () => {
  it('asks a stream for its usage and takes both back', () => {
    expect(withStream({ a: 1 }, true)).toEqual({ a: 1, stream: true, stream_options: { include_usage: true } });
    expect(withStream({ stream: true, a: 1, stream_options: {} }, false)).toEqual({ a: 1 });
    expect(withStream({ stream_options: { include_usage: false } }, true).stream_options).toEqual({ include_usage: false });
  });
});

describe('queryPath', () => {
  it('encodes names', () => {
    expect(queryPath('a b')).toBe('/serving-endpoints/a%20b/invocations');
    expect(queryPath('a', 'x/y')).toBe('/serving-endpoints/a/served-models/x%2Fy/invocations');
  });
});
