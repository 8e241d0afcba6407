// The gateway's answer to GET /api/2.0/sluice/providers, for tests.
import type { ProviderField, ProviderSchema, Task } from '../../base/types';

const all: Task[] = ['llm/v1/chat', 'llm/v1/completions', 'llm/v1/embeddings'];
const field = (name: string, more: Partial<ProviderField> = {}): ProviderField => ({
  name,
  required: false,
  secret: false,
  kind: 'text',
  ...more,
});
const needed = (name: string, more: Partial<ProviderField> = {}) => field(name, { required: true, ...more });
const key = (name: string) => needed(name, { secret: true });
const when = (...values: string[]) => ({ only_if: [{ field: 'openai_api_type', values }] });

const openai: ProviderField[] = [
  field('openai_api_type', { choices: ['openai', 'azure', 'azuread'], default: 'openai' }),
  needed('openai_api_key', { secret: true, ...when('openai', 'azure') }),
  field('openai_api_base', { kind: 'url', ...when('openai') }),
  needed('openai_api_base', { kind: 'url', ...when('azure', 'azuread') }),
  needed('openai_api_version', when('azure', 'azuread')),
  needed('openai_deployment_name', when('azure', 'azuread')),
  field('openai_organization', when('openai')),
  needed('microsoft_entra_client_id', when('azuread')),
  needed('microsoft_entra_client_secret', { secret: true, ...when('azuread') }),
  needed('microsoft_entra_tenant_id', when('azuread')),
];

const bedrock: ProviderSchema = {
  name: 'amazon-bedrock',
  config_block: 'amazon_bedrock_config',
  tasks: all,
  fields: [
    needed('aws_region'),
    needed('bedrock_provider', { choices: ['anthropic', 'cohere', 'ai21labs', 'amazon'] }),
    field('aws_access_key_id', { secret: true, group: 'keys' }),
    field('aws_secret_access_key', { secret: true, group: 'keys' }),
    field('instance_profile_arn', { group: 'role' }),
  ],
  one_of: [
    {
      name: 'authentication',
      options: [
        { name: 'keys', fields: ['aws_access_key_id', 'aws_secret_access_key'] },
        { name: 'role', fields: ['instance_profile_arn'] },
      ],
    },
  ],
};

const custom: ProviderSchema = {
  name: 'custom',
  config_block: 'custom_provider_config',
  tasks: all,
  fields: [
    needed('custom_provider_url', { kind: 'url' }),
    field('api_key_auth.key', { group: 'header' }),
    field('api_key_auth.value', { secret: true, group: 'header' }),
    field('bearer_token_auth.token', { secret: true, group: 'bearer_token' }),
  ],
  one_of: [
    {
      name: 'authentication',
      options: [
        { name: 'header', fields: ['api_key_auth.key', 'api_key_auth.value'] },
        { name: 'bearer_token', fields: ['bearer_token_auth.token'] },
      ],
    },
  ],
};

const simple = (name: string, block: string, tasks: Task[], fields: ProviderField[]): ProviderSchema => ({
  name,
  config_block: block,
  tasks,
  fields,
});

export const schemas: ProviderSchema[] = [
  simple('openai', 'openai_config', all, openai),
  simple('anthropic', 'anthropic_config', all.slice(0, 2), [key('anthropic_api_key')]),
  simple('cohere', 'cohere_config', all, [key('cohere_api_key'), field('cohere_api_base', { kind: 'url' })]),
  simple('ai21labs', 'ai21labs_config', all.slice(0, 2), [key('ai21labs_api_key')]),
  bedrock,
  simple('google-cloud-vertex-ai', 'google_cloud_vertex_ai_config', all, [
    needed('project_id'),
    needed('region'),
    needed('private_key', { secret: true, kind: 'multiline' }),
  ]),
  simple('databricks-model-serving', 'databricks_model_serving_config', all, [
    needed('databricks_workspace_url', { kind: 'url' }),
    key('databricks_api_token'),
  ]),
  simple('palm', 'palm_config', all, [key('palm_api_key')]),
  custom,
];
