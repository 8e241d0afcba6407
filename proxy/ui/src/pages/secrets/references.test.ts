import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../base/types';
import { parseReference, referencesIn, Uses } from './references';

const endpoint = (name: string, ...keys: string[]): Endpoint => ({
  id: name,
  name,
  state: { ready: 'READY' },
  config: {
    served_entities: keys.map((key) => ({
      name: key,
      external_model: { name: 'm', provider: 'openai', task: 'llm/v1/chat', openai_config: { openai_api_key: key } },
    })),
  },
});

describe('parseReference', () => {
  it('takes a whole reference only', () => {
    expect(parseReference('{{secrets/My_scope/a.key}}')).toEqual({ scope: 'My_scope', key: 'a.key' });
    expect(parseReference('{{ secrets/s/k }}')).toEqual({ scope: 's', key: 'k' });
    for (const text of ['secrets/s/k', 'x {{secrets/s/k}}', '{{secrets/s}}', '{{secrets/s/k/z}}', '']) {
      expect(parseReference(text)).toBeNull();
    }
  });
});

describe('Uses', () => {
  it('finds them however deep, and once each', () => {
    expect(referencesIn({ a: [{ b: '{{secrets/s/k}}' }], c: null, d: 1 })).toEqual([{ scope: 's', key: 'k' }]);
    const uses = new Uses([
      endpoint('two', '{{secrets/scope/k}}', '{{secrets/scope/k}}'),
      endpoint('one', '{{secrets/SCOPE/k}}', '{{secrets/scope/K}}'),
      endpoint('none'),
    ]);
    expect(uses.ofKey('scope', 'k')).toEqual(['one', 'two']);
    expect(uses.ofKey('scope', 'K')).toEqual(['one']);
    expect(uses.ofKey('scope', 'x')).toEqual([]);
    expect(uses.ofScope('Scope')).toEqual(['one', 'two']);
  });

  it('counts what an update will bring', () => {
    const pending: Endpoint = { ...endpoint('p'), pending_config: endpoint('p', '{{secrets/s/new}}').config! };
    expect(new Uses([pending]).ofKey('s', 'new')).toEqual(['p']);
  });
});
