import { useEffect, useMemo, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import { Button } from '../../parts/button';
import { Empty } from '../../parts/states';
import type { Column } from '../admin/data_table';
import { ListView } from '../admin/list_view';
import { AdminPage, AdminsOnly } from '../admin/page';
import { usePagedList, type PagedList } from '../admin/paged';
import { useSettled } from '../../parts/use_settled';
import { When } from '../../parts/when';
import { EntryDialog } from './entry';
import * as events from './events';
import { Filters } from './filters';
import { useAuditWords } from './words';
import './audit.css';

export default function Audit() {
  const t = useAuditWords();
  return <AdminsOnly title={t('title')}>{() => <AuditPage />}</AdminsOnly>;
}

const liveMs = 4000;
const idOf = (event: events.AuditEvent): string => String(event.event_id);

function AuditPage() {
  const t = useAuditWords();
  const [address, setAddress] = useSearchParams();
  const [filter, setFilter] = useState(() => events.filterOf(address));
  const [live, setLive] = useState(false);
  const [openId, setOpenId] = useState<number | null>(null);
  const settled = useSettled(filter, 300);
  const list = useEvents(settled, live);
  const rows = list.rows ?? [];
  const change = (next: events.Filter) => {
    setFilter(next);
    setAddress(events.addressOf(next), { replace: true });
  };
  const columns = useColumns(setOpenId);
  return (
    <AdminPage title={t('title')} lead={t('lead')} actions={<Actions list={list} live={live} setLive={setLive} />}>
      <Filters filter={filter} onChange={change} />
      <ListView
        label={t('title')}
        list={list}
        columns={columns}
        keyOf={idOf}
        filtered={events.isFiltered(settled)}
        empty={<Empty title={t('none')} />}
      />
      <OpenEntry
        rows={rows}
        id={openId}
        setId={setOpenId}
        onFilter={(changed) => {
          setOpenId(null);
          change({ ...filter, ...changed });
        }}
      />
    </AdminPage>
  );
}

/** Pages of what was, and, while it is live, what has come since before them. */
function useEvents(filter: events.Filter, live: boolean): PagedList<events.AuditEvent> {
  const list = usePagedList<events.AuditEvent>({
    key: ['audit', filter],
    load: (from, signal) => events.listEvents(filter, from, signal),
    idOf,
  });
  const newest = useQuery({
    queryKey: ['audit-newest', filter],
    queryFn: ({ signal }) => events.listEvents(filter, undefined, signal),
    enabled: live && list.rows !== undefined,
    refetchInterval: liveMs, // not while the page is out of sight
  });
  const { rows, refresh } = list;
  const joined = useMemo(
    () => (rows && newest.data ? events.joinNewer(rows, newest.data) : rows),
    [rows, newest.data],
  );
  const gap = joined === null;
  useEffect(() => {
    if (gap) refresh();
  }, [gap, refresh]);
  return { ...list, rows: joined ?? rows, error: list.error ?? (live ? newest.error : null) };
}

interface ActionsProps {
  list: PagedList<events.AuditEvent>;
  live: boolean;
  setLive: (live: boolean) => void;
}

function Actions({ list, live, setLive }: ActionsProps) {
  const t = useAuditWords();
  const rows = list.rows ?? [];
  return (
    <>
      <Button
        className="audit-live"
        aria-pressed={live}
        title={t('liveHint')}
        onClick={() => {
          if (live) list.refresh(); // what has come meanwhile becomes a part of the pages
          setLive(!live);
        }}
      >
        <span className="audit-dot" aria-hidden="true" /> {t('live')}
      </Button>
      <Button onClick={list.refresh} disabled={live}>
        {t('refresh')}
      </Button>
      <Button disabled={rows.length === 0} onClick={() => download(events.jsonLines(rows))}>
        {t('download')}
      </Button>
    </>
  );
}

function download(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/jsonl' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `sluice-audit-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.jsonl`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function useColumns(open: (id: number) => void): Column<events.AuditEvent>[] {
  const t = useAuditWords();
  return [
    {
      id: 'when',
      title: t('when'),
      look: 'tight',
      cell: (event) => (
        <button
          type="button"
          className="admin-link"
          onClick={() => open(event.event_id)}
        >
          <When full ms={event.event_time} />
          <span className="only-read">{t('details', { id: event.event_id })}</span>
        </button>
      ),
    },
    { id: 'principal', title: t('principal'), cell: (event) => <bdi>{event.principal_name}</bdi> },
    { id: 'action', title: t('action'), look: 'wide', cell: (event) => <code>{event.action_name}</code> },
    { id: 'target', title: t('target'), cell: (event) => <bdi>{event.target}</bdi> },
    { id: 'source', title: t('source'), look: 'tight', cell: (event) => <bdi>{event.source_ip_address}</bdi> },
  ];
}

interface OpenProps {
  rows: events.AuditEvent[];
  id: number | null;
  setId: (id: number | null) => void;
  onFilter: (changed: Partial<events.Filter>) => void;
}

function OpenEntry({ rows, id, setId, onFilter }: OpenProps) {
  const at = id === null ? -1 : rows.findIndex((each) => each.event_id === id);
  const event = rows[at];
  const newer = rows[at - 1];
  const older = rows[at + 1];
  if (!event) return null;
  return (
    <EntryDialog
      event={event}
      onClose={() => setId(null)}
      onNewer={newer && (() => setId(newer.event_id))}
      onOlder={older && (() => setId(older.event_id))}
      onFilter={onFilter}
    />
  );
}
