import type { Endpoint } from '../../base/types';

export default function UsageTab(_props: { endpoint: Endpoint }) {
  return null;
}
