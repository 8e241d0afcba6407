import { useCallback, useDeferredValue, useEffect, useMemo, useState } from 'react';
import { useSearchParams } from 'wouter';
import { endpointsFeed, useLiveEndpoints } from '../../base/live';
import { useSession } from '../../base/session';
import { useLanguage } from '../../base/text';
import { wholeNumber } from '../../base/time';
import type { Endpoint } from '../../base/types';
import { Button, LinkButton } from '../../parts/button';
import { Empty, Failed, Loading } from '../../parts/states';
import { DeleteEndpoint } from '../endpoint_page/delete_dialog';
import { Filters } from './filters';
import { facetsOf, filtered, itemsOf, sorted } from './rows';
import { EndpointTable } from './table';
import { isFiltered, plainView, readView, writeView, type View } from './view';
import { useListWords } from './words';
import './endpoint_list.css';

/** The view is what the address says. */
function useView(): [View, (view: View) => void] {
  const [params, setParams] = useSearchParams();
  const text = params.toString();
  const view = useMemo(() => readView(new URLSearchParams(text)), [text]);
  return [view, (next) => setParams(writeView(next), { replace: true })];
}

export default function EndpointList() {
  const t = useListWords();
  const session = useSession();
  const { all, error } = useLiveEndpoints();
  useEffect(() => {
    document.title = `${t('title')} · Sluice`;
  }, [t]);
  return (
    <div className="list">
      <header className="page-head">
        <h1>{t('title')}</h1>
        {session.may_create && (
          <LinkButton look="primary" to="/ml/create-endpoint">
            {t('create')}
          </LinkButton>
        )}
      </header>
      {all ? (
        <>
          {error && <p className="list-note muted">{t('interrupted')}</p>}
          {all.length > 0 ? <Endpoints all={all} /> : <NoEndpoints />}
        </>
      ) : error ? (
        <Failed error={error} onRetry={() => endpointsFeed.refresh()} />
      ) : (
        <Loading rows={10} />
      )}
    </div>
  );
}

function NoEndpoints() {
  const t = useListWords();
  const session = useSession();
  return (
    <Empty title={t('none')}>
      <p className="muted">{t(session.may_create ? 'noneHint' : 'noneOfOthers')}</p>
      {session.may_create && <LinkButton to="/ml/create-endpoint">{t('create')}</LinkButton>}
    </Empty>
  );
}

function Endpoints({ all }: { all: Endpoint[] }) {
  const t = useListWords();
  const { language } = useLanguage();
  const session = useSession();
  const [view, setView] = useView();
  const wanted = useDeferredValue(view);
  const [deleting, setDeleting] = useState<Endpoint | null>(null);
  const facets = useMemo(() => facetsOf(all), [all]);
  const inOrder = useMemo(() => sorted(all, wanted.sort, wanted.descending), [all, wanted.sort, wanted.descending]);
  const shown = useMemo(() => filtered(inOrder, wanted, session.user_name), [inOrder, wanted, session.user_name]);
  const items = useMemo(() => itemsOf(shown), [shown]);
  const number = (value: number) => wholeNumber(value, language);
  /** The button goes by its own click; the focus does not go with it. */
  const clear = () => {
    setView({ ...plainView, sort: view.sort, descending: view.descending });
    document.querySelector<HTMLElement>('.list-search input')?.focus();
  };
  const askToDelete = useCallback((endpoint: Endpoint) => setDeleting(endpoint), []);
  return (
    <>
      <Filters view={view} facets={facets} onChange={setView} />
      <div className="list-count">
        <p className="muted" role="status">
          {shown.length === all.length
            ? t(all.length === 1 ? 'count_one' : 'count', { count: number(all.length) })
            : t('countOf', { shown: number(shown.length), count: number(all.length) })}
        </p>
        {isFiltered(view) && shown.length > 0 && (
          <Button look="quiet" onClick={clear}>
            {t('clear')}
          </Button>
        )}
      </div>
      {items.length > 0 ? (
        <EndpointTable items={items} view={view} onView={setView} onDelete={askToDelete} />
      ) : (
        <Empty title={t('noMatch')}>
          <Button onClick={clear}>{t('clear')}</Button>
        </Empty>
      )}
      <DeleteEndpoint name={deleting?.name ?? ''} open={deleting !== null} onClose={() => setDeleting(null)} />
    </>
  );
}
