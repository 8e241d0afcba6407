import type { Endpoint } from '../base/types';

export default function QueryPane(_props: { endpoint: Endpoint; open: boolean; onClose: () => void }) {
  return null;
}
