// The single requests, page by page, the newest first.
import { useId, useState } from 'react';
import { useLanguage } from '../../../base/text';
import { fullTime, wholeNumber } from '../../../base/time';
import { Button } from '../../../parts/button';
import { Chip } from '../../../parts/chips';
import { SelectField } from '../../../parts/field';
import { Empty, ErrorNote, Failed, Loading } from '../../../parts/states';
import { useToast } from '../../../parts/toast';
import { wholeMs } from '../metrics/formats';
import { requestsCsv, saveText } from './download';
import { useEntityNames, useUsagePage, useUsageSummary } from './queries';
import { RequestDetails } from './request_details';
import { fileName, type Times, type UsageRow } from './usage';
import { useUsageText } from './words';

interface Props {
  endpoint: string;
  times: Times;
  mayManage: boolean;
}

export function RequestsCard({ endpoint, times, mayManage }: Props) {
  const t = useUsageText();
  const id = useId();
  const [requester, setRequester] = useState('');
  return (
    <section className="card usage-card" aria-labelledby={id}>
      <header className="usage-head">
        <h2 id={id}>{t('single')}</h2>
        <DownloadRequests endpoint={endpoint} times={times} requester={requester} />
      </header>
      {mayManage && <RequesterField {...{ endpoint, times }} chosen={requester} onChoose={setRequester} />}
      <Pages key={`${times.startMs} ${times.endMs} ${requester}`} {...{ endpoint, times, mayManage, requester }} />
    </section>
  );
}

function DownloadRequests({ endpoint, times, requester }: { endpoint: string; times: Times; requester: string }) {
  const t = useUsageText();
  const say = useToast();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const download = async () => {
    setBusy(true);
    setError(null);
    try {
      const { text, cut } = await requestsCsv(endpoint, times, requester);
      saveText(`${fileName('usage', endpoint, 'requests')}.csv`, text);
      if (cut) say(t('cut'));
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      {error !== null && <ErrorNote error={error} />}
      <Button look="quiet" busy={busy} aria-label={t('csvOf', { table: t('single') })} onClick={() => void download()}>
        {t('csv')}
      </Button>
    </>
  );
}

interface RequesterFieldProps {
  endpoint: string;
  times: Times;
  chosen: string;
  onChoose: (requester: string) => void;
}

function RequesterField({ endpoint, times, chosen, onChoose }: RequesterFieldProps) {
  const t = useUsageText();
  const known = useUsageSummary(endpoint, times, 'requester').data?.rows.map((row) => row.key) ?? [];
  const names = chosen && !known.includes(chosen) ? [...known, chosen] : known;
  return (
    <SelectField
      className="usage-requester"
      label={t('requester')}
      value={chosen}
      onChange={(event) => onChoose(event.target.value)}
    >
      <option value="">{t('everybody')}</option>
      {names.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </SelectField>
  );
}

function Pages({ endpoint, times, mayManage, requester }: Props & { requester: string }) {
  const t = useUsageText();
  const [tokens, setTokens] = useState<string[]>([]); // of the pages behind the first
  const page = useUsagePage(endpoint, times, requester, tokens.at(-1) ?? '');
  const names = useEntityNames(endpoint, mayManage);
  if (page.isError) return <Failed error={page.error} onRetry={() => void page.refetch()} />;
  if (!page.data) return <Loading rows={6} />;
  const next = page.data.next_page_token;
  return (
    <div aria-busy={page.isPlaceholderData} className="usage-pages">
      {page.data.usage.length ? <Rows rows={page.data.usage} names={names} /> : <Empty title={t('noRows')} />}
      {(tokens.length > 0 || next) && (
        <nav className="row" aria-label={t('single')}>
          <Button disabled={!tokens.length || page.isPlaceholderData} onClick={() => setTokens(tokens.slice(0, -1))}>
            {t('newer')}
          </Button>
          <span role="status">{t('page', { page: tokens.length + 1 })}</span>
          <Button disabled={!next || page.isPlaceholderData} onClick={() => next && setTokens([...tokens, next])}>
            {t('older')}
          </Button>
        </nav>
      )}
    </div>
  );
}

const columns = ['status', 'input', 'output', 'latency', 'firstByte'] as const;

function Rows({ rows, names }: { rows: UsageRow[]; names: ReadonlyMap<string, string> }) {
  const t = useUsageText();
  const [opened, setOpened] = useState<UsageRow | null>(null);
  return (
    <>
      <div className="usage-table endpoint-cards" tabIndex={0} role="region" aria-label={t('single')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('time')}</th>
              <th scope="col">{t('requester')}</th>
              <th scope="col">{t('entity')}</th>
              {columns.map((name) => (
                <th key={name} scope="col" className="number">
                  {t(name)}
                </th>
              ))}
              <th scope="col">
                <span className="only-read">{t('details')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.databricks_request_id} row={row} names={names} onOpen={setOpened} />
            ))}
          </tbody>
        </table>
      </div>
      <RequestDetails row={opened} names={names} onClose={() => setOpened(null)} />
    </>
  );
}

interface RowProps {
  row: UsageRow;
  names: ReadonlyMap<string, string>;
  onOpen: (row: UsageRow) => void;
}

function Row({ row, names, onOpen }: RowProps) {
  const t = useUsageText();
  const { language } = useLanguage();
  const count = (value: number | null) => (value === null ? '–' : wholeNumber(value, language));
  const entity = row.served_entity_id;
  return (
    <tr>
      <td className="usage-time" data-label={t('time')}>{fullTime(row.request_time, language)}</td>
      <td data-label={t('requester')}>
        <bdi>{row.requester}</bdi>
      </td>
      <td data-label={t('entity')}>{entity ? <bdi>{names.get(entity) ?? entity}</bdi> : '–'}</td>
      <td className="number" data-label={t('status')}>
        <Chip tone={row.status_code < 400 ? 'good' : 'bad'}>{String(row.status_code)}</Chip>
      </td>
      <td className="number" data-label={t('input')}>
        {count(row.input_token_count)}
      </td>
      <td className="number" data-label={t('output')}>
        {count(row.output_token_count)}
      </td>
      <td className="number" data-label={t('latency')}>
        {wholeMs(row.latency_ms, language)}
      </td>
      <td className="number" data-label={t('firstByte')}>
        {wholeMs(row.time_to_first_byte_ms, language)}
      </td>
      <td>
        <Button
          look="quiet"
          className="usage-details"
          aria-label={t('detailsOf', { id: row.databricks_request_id })}
          onClick={() => onOpen(row)}
        >
          {t('details')}
        </Button>
      </td>
    </tr>
  );
}
