// That nothing is counted, and how that can be changed.
import { useState } from 'react';
import type { Endpoint } from '../../../base/types';
import { path } from '../../../base/api';
import { Button, LinkButton } from '../../../parts/button';
import { ErrorNote } from '../../../parts/states';
import { useToast } from '../../../parts/toast';
import { withUsageTracking } from '../gateway/gateway_block';
import { useGateway } from '../gateway/use_gateway';
import { useUsageText } from './words';

export function TrackingHint({ endpoint, mayManage }: { endpoint: Endpoint; mayManage: boolean }) {
  const t = useUsageText();
  const say = useToast();
  const { block, change } = useGateway(endpoint);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  if (block.usage_tracking_config?.enabled) return null;
  const switchOn = async () => {
    setBusy(true);
    setError(null);
    try {
      await change((now) => withUsageTracking(now, true));
      say(t('switchedOn'));
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="card usage-hint">
      <p>
        <strong>{t('off')}.</strong> {t('offHint')} {!mayManage && t('offAsk')}
      </p>
      {error !== null && <ErrorNote error={error} />}
      {mayManage && (
        <div className="row">
          <Button look="primary" busy={busy} onClick={() => void switchOn()}>
            {t('switchOn')}
          </Button>
          <LinkButton look="quiet" to={path`/ml/endpoints/${endpoint.name}/edit`}>
            {t('editPage')}
          </LinkButton>
        </div>
      )}
    </div>
  );
}
