// A config update that is under way keeps others from being saved: it is said, and can be canceled.
import { useState } from 'react';
import { call, path } from '../../base/api';
import { endpointsFeed, useLiveEndpoints } from '../../base/live';
import type { Endpoint } from '../../base/types';
import { Button } from '../../parts/button';
import { ErrorNote } from '../../parts/states';
import { useToast } from '../../parts/toast';
import { useFormWords } from './words';

export function useLiveState(endpoint: Endpoint): Endpoint['state'] {
  const { all } = useLiveEndpoints();
  return all?.find((each) => each.name === endpoint.name)?.state ?? endpoint.state;
}

export function CancelUpdate({ name }: { name: string }) {
  const t = useFormWords();
  const say = useToast();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const cancel = async () => {
    setBusy(true);
    setError(null);
    try {
      await call('POST', path`/api/2.0/serving-endpoints/${name}/config:cancel`, { body: {} });
      say(t('canceled'));
      endpointsFeed.refresh();
    } catch (cause) {
      setError(cause);
    }
    setBusy(false);
  };
  return (
    <>
      {error !== null && <ErrorNote error={error} />}
      <Button look="danger" busy={busy} onClick={() => void cancel()}>
        {t('cancelUpdate')}
      </Button>
    </>
  );
}

export const mayChange = (endpoint: Endpoint): boolean =>
  !endpoint.permission_level || endpoint.permission_level === 'CAN_MANAGE';

/** What one must know before an edit. */
export function UpdateNotes({ endpoint, onLoadPending }: { endpoint: Endpoint; onLoadPending: () => void }) {
  const t = useFormWords();
  const state = useLiveState(endpoint);
  if (!mayChange(endpoint)) return <p className="form-note form-warning">{t('cannotManage')}</p>;
  if (state.config_update === 'IN_PROGRESS') {
    return (
      <div className="form-note form-warning" role="status">
        <p>{t('updateRuns')}</p>
        <CancelUpdate name={endpoint.name} />
      </div>
    );
  }
  if (state.config_update !== 'UPDATE_FAILED' || !endpoint.config || !endpoint.pending_config) return null;
  return (
    <div className="form-note form-warning" role="status">
      <p>{t('updateFailed')}</p>
      <Button onClick={onLoadPending}>{t('loadPending')}</Button>
    </div>
  );
}
