import type { Endpoint } from '../../base/types';

/** Why the last update failed: all of its entities say the same, in the server's words. */
export function failureOf(endpoint: Endpoint): string {
  const said = (endpoint.pending_config?.served_entities ?? []).map((each) => each.state?.deployment_state_message ?? '');
  return [...new Set(said.filter(Boolean))].join('\n');
}

/** Changes whenever an update begins or ends: what was kept of the history is then out of date. */
export const updateStamp = (endpoint: Endpoint): string =>
  [
    endpoint.id,
    endpoint.config?.config_version ?? 0,
    endpoint.pending_config?.config_version ?? 0,
    endpoint.state.config_update ?? '',
  ].join(' ');
