// One endpoint: its head, its update if one is under way, and its tabs.
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react';
import { useSearchParams } from 'wouter';
import { makeWords } from '../../base/text';
import type { Endpoint } from '../../base/types';
import { askInPlace } from '../../base/unsaved';
import { LinkButton } from '../../parts/button';
import { Empty, ErrorNote, Failed, Loading } from '../../parts/states';
import { Tabs, type TabSpec } from '../../parts/tabs';
import { About } from './about';
import { EntitiesTab } from './entities_tab';
import { EndpointHead } from './head';
import { HistoryTab } from './history_tab';
import { PermissionsTab } from './permissions_tab';
import { UpdateBanner } from './update_banner';
import { useEndpoint } from './use_endpoint';
import './endpoint_page.css';

const MetricsTab = lazy(() => import('./metrics_tab'));
const UsageTab = lazy(() => import('./usage_tab'));
const LogsTab = lazy(() => import('./logs_tab'));
const GatewayTab = lazy(() => import('./gateway_tab'));
const QueryPane = lazy(() => import('../../query/query_pane'));

const useText = makeWords({
  en: {
    tabs: 'Parts of the endpoint',
    entities: 'Served entities',
    metrics: 'Metrics',
    usage: 'Usage',
    logs: 'Logs',
    history: 'History',
    permissions: 'Permissions',
    gateway: 'AI Gateway',
    missing: 'There is no endpoint with the name {name}, or you may not see it.',
    deleted: 'The endpoint {name} was deleted.',
    back: 'To the serving endpoints',
  },
  ko: {
    tabs: '엔드포인트 구성 요소',
    entities: '제공된 엔터티',
    metrics: '메트릭',
    usage: '사용량',
    logs: '로그',
    history: '기록',
    permissions: '권한',
    gateway: 'AI Gateway',
    missing: '이름이 {name}인 엔드포인트가 없거나 볼 수 있는 권한이 없습니다.',
    deleted: '엔드포인트 {name}이(가) 삭제되었습니다.',
    back: '서비스 엔드포인트로 이동',
  },
});

const tabIds = ['entities', 'metrics', 'usage', 'logs', 'history', 'permissions', 'gateway'] as const;
type TabId = (typeof tabIds)[number];

const views: Record<TabId, (props: { endpoint: Endpoint }) => ReactNode> = {
  entities: EntitiesTab,
  metrics: MetricsTab,
  usage: UsageTab,
  logs: LogsTab,
  history: HistoryTab,
  permissions: PermissionsTab,
  gateway: GatewayTab,
};

export default function EndpointPage({ name }: { name: string }) {
  const t = useText();
  const { endpoint, missing, error, askAgain } = useEndpoint(name);
  useEffect(() => {
    document.title = `${name} · Sluice`;
    window.scrollTo(0, 0);
  }, [name]);
  if (endpoint && !missing) return <Page endpoint={endpoint} error={error} />;
  return (
    <>
      <h1 className="only-read">{name}</h1>
      {missing ? (
        <Empty title={t(endpoint ? 'deleted' : 'missing', { name })}>
          <LinkButton to="/ml/endpoints">{t('back')}</LinkButton>
        </Empty>
      ) : error ? (
        <Failed error={error} onRetry={askAgain} />
      ) : (
        <Loading rows={8} />
      )}
    </>
  );
}

function Page({ endpoint, error }: { endpoint: Endpoint; error: Error | null }) {
  const t = useText();
  const [asking, setAsking] = useState(false);
  const [asked, setAsked] = useState(false); // then the pane stays, and with it what was typed
  const [tab, setTab] = useTab();
  const specs: TabSpec<TabId>[] = tabIds.map((id) => {
    const View = views[id];
    return {
      id,
      label: t(id),
      content: () => (
        <Suspense fallback={<Loading rows={4} />}>
          <View endpoint={endpoint} />
        </Suspense>
      ),
    };
  });
  return (
    <div className="endpoint stack">
      <div>
        <EndpointHead
          endpoint={endpoint}
          onQuery={() => {
            setAsked(true);
            setAsking(true);
          }}
        />
        {error && <ErrorNote error={error} />}
      </div>
      <UpdateBanner endpoint={endpoint} />
      <About endpoint={endpoint} />
      <div>
        <Tabs label={t('tabs')} tabs={specs} selected={tab} onSelect={(next) => askInPlace(() => setTab(next))} />
      </div>
      {asked && (
        <Suspense fallback={null}>
          <QueryPane endpoint={endpoint} open={asking} onClose={() => setAsking(false)} />
        </Suspense>
      )}
    </div>
  );
}

/** ?tab=…; the first tab has no name in the address. */
function useTab(): [TabId, (tab: TabId) => void] {
  const [params, setParams] = useSearchParams();
  const named = params.get('tab') as TabId;
  const select = (tab: TabId) =>
    setParams(
      (now) => {
        const next = new URLSearchParams(now);
        if (tab === 'entities') next.delete('tab');
        else next.set('tab', tab);
        return next;
      },
      { replace: true },
    );
  return [tabIds.includes(named) ? named : 'entities', select];
}
