// What a config update does, or why it ended without taking effect.
import { useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { call, path } from '../../base/api';
import { makeWords } from '../../base/text';
import type { Endpoint } from '../../base/types';
import { Button } from '../../parts/button';
import { ErrorNote } from '../../parts/states';
import { useToast } from '../../parts/toast';
import { ConfigChanges } from './config_changes';
import { mayManage } from './entities';
import { endpointKey, endpointPath } from './paths';
import { failureOf } from './update_state';
import { When } from '../../parts/when';

const useText = makeWords({
  en: {
    update: 'Config update',
    updating: 'Config version {version} is being made ready.',
    creating: 'The endpoint is being made ready.',
    serves: 'Until then version {version} goes on serving.',
    begun: 'Begun',
    failed: 'The update to config version {version} failed.',
    canceled: 'The update to config version {version} was canceled.',
    stillServes: 'Version {version} goes on serving.',
    nothingServes: 'No config is active; the endpoint cannot be queried.',
    changes: 'What changes: active against pending config',
    changesOfFailed: 'What would have changed',
    diff: 'Differences between the active and the pending config',
    cancel: 'Cancel update',
    retry: 'Try again',
    canceledNow: 'The update was canceled.',
    again: 'The update has begun again.',
  },
  ko: {
    update: '구성 업데이트',
    updating: '구성 버전 {version}을(를) 준비하는 중입니다.',
    creating: '엔드포인트를 준비하는 중입니다.',
    serves: '준비될 때까지 버전 {version}이(가) 계속 제공합니다.',
    begun: '시작',
    failed: '구성 버전 {version}(으)로의 업데이트가 실패했습니다.',
    canceled: '구성 버전 {version}(으)로의 업데이트가 취소되었습니다.',
    stillServes: '버전 {version}이(가) 계속 제공합니다.',
    nothingServes: '활성 구성이 없어 엔드포인트를 쿼리할 수 없습니다.',
    changes: '변경 내용: 활성 구성과 보류 중인 구성 비교',
    changesOfFailed: '적용되지 않은 변경 내용',
    diff: '활성 구성과 보류 중인 구성의 차이',
    cancel: '업데이트 취소',
    retry: '다시 시도',
    canceledNow: '업데이트를 취소했습니다.',
    again: '업데이트를 다시 시작했습니다.',
  },
});

export function UpdateBanner({ endpoint }: { endpoint: Endpoint }) {
  switch (endpoint.state.config_update) {
    case 'IN_PROGRESS':
      return <Updating endpoint={endpoint} />;
    case 'UPDATE_FAILED':
    case 'UPDATE_CANCELED':
      return <Ended endpoint={endpoint} failed={endpoint.state.config_update === 'UPDATE_FAILED'} />;
    default:
      return null;
  }
}

/** A call that changes the update, with its error; the endpoint is asked again afterwards. */
function useUpdateCall(endpoint: Endpoint) {
  const queries = useQueryClient();
  const say = useToast();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = async (address: string, done: string) => {
    setBusy(true);
    setError(null);
    try {
      await call('POST', address, { body: {} });
      say(done);
    } catch (cause) {
      setError(cause);
    }
    await queries.invalidateQueries({ queryKey: endpointKey(endpoint.name) });
    setBusy(false);
  };
  return { busy, error, run };
}

function Updating({ endpoint }: { endpoint: Endpoint }) {
  const t = useText();
  const { busy, error, run } = useUpdateCall(endpoint);
  const active = endpoint.config?.config_version;
  const pending = endpoint.pending_config;
  return (
    <section className="endpoint-banner busy" aria-label={t('update')}>
      <div className="endpoint-banner-head">
        <div>
          <p className="endpoint-banner-title" role="status">
            {active === undefined ? t('creating') : t('updating', { version: pending?.config_version ?? '' })}
          </p>
          <p>
            {active !== undefined && t('serves', { version: active })}{' '}
            {pending?.start_time && (
              <>
                {t('begun')} <When ms={pending.start_time} />
              </>
            )}
          </p>
        </div>
        {mayManage(endpoint.permission_level) && (
          <Button busy={busy} onClick={() => void run(`${endpointPath(endpoint.name)}/config:cancel`, t('canceledNow'))}>
            {t('cancel')}
          </Button>
        )}
      </div>
      {error !== null && <ErrorNote error={error} />}
      {endpoint.config && pending && <PendingChanges endpoint={endpoint} title={t('changes')} open />}
    </section>
  );
}

function Ended({ endpoint, failed }: { endpoint: Endpoint; failed: boolean }) {
  const t = useText();
  const { busy, error, run } = useUpdateCall(endpoint);
  const active = endpoint.config?.config_version;
  const version = endpoint.pending_config?.config_version;
  const cause = failureOf(endpoint);
  const restore = path`/api/2.0/sluice/serving-endpoints/${endpoint.name}/versions/${version ?? 0}/restore`;
  return (
    <section className={`endpoint-banner ${failed ? 'bad' : 'still'}`} aria-label={t('update')}>
      <div className="endpoint-banner-head">
        <div role={failed ? 'alert' : 'status'}>
          <p className="endpoint-banner-title">{t(failed ? 'failed' : 'canceled', { version: version ?? '' })}</p>
          {cause && (
            <p className="endpoint-cause" dir="auto">
              {cause}
            </p>
          )}
          <p>{active === undefined ? t('nothingServes') : t('stillServes', { version: active })}</p>
        </div>
        {version !== undefined && mayManage(endpoint.permission_level) && (
          <Button busy={busy} onClick={() => void run(restore, t('again'))}>
            {t('retry')}
          </Button>
        )}
      </div>
      {error !== null && <ErrorNote error={error} />}
      {endpoint.config && endpoint.pending_config && <PendingChanges endpoint={endpoint} title={t('changesOfFailed')} />}
    </section>
  );
}

function PendingChanges({ endpoint, title, open = false }: { endpoint: Endpoint; title: string; open?: boolean }) {
  const t = useText();
  return (
    <details open={open}>
      <summary>{title}</summary>
      <ConfigChanges label={t('diff')} before={endpoint.config} after={endpoint.pending_config} />
    </details>
  );
}
