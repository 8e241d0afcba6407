import type { Endpoint } from '../../base/types';

export default function LogsTab(_props: { endpoint: Endpoint }) {
  return null;
}
