// draft → JSON → draft, for every provider, task and option; and JSON → draft → JSON for what the form does not know.
import { describe, expect, it } from 'vitest';
import {
  emptySecret,
  newDraft,
  newEntity,
  newLimit,
  newTag,
  shownFields,
  withProvider,
  type Draft,
  type EntityDraft,
  type Json,
} from './draft';
import { schemas } from './example_schemas';
import { fromRequest } from './from_request';
import { toRequest, withoutPlaintext } from './to_request';
import type { ProviderSchema } from '../../base/types';

/** Without the ids, which are of the page only. */
const plain = (draft: unknown): unknown =>
  JSON.parse(JSON.stringify(draft, (key, value: unknown) => (key === 'id' ? undefined : value)));

function variants(schema: ProviderSchema): EntityDraft[] {
  const choices = schema.fields.flatMap((each) => (each.choices ?? []).map((value) => [each.name, value] as const));
  const withChoices = choices.length ? choices : [['', ''] as const];
  const options = (schema.one_of ?? []).flatMap((one) => one.options.map((each) => ({ [one.name]: each.name })));
  return schema.tasks.flatMap((task) =>
    withChoices.flatMap(([name, value]) =>
      (options.length ? options : [{}]).map((option) => {
        const entity = { ...withProvider({ ...newEntity(), task }, schema), model: 'some-model.v1', options: option };
        return name ? { ...entity, values: { [name]: value } } : entity;
      }),
    ),
  );
}

function filled(entity: EntityDraft, schema: ProviderSchema, mode: 'reference' | 'plaintext'): EntityDraft {
  const out = { ...entity, values: { ...entity.values }, secrets: { ...entity.secrets } };
  for (const { field } of shownFields(schema, entity)) {
    if (!field.secret) {
      out.values[field.name] ??= field.choices?.[0] ?? `value of ${field.name}`;
    } else if (mode === 'reference') {
      out.secrets[field.name] = { ...emptySecret, reference: `{{secrets/scope/${field.name}}}` };
    } else {
      out.secrets[field.name] = { ...emptySecret, mode, plaintext: `key of ${field.name}` };
    }
  }
  return out;
}

const draftOf = (...entities: EntityDraft[]): Draft => ({ ...newDraft(), name: 'made', entities });

describe.each(schemas)('$name', (schema) => {
  const entities = variants(schema);
  it.each(['reference', 'plaintext'] as const)('comes back from JSON with secrets as %s', (mode) => {
    for (const entity of entities) {
      const draft = draftOf(filled(entity, schema, mode));
      const body = toRequest(draft, schemas);
      expect(plain(fromRequest(JSON.parse(JSON.stringify(body)) as Json, schemas))).toEqual(plain(draft));
    }
  });
  it('is the same JSON after form and back', () => {
    for (const entity of entities) {
      const body = toRequest(draftOf(filled(entity, schema, 'reference')), schemas);
      expect(toRequest(fromRequest(body, schemas), schemas)).toEqual(body);
    }
  });
});

describe('the whole body', () => {
  it('comes back with traffic, limits, tags and notifications', () => {
    const [openai, custom] = [schemas[0]!, schemas.at(-1)!];
    const draft: Draft = {
      ...draftOf(
        { ...filled(withProvider(newEntity('70'), openai), openai, 'reference'), model: 'gpt-4o' },
        { ...filled(withProvider(newEntity('30'), custom), custom, 'plaintext'), model: 'own', name: 'mine' },
      ),
      description: 'of a test',
      budgetPolicy: 'policy-1',
      usageTracking: true,
      limits: [
        newLimit('endpoint', '100'),
        { ...newLimit('user_group'), principal: 'science', tokens: '5000' },
        newLimit('user', '0'),
      ],
      tags: [{ ...newTag(), key: 'team', value: 'gen-ai' }, { ...newTag(), key: 'bare', valueGiven: false }],
      onSuccess: ['a@example.com'],
      onFailure: ['b@example.com', 'c@example.com'],
    };
    expect(plain(fromRequest(toRequest(draft, schemas), schemas))).toEqual(plain(draft));
  });

  it('keeps everything that the form does not know', () => {
    const body = {
      name: 'odd',
      route_optimized: true,
      telemetry_config: { enabled_telemetry_features: ['TELEMETRY_FEATURE_LOGS'] },
      some: [1, null, { deep: true }],
      config: {
        name: 'odd',
        auto_capture_config: { enabled: false },
        served_entities: [
          {
            name: 'one',
            more: 1,
            external_model: {
              name: 'm',
              provider: 'custom',
              task: 'llm/v1/chat',
              region: 'here',
              custom_provider_config: {
                custom_provider_url: 'https://x.example.com/v1',
                unknown: [1],
                api_key_auth: { key: 'X-Key', value: '{{secrets/a/b}}', extra: { a: 1 } },
              },
            },
          },
          { name: 'two', external_model: { provider: 'nobody-knows', name: 'x', task: 'llm/v1/chat', nobody_config: {} } },
          { entity_name: 'main.models.mine', entity_version: '3', workload_size: 'Small' },
        ],
        traffic_config: {
          note: 'kept',
          routes: [
            { served_entity_name: 'one', traffic_percentage: 50, hint: 'x' },
            { served_model_name: 'nobody', traffic_percentage: 10 },
          ],
        },
      },
      ai_gateway: {
        usage_tracking_config: { enabled: false, more: 1 },
        inference_table_config: { enabled: false, catalog_name: 'main' },
        guardrails: { input: { safety: false } },
        fallback_config: { enabled: false },
        rate_limits: [{ calls: 1, renewal_period: 'minute', since: 'today' }],
      },
      tags: [{ key: 'a', value: '', more: true }, { key: 'b' }],
      email_notifications: { on_update_success: ['a@b'], other: 1 },
    };
    expect(toRequest(fromRequest(body, schemas), schemas)).toEqual(body);
  });

  it('keeps members of a wrong type for the gateway to refuse', () => {
    const body = {
      name: 5,
      config: { served_entities: 'none' },
      ai_gateway: { rate_limits: [1] },
      tags: {},
      email_notifications: { on_update_success: [1] },
    };
    expect(toRequest(fromRequest(body, schemas), schemas)).toEqual(body);
    const old = { name: 'x', config: { served_models: [{ model_name: 'm', model_version: '1' }] } };
    expect(toRequest(fromRequest(old, schemas), schemas)).toEqual(old);
  });

  it('keeps a field that does not go with the others, and shows it', () => {
    const openai_config = { openai_api_key: '{{secrets/a/b}}', openai_deployment_name: 'd' };
    const external_model = { name: 'm', provider: 'openai', task: 'llm/v1/chat', openai_config };
    const body = { name: 'x', config: { served_entities: [{ external_model }] } };
    const draft = fromRequest(body, schemas);
    expect(draft.entities[0]!.forced).toEqual(['openai_deployment_name']);
    expect(shownFields(schemas[0]!, draft.entities[0]!).filter((each) => each.forced)).toHaveLength(1);
    expect(toRequest(draft, schemas)).toEqual(body);
  });

  it('takes rate limits from their old place', () => {
    const rate_limits = [{ calls: 100, key: 'user', renewal_period: 'minute' }];
    const made = toRequest(fromRequest({ name: 'x', rate_limits }, schemas), schemas);
    expect(made).toEqual({ name: 'x', ai_gateway: { rate_limits } });
    const both = { name: 'x', rate_limits, ai_gateway: { rate_limits } };
    expect(toRequest(fromRequest(both, schemas), schemas)).toEqual(both);
  });

  it('sends both forms of a secret when both were given', () => {
    const anthropic_config = { anthropic_api_key: '{{secrets/a/b}}', anthropic_api_key_plaintext: 'k' };
    const external_model = { name: 'm', provider: 'anthropic', task: 'llm/v1/chat', anthropic_config };
    const body = { name: 'x', config: { served_entities: [{ external_model }] } };
    expect(toRequest(fromRequest(body, schemas), schemas)).toEqual(body);
  });
});

describe('withoutPlaintext', () => {
  it('hides keys at any depth', () => {
    const shown = withoutPlaintext({ a: [{ openai_api_key_plaintext: 'sk-1', openai_api_key: 'kept' }] });
    expect(shown).toEqual({ a: [{ openai_api_key_plaintext: '••••••••', openai_api_key: 'kept' }] });
  });
});
