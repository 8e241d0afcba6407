// The ai_gateway block of an endpoint. A PUT replaces all of it, so a change of one part carries the others along.
import type { AiGateway, RateLimit } from '../../../base/types';

export const features = ['usage', 'limits', 'fallback', 'guardrails', 'inference'] as const;
export type Feature = (typeof features)[number];

/** What this version of the gateway answers 501 to when it is switched on. */
export const lacking: readonly Feature[] = ['fallback', 'guardrails', 'inference'];
export const lacksTokenLimits = true;

export type FeatureState = 'on' | 'off' | 'lacking';

function isOn(feature: Feature, block: AiGateway): boolean {
  switch (feature) {
    case 'usage':
      return block.usage_tracking_config?.enabled === true;
    case 'limits':
      return (block.rate_limits?.length ?? 0) > 0;
    case 'fallback':
      return block.fallback_config?.enabled === true;
    case 'guardrails':
      return Object.keys(block.guardrails ?? {}).length > 0;
    case 'inference':
      return block.inference_table_config?.enabled === true;
  }
}

export function stateOfFeature(feature: Feature, block: AiGateway): FeatureState {
  if (lacking.includes(feature)) return 'lacking';
  return isOn(feature, block) ? 'on' : 'off';
}

/** What is stored of a feature that the page cannot change, or null. */
export function storedOf(feature: Feature, block: AiGateway): unknown {
  const parts: Record<Feature, unknown> = {
    usage: block.usage_tracking_config,
    limits: block.rate_limits,
    fallback: block.fallback_config,
    guardrails: block.guardrails,
    inference: block.inference_table_config,
  };
  return parts[feature] ?? null;
}

export const withUsageTracking = (block: AiGateway, enabled: boolean): AiGateway => ({
  ...block,
  usage_tracking_config: { ...block.usage_tracking_config, enabled },
});

export function withLimits(block: AiGateway, limits: RateLimit[]): AiGateway {
  const { rate_limits: _, ...rest } = block;
  return limits.length ? { ...rest, rate_limits: limits } : rest;
}
