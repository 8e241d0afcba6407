// What an endpoint is asked for, and an example of how.
import { path } from '../base/api';
import type { Endpoint, ServedEntity, Task } from '../base/types';

/** The entities that serve, or will when the first config of the endpoint is ready. */
export function entitiesOf(endpoint: Endpoint): ServedEntity[] {
  return endpoint.config?.served_entities ?? endpoint.pending_config?.served_entities ?? [];
}

export function taskOf(endpoint: Endpoint): Task | null {
  const named = endpoint.task ?? entitiesOf(endpoint)[0]?.external_model?.task;
  return named === 'llm/v1/chat' || named === 'llm/v1/completions' || named === 'llm/v1/embeddings' ? named : null;
}

export type Body = Record<string, unknown>;

export function exampleFor(task: Task | null): Body {
  switch (task) {
    case 'llm/v1/completions':
      return { prompt: 'A serving endpoint is', max_tokens: 128, temperature: 0.5 };
    case 'llm/v1/embeddings':
      return { input: ['What is a serving endpoint?', 'How is a model queried?'] };
    default:
      return {
        messages: [{ role: 'user', content: 'What is a serving endpoint?' }],
        max_tokens: 256,
        temperature: 0.5,
      };
  }
}

export const canStream = (task: Task | null): boolean => task !== 'llm/v1/embeddings';

/** The same request with its stream on or off. A stream is asked for its usage too, or the tokens would stay unknown. */
export function withStream(body: Body, on: boolean): Body {
  const { stream: _, stream_options: options, ...rest } = body;
  if (on) return { ...rest, stream: true, stream_options: options ?? { include_usage: true } };
  return rest;
}

/** Where the endpoint is queried; with an entity, that one alone. */
export function queryPath(endpoint: string, entity = ''): string {
  return entity
    ? path`/serving-endpoints/${endpoint}/served-models/${entity}/invocations`
    : path`/serving-endpoints/${endpoint}/invocations`;
}

/** Lists also hold endpoints that the caller may only see. */
export const mayQuery = (endpoint: Endpoint): boolean => endpoint.permission_level !== 'CAN_VIEW';
