// Who used the endpoint, and how much: from the rows that usage tracking keeps.
import { useMemo, useState } from 'react';
import { useSearchParams } from 'wouter';
import type { Endpoint } from '../../base/types';
import { Button } from '../../parts/button';
import { TextField } from '../../parts/field';
import { Empty } from '../../parts/states';
import { useMayManage } from './gateway/use_gateway';
import { RangePicker } from './metrics/range_picker';
import { fromLocalInput, msFrom, toLocalInput } from './metrics/ranges';
import { useUsageSummary } from './usage/queries';
import { RequestsCard } from './usage/requests_card';
import { SummaryCard } from './usage/summary_card';
import { TrackingHint } from './usage/tracking_hint';
import { timesOf, usageRangeFrom, usageRanges, type Times, type UsageRange } from './usage/usage';
import { useUsageText } from './usage/words';
import './usage/usage.css';

type Search = Record<string, string | undefined>;

export default function UsageTab({ endpoint }: { endpoint: Endpoint }) {
  const t = useUsageText();
  const mayManage = useMayManage(endpoint);
  const [search, setSearch] = useSearchParams();
  const [now, setNow] = useState(Date.now); // pages of rows belong together as long as it stays
  const times = useMemo(() => timesOf(search, now), [search, now]);
  const range = usageRangeFrom(search);
  const put = (values: Search) =>
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        for (const [name, value] of Object.entries(values)) {
          if (value === undefined) next.delete(name);
          else next.set(name, value);
        }
        return next;
      },
      { replace: true },
    );
  const choose = (next: UsageRange) => {
    setNow(Date.now());
    if (next !== 'custom') return put({ range: next, from: undefined, to: undefined });
    put({ range: next, ...(times && { from: String(times.startMs), to: String(times.endMs) }) });
  };
  return (
    <div className="stack">
      <TrackingHint endpoint={endpoint} mayManage={mayManage} />
      <div className="metrics-bar">
        <RangePicker choices={usageRanges} chosen={range} onChoose={choose} />
        {range === 'custom' && <Dates search={search} wrong={times === null} onChange={put} />}
        <Button className="usage-refresh" onClick={() => setNow(Date.now())}>
          {t('refresh')}
        </Button>
      </div>
      {!mayManage && <p className="muted">{t('onlyOwn')}</p>}
      {times && <Tables endpoint={endpoint.name} times={times} mayManage={mayManage} />}
    </div>
  );
}

interface DatesProps {
  search: URLSearchParams;
  wrong: boolean;
  onChange: (values: Search) => void;
}

function Dates({ search, wrong, onChange }: DatesProps) {
  const t = useUsageText();
  const field = (name: 'from' | 'to') => {
    const ms = msFrom(search.get(name));
    return {
      label: t(name),
      type: 'datetime-local',
      className: 'usage-date',
      defaultValue: ms === null ? '' : toLocalInput(ms),
      onChange: (event: { target: { value: string } }) => {
        const chosen = fromLocalInput(event.target.value);
        if (chosen !== null) onChange({ [name]: String(chosen) });
      },
    };
  };
  return (
    <>
      <TextField {...field('from')} />
      <TextField {...field('to')} error={wrong ? t('wrongDates') : undefined} />
    </>
  );
}

function Tables({ endpoint, times, mayManage }: { endpoint: string; times: Times; mayManage: boolean }) {
  const t = useUsageText();
  const byRequester = useUsageSummary(endpoint, times, 'requester');
  if (byRequester.data?.rows.length === 0 && !byRequester.isPlaceholderData) {
    return (
      <div className="card usage-none">
        <Empty title={t('none')} />
      </div>
    );
  }
  return (
    <>
      <div className="usage-summaries">
        <SummaryCard endpoint={endpoint} times={times} groupBy="requester" />
        <SummaryCard endpoint={endpoint} times={times} groupBy="entity" />
      </div>
      <RequestsCard endpoint={endpoint} times={times} mayManage={mayManage} />
    </>
  );
}
