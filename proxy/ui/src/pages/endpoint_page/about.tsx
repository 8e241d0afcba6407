import type { ReactNode } from 'react';
import { makeWords } from '../../base/text';
import type { Endpoint } from '../../base/types';
import { CopyButton } from '../../parts/copy_button';
import { Tags } from './tags';
import { useTaskName } from './task_name';
import { When } from '../../parts/when';

const useText = makeWords({
  en: {
    about: 'About this endpoint',
    creator: 'Creator',
    created: 'Created',
    updated: 'Last change',
    id: 'ID',
    copyId: 'Copy the ID',
    level: 'Your permission',
    task: 'Task',
    version: 'Config version',
    tags: 'Tags',
    routeOptimized: 'Route optimized',
    yes: 'Yes',
    CAN_VIEW: 'Can view',
    CAN_QUERY: 'Can query',
    CAN_MANAGE: 'Can manage',
  },
  ko: {
    about: '엔드포인트 정보',
    creator: '작성자',
    created: '만든 시간',
    updated: '마지막 변경',
    id: 'ID',
    copyId: 'ID 복사',
    level: '내 권한',
    task: '작업',
    version: '구성 버전',
    tags: '태그',
    routeOptimized: '경로 최적화',
    yes: '예',
    CAN_VIEW: '볼 수 있음',
    CAN_QUERY: '쿼리할 수 있음',
    CAN_MANAGE: '관리할 수 있음',
  },
});

export function About({ endpoint }: { endpoint: Endpoint }) {
  const t = useText();
  const taskName = useTaskName();
  const level = endpoint.permission_level;
  return (
    <section className="card endpoint-about" aria-label={t('about')}>
      {endpoint.description && (
        <p className="endpoint-description" dir="auto">
          {endpoint.description}
        </p>
      )}
      <dl className="endpoint-facts">
        <Fact label={t('creator')}>
          <bdi>{endpoint.creator ?? '–'}</bdi>
        </Fact>
        <Fact label={t('created')}>
          <When ms={endpoint.creation_timestamp} />
        </Fact>
        <Fact label={t('updated')}>
          <When ms={endpoint.last_updated_timestamp} />
        </Fact>
        <Fact label={t('task')}>{taskName(endpoint.task)}</Fact>
        <Fact label={t('version')}>{endpoint.config?.config_version ?? '–'}</Fact>
        <Fact label={t('level')}>{level ? t(level) : '–'}</Fact>
        {endpoint.route_optimized && <Fact label={t('routeOptimized')}>{t('yes')}</Fact>}
        <Fact label={t('id')} wide>
          <code>{endpoint.id}</code> <CopyButton text={endpoint.id} label={t('copyId')} />
        </Fact>
      </dl>
      <Tags endpoint={endpoint} />
    </section>
  );
}

function Fact({ label, wide = false, children }: { label: string; wide?: boolean; children: ReactNode }) {
  return (
    <div className={wide ? 'endpoint-fact wide' : 'endpoint-fact'}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
