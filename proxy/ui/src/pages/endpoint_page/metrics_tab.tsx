// Charts of the last minutes to days, of the endpoint or of one of its served entities.
import { useMemo } from 'react';
import { useSearchParams } from 'wouter';
import { useLanguage } from '../../base/text';
import type { Endpoint } from '../../base/types';
import { SelectField } from '../../parts/field';
import { Empty, ErrorNote, Failed } from '../../parts/states';
import { usePartWords } from '../../parts/words';
import { ChartCard } from './metrics/chart_card';
import { RangePicker } from './metrics/range_picker';
import { rangeFrom, rangeNames } from './metrics/ranges';
import { charts, isQuiet, seriesOf, splitOf, type MetricsHistory } from './metrics/series';
import { SplitTable } from './metrics/split_table';
import { useHistory } from './metrics/use_history';
import { useMetricsText } from './metrics/words';
import './metrics/metrics.css';

export default function MetricsTab({ endpoint }: { endpoint: Endpoint }) {
  const [search, setSearch] = useSearchParams();
  const range = rangeFrom(search.get('range'));
  const entity = search.get('entity') ?? '';
  const put = (name: string, value: string) =>
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  const history = useHistory(endpoint.name, range);
  return (
    <div className="stack">
      <div className="metrics-bar">
        <RangePicker choices={rangeNames} chosen={range} onChoose={(next) => put('range', next)} />
        <EntityField endpoint={endpoint} history={history.data} chosen={entity} onChoose={(next) => put('entity', next)} />
        <Refreshed at={history.dataUpdatedAt} />
      </div>
      {history.data ? (
        <>
          {history.isError && <StaleNote error={history.error} />}
          <Charts endpoint={endpoint} history={history.data} entity={entity} waiting={history.isPlaceholderData} />
        </>
      ) : history.isError ? (
        <Failed error={history.error} onRetry={() => void history.refetch()} />
      ) : (
        <Bones />
      )}
    </div>
  );
}

function StaleNote({ error }: { error: unknown }) {
  const t = useMetricsText();
  return (
    <div>
      <p className="muted">{t('stale')}</p>
      <ErrorNote error={error} />
    </div>
  );
}

function Refreshed({ at }: { at: number }) {
  const t = useMetricsText();
  const { language } = useLanguage();
  const time = new Intl.DateTimeFormat(language, { timeStyle: 'medium' }).format(at);
  return <p className="metrics-refreshed muted">{at > 0 && t('updated', { time })}</p>;
}

interface EntityFieldProps {
  endpoint: Endpoint;
  history: MetricsHistory | undefined;
  chosen: string;
  onChoose: (name: string) => void;
}

function EntityField({ endpoint, history, chosen, onChoose }: EntityFieldProps) {
  const t = useMetricsText();
  const known = (endpoint.config?.served_entities ?? []).map((each) => each.name);
  const measured = history?.entities.map((each) => each.name) ?? [];
  const gone = [...new Set([...measured, ...(chosen ? [chosen] : [])])].filter((name) => !known.includes(name));
  return (
    <SelectField
      className="metrics-entity"
      label={t('entity')}
      value={chosen}
      onChange={(event) => onChoose(event.target.value)}
    >
      <option value="">{t('total')}</option>
      {known.map((name) => (
        <option key={name}>{name}</option>
      ))}
      {gone.map((name) => (
        <option key={name} value={name}>
          {t('gone', { name })}
        </option>
      ))}
    </SelectField>
  );
}

interface ChartsProps {
  endpoint: Endpoint;
  history: MetricsHistory;
  entity: string;
  waiting: boolean; // for the numbers of another range
}

function Charts({ endpoint, history, entity, waiting }: ChartsProps) {
  const t = useMetricsText();
  const series = useMemo(() => seriesOf(history, entity), [history, entity]);
  const split = useMemo(
    () => splitOf(history, endpoint.config?.traffic_config?.routes ?? []),
    [history, endpoint.config?.traffic_config],
  );
  if (isQuiet(series)) {
    return (
      <div className="card metrics-none">
        <Empty title={t('none')}>
          <p className="muted">{t('noneHint')}</p>
        </Empty>
      </div>
    );
  }
  return (
    <div className="metrics-grid" aria-busy={waiting}>
      {charts.map((chart) => (
        <ChartCard key={chart.id} chart={chart} history={history} series={series} />
      ))}
      {split.length > 0 && <SplitTable rows={split} />}
    </div>
  );
}

function Bones() {
  const t = usePartWords();
  return (
    <div className="metrics-grid" role="status" aria-label={t('loading')}>
      {charts.map((chart) => (
        <div key={chart.id} className="bone metrics-bone" />
      ))}
    </div>
  );
}
