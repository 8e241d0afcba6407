// What the gateway keeps of each served entity: the last failures of its provider, and the log of its build.
import { useMemo, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import { get, path } from '../../base/api';
import { makeWords, useLanguage } from '../../base/text';
import type { Endpoint } from '../../base/types';
import { Button } from '../../parts/button';
import { CopyButton } from '../../parts/copy_button';
import { SelectField, TextField } from '../../parts/field';
import { Empty, ErrorNote, Failed, Loading } from '../../parts/states';
import { linesWith } from './logs/lines';
import './logs/logs.css';

const useText = makeWords({
  en: {
    entity: 'Served entity',
    which: 'Which log',
    service: 'Service',
    build: 'Build',
    filter: 'Filter',
    filterHint: 'Lines with this text',
    refresh: 'Refresh',
    copyLog: 'Copy the lines that are shown',
    lines: '{shown} of {all} lines',
    logOf: 'Log of {name}',
    noEntities: 'The endpoint has no served entity',
    none: 'Nothing is logged',
    noneService: 'Failures of the provider stand here: the last 50 of each entity.',
    noneBuild: 'An external model is not built.',
    noMatch: 'No line has this text',
  },
  ko: {
    entity: '제공된 엔터티',
    which: '로그 종류',
    service: '서비스',
    build: '빌드',
    filter: '필터',
    filterHint: '이 텍스트가 있는 줄',
    refresh: '새로 고침',
    copyLog: '표시된 줄 복사',
    lines: '{all}줄 중 {shown}줄',
    logOf: '{name} 로그',
    noEntities: '이 엔드포인트에는 제공된 엔터티가 없습니다',
    none: '기록된 로그가 없습니다',
    noneService: '모델 제공자의 오류가 엔터티마다 최근 50개까지 여기에 표시됩니다.',
    noneBuild: '외부 모델은 빌드하지 않습니다.',
    noMatch: '이 텍스트가 있는 줄이 없습니다',
  },
});

const kinds = { service: 'logs', build: 'build-logs' } as const;
type Kind = keyof typeof kinds;

/** Of the config that serves and of the one that is to come. */
function entityNames({ config, pending_config }: Endpoint): string[] {
  const all = [...(config?.served_entities ?? []), ...(pending_config?.served_entities ?? [])];
  return [...new Set(all.map((each) => each.name))];
}

export default function LogsTab({ endpoint }: { endpoint: Endpoint }) {
  const t = useText();
  const names = entityNames(endpoint);
  const [search, setSearch] = useSearchParams();
  const asked = search.get('entity') ?? '';
  const entity = names.includes(asked) ? asked : (names[0] ?? '');
  const [kind, setKind] = useState<Kind>('service');
  const choose = (name: string) => setSearch((before) => ({ ...Object.fromEntries(before), entity: name }), { replace: true });
  if (!entity) return <Empty title={t('noEntities')} />;
  return (
    <div className="stack">
      <div className="logs-bar">
        <SelectField label={t('entity')} value={entity} onChange={(event) => choose(event.target.value)}>
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </SelectField>
        <div className="logs-kinds" role="group" aria-label={t('which')}>
          {(Object.keys(kinds) as Kind[]).map((each) => (
            <Button key={each} look="quiet" aria-pressed={each === kind} onClick={() => setKind(each)}>
              {t(each)}
            </Button>
          ))}
        </div>
      </div>
      <Log key={`${entity} ${kind}`} endpoint={endpoint.name} entity={entity} kind={kind} />
    </div>
  );
}

function Log({ endpoint, entity, kind }: { endpoint: string; entity: string; kind: Kind }) {
  const t = useText();
  const { language } = useLanguage();
  const [filter, setFilter] = useState('');
  const log = useQuery({
    queryKey: ['logs', endpoint, entity, kind],
    queryFn: ({ signal }) =>
      get<{ logs: string }>(path`/api/2.0/serving-endpoints/${endpoint}/served-models/${entity}/${kinds[kind]}`, signal),
  });
  const { shown, all } = useMemo(() => linesWith(log.data?.logs ?? '', filter), [log.data, filter]);
  const text = shown.join('\n');
  const number = new Intl.NumberFormat(language);
  return (
    <>
      <div className="logs-bar">
        <TextField
          label={t('filter')}
          placeholder={t('filterHint')}
          type="search"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <Button busy={log.isFetching} onClick={() => void log.refetch()}>
          {t('refresh')}
        </Button>
        <CopyButton text={text} label={t('copyLog')} />
        <p className="muted logs-count" role="status">
          {all > 0 && t('lines', { shown: number.format(shown.length), all: number.format(all) })}
        </p>
      </div>
      {log.isError && log.data && <ErrorNote error={log.error} />}
      <div className="logs-view">
        {log.data ? (
          <Lines label={t('logOf', { name: entity })} lines={shown} all={all} kind={kind} />
        ) : log.isError ? (
          <Failed error={log.error} onRetry={() => void log.refetch()} />
        ) : (
          <Loading rows={6} />
        )}
      </div>
    </>
  );
}

function Lines({ label, lines, all, kind }: { label: string; lines: string[]; all: number; kind: Kind }) {
  const t = useText();
  if (all === 0) {
    return (
      <Empty title={t('none')}>
        <p className="muted">{t(kind === 'service' ? 'noneService' : 'noneBuild')}</p>
      </Empty>
    );
  }
  if (lines.length === 0) return <Empty title={t('noMatch')} />;
  return (
    <pre className="logs-lines" tabIndex={0} aria-label={label} role="region">
      {lines.map((line, i) => (
        <div key={i}>{line}</div>
      ))}
    </pre>
  );
}
