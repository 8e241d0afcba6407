// What all lists of these pages have in common: waiting, failing, emptiness, the table and the way to more.
import type { ReactNode } from 'react';
import { useLanguage } from '../../base/text';
import { wholeNumber } from '../../base/time';
import { Button } from '../../parts/button';
import { Empty, ErrorNote, Failed, Loading } from '../../parts/states';
import { DataTable, type Column } from './data_table';
import type { PagedList } from './paged';
import { useAdminWords } from './words';

interface Props<Row> {
  label: string;
  list: PagedList<Row>;
  columns: Column<Row>[];
  keyOf: (row: Row) => string;
  filtered?: boolean; // emptiness then means that nothing matches
  empty: ReactNode;
  low?: boolean;
}

export function ListView<Row>({ label, list, columns, keyOf, filtered, empty, low }: Props<Row>) {
  const t = useAdminWords();
  if (!list.rows) {
    return list.error ? <Failed error={list.error} onRetry={list.refresh} /> : <Loading rows={8} />;
  }
  return (
    <div className="admin-list" aria-busy={list.refreshing || undefined}>
      {list.error ? <ErrorNote error={list.error} /> : null}
      {list.rows.length > 0 ? (
        <>
          <DataTable label={label} columns={columns} rows={list.rows} keyOf={keyOf} low={low ?? false} />
          <ListFoot list={list} />
        </>
      ) : (
        <div className="card">{filtered ? <Empty title={t('nothingFound')} /> : empty}</div>
      )}
    </div>
  );
}

function ListFoot<Row>({ list }: { list: PagedList<Row> }) {
  const t = useAdminWords();
  const { language } = useLanguage();
  const count = wholeNumber(list.rows?.length ?? 0, language);
  const total = list.total === undefined ? undefined : wholeNumber(list.total, language);
  return (
    <div className="admin-foot">
      <p className="muted" role="status">
        {total !== undefined && list.more ? t('shown', { count, total }) : list.more ? '' : t('all', { count })}
      </p>
      {list.more && (
        <Button onClick={list.more} busy={list.loadingMore}>
          {t('loadMore')}
        </Button>
      )}
    </div>
  );
}

export function SearchField(props: { label: string; value: string; onChange: (text: string) => void }) {
  return (
    <input
      type="search"
      className="admin-search"
      aria-label={props.label}
      placeholder={props.label}
      maxLength={255}
      spellCheck={false}
      autoComplete="off"
      value={props.value}
      onChange={(event) => props.onChange(event.target.value)}
    />
  );
}
