import type { Endpoint } from '../../base/types';

export default function GatewayTab(_props: { endpoint: Endpoint }) {
  return null;
}
