// Two letters on the provider's colour: no trademarks, nothing to load.
const looks: Record<string, { letters: string; label: string }> = {
  openai: { letters: 'OA', label: 'OpenAI' },
  anthropic: { letters: 'An', label: 'Anthropic' },
  cohere: { letters: 'Co', label: 'Cohere' },
  'amazon-bedrock': { letters: 'Be', label: 'Amazon Bedrock' },
  'google-cloud-vertex-ai': { letters: 'Ve', label: 'Google Cloud Vertex AI' },
  'databricks-model-serving': { letters: 'Db', label: 'Databricks Model Serving' },
  ai21labs: { letters: '21', label: 'AI21 Labs' },
  palm: { letters: 'Pa', label: 'PaLM' },
  custom: { letters: '{}', label: 'Custom' },
};

/** The name that people know a provider by; one that the page does not know is shown as it is. */
export const providerLabel = (provider: string): string => looks[provider]?.label ?? provider;

export function ProviderIcon({ provider }: { provider: string }) {
  const look = looks[provider];
  return (
    <span className={`provider-icon ${look ? provider : 'other'}`} title={providerLabel(provider)} aria-hidden="true">
      {look?.letters ?? provider.slice(0, 2)}
    </span>
  );
}
