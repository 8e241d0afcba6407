import { describe, expect, it } from 'vitest';
import type { AiGateway } from '../../../base/types';
import { stateOfFeature, storedOf, withLimits, withUsageTracking } from './gateway_block';

const block = {
  usage_tracking_config: { enabled: true },
  rate_limits: [{ calls: 1, key: 'user', renewal_period: 'minute' }],
  inference_table_config: { enabled: false, catalog_name: 'main' },
  something_new: { kept: true },
} as AiGateway;

describe('the ai_gateway block', () => {
  it('keeps all that a change does not name', () => {
    expect(withUsageTracking(block, false)).toEqual({ ...block, usage_tracking_config: { enabled: false } });
    expect(withLimits(block, [])).toEqual({
      usage_tracking_config: { enabled: true },
      inference_table_config: { enabled: false, catalog_name: 'main' },
      something_new: { kept: true },
    });
    const limits = [{ calls: 9, key: 'endpoint', renewal_period: 'minute' }];
    expect(withLimits(block, limits)).toEqual({ ...block, rate_limits: limits });
    expect(withUsageTracking({}, true)).toEqual({ usage_tracking_config: { enabled: true } });
  });

  it('says what is on', () => {
    expect(stateOfFeature('usage', block)).toBe('on');
    expect(stateOfFeature('usage', {})).toBe('off');
    expect(stateOfFeature('limits', block)).toBe('on');
    expect(stateOfFeature('limits', { rate_limits: [] })).toBe('off');
    expect(stateOfFeature('guardrails', block)).toBe('lacking');
    expect(storedOf('inference', block)).toEqual({ enabled: false, catalog_name: 'main' });
    expect(storedOf('fallback', block)).toBeNull();
  });
});
