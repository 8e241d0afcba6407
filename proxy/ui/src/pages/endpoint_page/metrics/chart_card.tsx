// One chart of the grid: title, one line that says what it shows, and the same numbers as a table.
import { lazy, Suspense, useCallback, useId, useMemo, useState } from 'react';
import { useLanguage } from '../../../base/text';
import { Button } from '../../../parts/button';
import type { ChartLine } from '../../../parts/chart';
import { axisTexts, pointTime, tableTime, timeTexts, valueText } from './formats';
import { highest, sum, typical, type ChartSpec, type MetricsHistory, type Series, type Unit } from './series';
import { useMetricsText, type MetricsText } from './words';

const Chart = lazy(() => import('../../../parts/chart'));
const height = 180;

function everyStep(t: MetricsText, seconds: number): string {
  const minutes = seconds / 60;
  const step = minutes === 1 ? t('stepMinute') : minutes === 60 ? t('stepHour') : t('stepMinutes', { count: minutes });
  return t('every', { step });
}

/** What somebody would say who looks at the chart. */
function useSummary(chart: ChartSpec, series: Series, stepSeconds: number): string {
  const t = useMetricsText();
  const { language } = useLanguage();
  const show = (value: number | null) => valueText(chart.unit, value, language);
  const [first, second] = [series[chart.members[0]], series[chart.members[1] ?? chart.members[0]]];
  switch (chart.id) {
    case 'requests':
      return t('sum_requests', {
        count: sum(first),
        sum: show(sum(first)),
        peak: show(highest(first)),
        every: everyStep(t, stepSeconds),
      });
    case 'limited':
      return t('sum_limited', { sum: show(sum(first)) });
    case 'tokens':
    case 'errors':
      return t(`sum_${chart.id}`, { first: show(sum(first)), second: show(sum(second)) });
    default:
      if (typical(first) === null) return t('sum_none');
      return t('sum_times', { typical: show(typical(first)), peak: show(highest(second)) });
  }
}

interface Props {
  chart: ChartSpec;
  history: MetricsHistory;
  series: Series;
}

export function ChartCard({ chart, history, series }: Props) {
  const t = useMetricsText();
  const title = t(chart.id);
  const id = useId();
  const [asTable, setAsTable] = useState(false);
  const summary = useSummary(chart, series, history.step_seconds);
  const lines = useMemo<ChartLine[]>(
    () => chart.members.map((name) => ({ label: t(`line_${name}`), values: series[name] })),
    [chart, series, t],
  );
  return (
    <section className="card metrics-card" aria-labelledby={id}>
      <header className="metrics-card-head">
        <h2 id={id}>{title}</h2>
        {chart.unit === 'count' && <span className="muted">{everyStep(t, history.step_seconds)}</span>}
        <Button
          look="quiet"
          className="metrics-as-table"
          aria-label={t('asTableOf', { title })}
          aria-pressed={asTable}
          onClick={() => setAsTable(!asTable)}
        >
          {t(asTable ? 'asChart' : 'asTable')}
        </Button>
      </header>
      <p className="metrics-summary">{summary}</p>
      <div className="metrics-view">
        {asTable ? (
          <NumbersTable label={title} unit={chart.unit} times={history.times} lines={lines} />
        ) : (
          <Picture label={t('chartLabel', { title, summary })} unit={chart.unit} history={history} lines={lines} />
        )}
      </div>
    </section>
  );
}

interface PictureProps {
  label: string;
  unit: Unit;
  history: MetricsHistory;
  lines: ChartLine[];
}

function Picture({ label, unit, history, lines }: PictureProps) {
  const { language } = useLanguage();
  const spanMs = history.end_ms - history.start_ms;
  const format = useCallback((value: number) => valueText(unit, value, language), [unit, language]);
  const formatTime = useCallback((ms: number) => pointTime(ms, spanMs, language), [spanMs, language]);
  const onAxis = useCallback((ticks: number[]) => axisTexts(unit, ticks, language), [unit, language]);
  const onTimeAxis = useCallback((ticks: number[], incr: number) => timeTexts(ticks, incr, language), [language]);
  return (
    <Suspense fallback={null}>
      <Chart
        label={label}
        times={history.times}
        lines={lines}
        format={format}
        formatTime={formatTime}
        axisTexts={onAxis}
        timeTexts={onTimeAxis}
        whole={unit === 'count'}
        syncKey="metrics"
        height={height}
      />
    </Suspense>
  );
}

interface TableProps {
  label: string;
  unit: Unit;
  times: number[];
  lines: ChartLine[];
}

/** The newest first: it is what people look for. */
function NumbersTable({ label, unit, times, lines }: TableProps) {
  const t = useMetricsText();
  const { language } = useLanguage();
  return (
    <div className="metrics-numbers" tabIndex={0} role="region" aria-label={t('asTableOf', { title: label })}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('time')}</th>
            {lines.map((line) => (
              <th key={line.label} scope="col" className="number">
                {line.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times
            .map((ms, i) => (
              <tr key={ms}>
                <td>{tableTime(ms, language)}</td>
                {lines.map((line) => (
                  <td key={line.label} className="number">
                    {valueText(unit, line.values[i] ?? null, language)}
                  </td>
                ))}
              </tr>
            ))
            .reverse()}
        </tbody>
      </table>
    </div>
  );
}
