import type { Endpoint } from '../../base/types';

export default function MetricsTab(_props: { endpoint: Endpoint }) {
  return null;
}
