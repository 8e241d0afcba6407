import type { Endpoint } from '../base/types';
import { usePartWords } from './words';

export type Tone = 'good' | 'bad' | 'busy' | 'still';

export function Chip({ tone, children, title }: { tone: Tone; children: string; title?: string }) {
  return (
    <span className={`chip ${tone}`} title={title}>
      {children}
    </span>
  );
}

export type StateKind = 'ready' | 'notReady' | 'updating' | 'updateFailed' | 'updateCanceled';

/** The one word that says most: a failed update is worth more than that the old config still serves. */
export function stateOf(state: Endpoint['state']): StateKind {
  switch (state.config_update) {
    case 'IN_PROGRESS':
      return state.ready === 'READY' ? 'updating' : 'notReady';
    case 'UPDATE_FAILED':
      return 'updateFailed';
    case 'UPDATE_CANCELED':
      return 'updateCanceled';
    default:
      return state.ready === 'READY' ? 'ready' : 'notReady';
  }
}

const tones: Record<StateKind, Tone> = {
  ready: 'good',
  notReady: 'busy',
  updating: 'busy',
  updateFailed: 'bad',
  updateCanceled: 'still',
};

export function StateChip({ state }: { state: Endpoint['state'] }) {
  const t = usePartWords();
  const kind = stateOf(state);
  return <Chip tone={tones[kind]}>{t(kind)}</Chip>;
}
