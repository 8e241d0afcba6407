import { makeWords } from '../../base/text';
import type { Endpoint, EndpointConfig, ServedEntity } from '../../base/types';
import { Chip, type Tone } from '../../parts/chips';
import { Empty } from '../../parts/states';
import { ProviderIcon, providerLabel } from '../../parts/provider_icon';
import { modelOf, providerOf, trafficOf } from './entities';
import { useTaskName } from './task_name';
import { When } from '../../parts/when';

const useText = makeWords({
  en: {
    active: 'Active configuration, version {version}',
    pending: 'Pending configuration, version {version}',
    failed: 'Failed configuration, version {version}',
    canceled: 'Canceled configuration, version {version}',
    name: 'Name',
    model: 'Provider and model',
    task: 'Task',
    traffic: 'Traffic',
    state: 'State',
    creator: 'Creator',
    created: 'Created',
    none: 'This endpoint has no configuration yet.',
    DEPLOYMENT_READY: 'Ready',
    DEPLOYMENT_CREATING: 'Creating',
    DEPLOYMENT_RECOVERING: 'Recovering',
    DEPLOYMENT_FAILED: 'Failed',
    DEPLOYMENT_ABORTED: 'Aborted',
  },
  ko: {
    active: '활성 구성, 버전 {version}',
    pending: '보류 중인 구성, 버전 {version}',
    failed: '실패한 구성, 버전 {version}',
    canceled: '취소된 구성, 버전 {version}',
    name: '이름',
    model: '모델 제공자와 모델',
    task: '작업',
    traffic: '트래픽',
    state: '상태',
    creator: '작성자',
    created: '만든 시간',
    none: '이 엔드포인트에는 아직 구성이 없습니다.',
    DEPLOYMENT_READY: '준비됨',
    DEPLOYMENT_CREATING: '만드는 중',
    DEPLOYMENT_RECOVERING: '복구 중',
    DEPLOYMENT_FAILED: '실패',
    DEPLOYMENT_ABORTED: '중단됨',
  },
});

export function EntitiesTab({ endpoint }: { endpoint: Endpoint }) {
  const t = useText();
  const { config, pending_config: pending } = endpoint;
  const ending = { UPDATE_FAILED: 'failed', UPDATE_CANCELED: 'canceled' } as const;
  const pendingTitle = ending[endpoint.state.config_update as keyof typeof ending] ?? 'pending';
  if (!config && !pending) return <Empty title={t('none')} />;
  return (
    <div className="stack">
      {config && <EntityTable title={t('active', { version: config.config_version ?? '' })} config={config} />}
      {pending && <EntityTable title={t(pendingTitle, { version: pending.config_version ?? '' })} config={pending} />}
    </div>
  );
}

function EntityTable({ title, config }: { title: string; config: EndpointConfig }) {
  const t = useText();
  const taskName = useTaskName();
  return (
    <section className="stack endpoint-entities" aria-label={title}>
      <h2>{title}</h2>
      <div className="table-box endpoint-cards" tabIndex={0} role="group" aria-label={title}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('name')}</th>
              <th scope="col">{t('model')}</th>
              <th scope="col">{t('task')}</th>
              <th scope="col" className="number">
                {t('traffic')}
              </th>
              <th scope="col">{t('state')}</th>
              <th scope="col">{t('creator')}</th>
              <th scope="col">{t('created')}</th>
            </tr>
          </thead>
          <tbody>
            {(config.served_entities ?? []).map((each) => (
              <tr key={each.name}>
                <td data-label={t('name')}>
                  <bdi>{each.name}</bdi>
                </td>
                <td data-label={t('model')}>
                  <Model entity={each} />
                </td>
                <td data-label={t('task')}>
                  <span>{taskName(each.external_model?.task)}</span>
                </td>
                <td data-label={t('traffic')} className="number">
                  <span>{share(trafficOf(config, each))}</span>
                </td>
                <td data-label={t('state')}>
                  <Deployment entity={each} />
                </td>
                <td data-label={t('creator')}>
                  <bdi>{each.creator ?? '–'}</bdi>
                </td>
                <td data-label={t('created')}>
                  <When ms={each.creation_timestamp} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const share = (percent: number | undefined): string => (percent === undefined ? '–' : `${percent}%`);

function Model({ entity }: { entity: ServedEntity }) {
  const provider = providerOf(entity);
  return (
    <div className="endpoint-model">
      <ProviderIcon provider={provider} />
      <span>
        <bdi>{modelOf(entity)}</bdi>
        <br />
        <span className="muted">{providerLabel(provider)}</span>
      </span>
    </div>
  );
}

const tones: Record<string, Tone> = {
  DEPLOYMENT_READY: 'good',
  DEPLOYMENT_FAILED: 'bad',
  DEPLOYMENT_ABORTED: 'still',
};

function Deployment({ entity }: { entity: ServedEntity }) {
  const t = useText();
  const state = entity.state?.deployment;
  if (!state) return <>–</>;
  const message = entity.state?.deployment_state_message;
  return (
    <>
      <Chip tone={tones[state] ?? 'busy'}>{t(state as 'DEPLOYMENT_READY')}</Chip>
      {message && (
        <p className="hint" dir="auto">
          {message}
        </p>
      )}
    </>
  );
}
