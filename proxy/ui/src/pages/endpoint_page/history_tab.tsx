// Every config that the endpoint had: what changed, who did it, how it ended, and the way back.
import { useEffect, useRef, useState } from 'react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { call, get, path, query } from '../../base/api';
import { endpointsFeed } from '../../base/live';
import { makeWords } from '../../base/text';
import type { Endpoint } from '../../base/types';
import { Button } from '../../parts/button';
import { Chip, type Tone } from '../../parts/chips';
import { ConfirmDialog } from '../../parts/dialog';
import { Empty, Failed, Loading } from '../../parts/states';
import { useToast } from '../../parts/toast';
import { ConfigChanges } from './config_changes';
import { mayManage } from './entities';
import { endpointKey } from './paths';
import { updateStamp } from './update_state';
import { mayRestore, otherOf, type Against, type Outcome, type Version, type VersionPage } from './versions';
import { When } from '../../parts/when';

const useText = makeWords({
  en: {
    list: 'Config versions',
    version: 'Version {version}',
    active: 'Active',
    superseded: 'Superseded',
    failed: 'Failed',
    canceled: 'Canceled',
    pending: 'Pending',
    by: 'by',
    against_before: 'Changes',
    against_active: 'Compare with active',
    diff_before: 'Changes of version {version}',
    diff_active: 'Active config against version {version}',
    first: 'The oldest version that is kept.',
    noActive: 'No version is active.',
    restore: 'Roll back',
    restoreThis: 'Roll back to version {version}',
    restoreTitle: 'Roll back to version {version}?',
    restoreExplain: 'The config of version {version} becomes a new version. This is what changes:',
    restored: 'Rolling back to version {version}.',
    busy: 'An update is under way.',
    older: 'Show older versions',
    none: 'There are no config versions yet.',
  },
  ko: {
    list: '구성 버전',
    version: '버전 {version}',
    active: '활성',
    superseded: '대체됨',
    failed: '실패',
    canceled: '취소됨',
    pending: '보류 중',
    by: '작성자',
    against_before: '변경 내용',
    against_active: '활성 구성과 비교',
    diff_before: '버전 {version}의 변경 내용',
    diff_active: '활성 구성과 버전 {version} 비교',
    first: '보관된 가장 오래된 버전입니다.',
    noActive: '활성 버전이 없습니다.',
    restore: '롤백',
    restoreThis: '버전 {version}(으)로 롤백',
    restoreTitle: '버전 {version}(으)로 롤백할까요?',
    restoreExplain: '버전 {version}의 구성이 새 버전이 됩니다. 변경 내용은 다음과 같습니다.',
    restored: '버전 {version}(으)로 롤백하는 중입니다.',
    busy: '업데이트가 진행 중입니다.',
    older: '이전 버전 더 보기',
    none: '아직 구성 버전이 없습니다.',
  },
});

const tones: Record<Outcome, Tone> = {
  active: 'good',
  superseded: 'still',
  failed: 'bad',
  canceled: 'still',
  pending: 'busy',
};

function useVersions(endpoint: Endpoint) {
  const queries = useQueryClient();
  const base = path`/api/2.0/sluice/serving-endpoints/${endpoint.name}/versions`;
  const key = [...endpointKey(endpoint.name), 'versions'];
  const asked = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => get<VersionPage>(base + query({ page_token: pageParam }), signal),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_page_token || undefined,
  });
  const stamp = updateStamp(endpoint);
  const last = useRef(stamp);
  useEffect(() => {
    if (last.current !== stamp) void queries.invalidateQueries({ queryKey: key });
    last.current = stamp;
  }, [stamp]);
  return asked;
}

export function HistoryTab({ endpoint }: { endpoint: Endpoint }) {
  const t = useText();
  const asked = useVersions(endpoint);
  const [restoring, setRestoring] = useState<Version | null>(null);
  if (asked.isPending) return <Loading rows={4} />;
  if (!asked.data) return <Failed error={asked.error} onRetry={() => void asked.refetch()} />;
  const versions = asked.data.pages.flatMap((each) => each.versions);
  if (versions.length === 0) return <Empty title={t('none')} />;
  return (
    <>
      <ol className="history" aria-label={t('list')}>
        {versions.map((each) => (
          <VersionCard
            key={each.version}
            version={each}
            versions={versions}
            endpoint={endpoint}
            onMore={asked.hasNextPage ? () => void asked.fetchNextPage() : undefined}
            onRestore={() => setRestoring(each)}
          />
        ))}
      </ol>
      {asked.hasNextPage && (
        <Button busy={asked.isFetchingNextPage} onClick={() => void asked.fetchNextPage()}>
          {t('older')}
        </Button>
      )}
      <Restore endpoint={endpoint} version={restoring} onClose={() => setRestoring(null)} />
    </>
  );
}

interface CardProps {
  version: Version;
  versions: Version[];
  endpoint: Endpoint;
  onMore: (() => void) | undefined; // asks for older versions; undefined when all are here
  onRestore: () => void;
}

function VersionCard({ version, versions, endpoint, onMore, onRestore }: CardProps) {
  const t = useText();
  const [against, setAgainst] = useState<Against | null>(null);
  const updating = endpoint.state.config_update === 'IN_PROGRESS';
  const number = { version: version.version };
  const toggles: Against[] = version.outcome === 'active' ? ['before'] : ['before', 'active'];
  return (
    <li className="card history-version">
      <div className="history-head">
        <div className="history-what">
          <h2>{t('version', number)}</h2> <Chip tone={tones[version.outcome]}>{t(version.outcome)}</Chip>
          <span className="muted history-who">
            <When ms={version.created_ms} /> · <span className="only-read">{t('by')} </span>
            <bdi>{version.created_by}</bdi>
          </span>
        </div>
        <div className="actions">
          {toggles.map((each) => (
            <Button
              key={each}
              look="quiet"
              aria-expanded={against === each}
              aria-pressed={against === each}
              aria-label={`${t('version', number)}: ${t(`against_${each}`)}`}
              onClick={() => setAgainst(against === each ? null : each)}
            >
              {t(`against_${each}`)}
            </Button>
          ))}
          {mayManage(endpoint.permission_level) && mayRestore(version) && (
            <Button
              aria-label={t('restoreThis', number)}
              disabled={updating}
              title={updating ? t('busy') : undefined}
              onClick={onRestore}
            >
              {t('restore')}
            </Button>
          )}
        </div>
      </div>
      {version.message && (
        <p className="error-note" dir="auto">
          {version.message}
        </p>
      )}
      {against && <Compared version={version} versions={versions} against={against} onMore={onMore} />}
    </li>
  );
}

interface ComparedProps extends Pick<CardProps, 'version' | 'versions' | 'onMore'> {
  against: Against;
}

function Compared({ version, versions, against, onMore }: ComparedProps) {
  const t = useText();
  const other = otherOf(versions, version, against, onMore === undefined);
  const elsewhere = other.kind === 'elsewhere';
  const more = useRef(onMore);
  more.current = onMore;
  useEffect(() => {
    if (elsewhere) more.current?.();
  }, [elsewhere, versions.length]);
  if (elsewhere) return <Loading rows={1} />;
  const label = t(`diff_${against}`, { version: version.version });
  if (other.kind === 'found' && against === 'active') {
    return <ConfigChanges label={label} before={other.version.config} after={version.config} />;
  }
  return (
    <>
      {other.kind === 'none' && <p className="muted">{t(against === 'active' ? 'noActive' : 'first')}</p>}
      <ConfigChanges
        label={label}
        before={other.kind === 'found' ? other.version.config : undefined}
        after={version.config}
      />
    </>
  );
}

interface RestoreProps {
  endpoint: Endpoint;
  version: Version | null;
  onClose: () => void;
}

function Restore({ endpoint, version, onClose }: RestoreProps) {
  const t = useText();
  const say = useToast();
  const queries = useQueryClient();
  const number = { version: version?.version ?? '' };
  const restore = async () => {
    if (!version) return;
    const versions = path`/api/2.0/sluice/serving-endpoints/${endpoint.name}/versions`;
    await call('POST', `${versions}/${version.version}/restore`, { body: {} });
    say(t('restored', number));
    endpointsFeed.refresh();
    await queries.invalidateQueries({ queryKey: endpointKey(endpoint.name) });
  };
  return (
    <ConfirmDialog
      title={t('restoreTitle', number)}
      open={version !== null}
      onClose={onClose}
      action={t('restore')}
      onConfirm={restore}
    >
      <p>{t('restoreExplain', number)}</p>
      {version && <ConfigChanges label={t('diff_active', number)} before={endpoint.config} after={version.config} />}
    </ConfirmDialog>
  );
}
