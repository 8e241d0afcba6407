// Requests and tokens by user or by served entity, with what each has of all.
import { useId } from 'react';
import { useLanguage } from '../../../base/text';
import { wholeNumber } from '../../../base/time';
import { Button } from '../../../parts/button';
import { Failed, Loading } from '../../../parts/states';
import { percent } from '../metrics/formats';
import { ShareBar } from '../metrics/share_bar';
import { saveText } from './download';
import { useUsageSummary, type GroupBy } from './queries';
import { fileName, shareOf, summaryCsv, totalsOf, type Summary, type SummaryRow, type Times, type Totals } from './usage';
import { useUsageText } from './words';

const numbers = ['requests', 'errors', 'input_tokens', 'output_tokens'] as const;
const noEntity = '(none)'; // of the gateway, for requests that reached none
const titles = { requests: 'requests', errors: 'errors', input_tokens: 'input', output_tokens: 'output' } as const;

export function SummaryCard({ endpoint, times, groupBy }: { endpoint: string; times: Times; groupBy: GroupBy }) {
  const t = useUsageText();
  const id = useId();
  const title = t(groupBy === 'requester' ? 'byRequester' : 'byEntity');
  const summary = useUsageSummary(endpoint, times, groupBy);
  const rows = summary.data?.rows ?? [];
  const download = () => saveText(`${fileName('usage', endpoint, groupBy)}.csv`, summaryCsv(groupBy, rows));
  return (
    <section className="card usage-card" aria-labelledby={id} aria-busy={summary.isPlaceholderData}>
      <header className="usage-head">
        <h2 id={id}>{title}</h2>
        <Button look="quiet" disabled={!rows.length} aria-label={t('csvOf', { table: title })} onClick={download}>
          {t('csv')}
        </Button>
      </header>
      {summary.data ? (
        <SummaryTable label={title} keyTitle={t(groupBy)} summary={summary.data} />
      ) : summary.isError ? (
        <Failed error={summary.error} onRetry={() => void summary.refetch()} />
      ) : (
        <Loading rows={3} />
      )}
    </section>
  );
}

function SummaryTable({ label, keyTitle, summary }: { label: string; keyTitle: string; summary: Summary }) {
  const t = useUsageText();
  const totals = totalsOf(summary.rows);
  return (
    <>
      <div className="usage-table endpoint-cards" tabIndex={0} role="region" aria-label={label}>
        <table>
          <thead>
            <tr>
              <th scope="col">{keyTitle}</th>
              {numbers.map((name) => (
                <th key={name} scope="col" className="number">
                  {t(titles[name])}
                </th>
              ))}
              <th scope="col" className="usage-share">
                {t('share')}
              </th>
            </tr>
          </thead>
          <tbody>
            {summary.rows.map((row) => (
              <SummaryLine key={row.key} row={row} all={totals.requests} keyTitle={keyTitle} />
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{t('total')}</th>
              <Numbers of={totals} />
              <td />
            </tr>
          </tfoot>
        </table>
      </div>
      {summary.truncated && <p className="muted">{t('truncated')}</p>}
    </>
  );
}

function SummaryLine({ row, all, keyTitle }: { row: SummaryRow; all: number; keyTitle: string }) {
  const t = useUsageText();
  const { language } = useLanguage();
  const share = shareOf(row.requests, all);
  return (
    <tr>
      <td data-label={keyTitle}>
        {row.key === noEntity ? <span className="muted">{t('noEntity')}</span> : <bdi>{row.key}</bdi>}
      </td>
      <Numbers of={row} />
      <td className="usage-share" data-label={t('share')}>
        <span className="number">{percent(share, language)}</span>
        <ShareBar share={share} />
      </td>
    </tr>
  );
}

function Numbers({ of }: { of: Totals }) {
  const t = useUsageText();
  const { language } = useLanguage();
  return numbers.map((name) => (
    <td key={name} className="number" data-label={t(titles[name])}>
      {wholeNumber(of[name], language)}
    </td>
  ));
}
