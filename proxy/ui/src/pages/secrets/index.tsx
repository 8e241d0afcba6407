// Scopes at the left, what is in the chosen one at the right; one above the other where the window is narrow.
import { useMemo, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import { useLiveEndpoints } from '../../base/live';
import { useSession } from '../../base/session';
import { Button } from '../../parts/button';
import { Empty, Failed, Loading } from '../../parts/states';
import { SearchField } from '../admin/list_view';
import { AdminPage } from '../admin/page';
import * as calls from './calls';
import { Uses } from './references';
import { NewScopeDialog } from './scope_dialogs';
import { ScopeView } from './scope_view';
import { useSecretWords } from './words';
import './secrets.css';

export default function Secrets() {
  const t = useSecretWords();
  const session = useSession();
  const [at, setAt] = useSearchParams();
  const chosen = at.get('scope');
  const choose = (scope: string | null) => setAt(scope === null ? {} : { scope });
  const [making, setMaking] = useState(false);
  const asked = useQuery({ queryKey: ['secrets', 'scopes'], queryFn: ({ signal }) => calls.listScopes(signal) });
  const create = session.may_create ? (
    <Button look="primary" onClick={() => setMaking(true)}>
      {t('newScope')}
    </Button>
  ) : undefined;
  return (
    <AdminPage title={t('title')} lead={t('lead')} actions={create}>
      {!asked.data ? (
        asked.error ? (
          <Failed error={asked.error} onRetry={() => void asked.refetch()} />
        ) : (
          <Loading rows={8} />
        )
      ) : asked.data.length === 0 ? (
        <div className="card">
          <Empty title={t('noScopes')}>
            <p className="muted">{t(session.may_create ? 'noScopesWhy' : 'mayNotCreate')}</p>
            {create}
          </Empty>
        </div>
      ) : (
        <Scopes scopes={asked.data} chosen={chosen} choose={choose} />
      )}
      {making && <NewScopeDialog onClose={() => setMaking(false)} onMade={choose} />}
    </AdminPage>
  );
}

interface ScopesProps {
  scopes: calls.Scope[];
  chosen: string | null;
  choose: (scope: string | null) => void;
}

const searchFrom = 8; // scopes: fewer are read at a glance

function Scopes({ scopes, chosen, choose }: ScopesProps) {
  const t = useSecretWords();
  const [text, setText] = useState('');
  const { all } = useLiveEndpoints();
  const uses = useMemo(() => new Uses(all ?? []), [all]);
  const wanted = text.trim().toLowerCase();
  const shown = scopes.filter((each) => each.name.toLowerCase().includes(wanted));
  const there = scopes.find((each) => each.name.toLowerCase() === chosen?.toLowerCase());
  return (
    <div className={`secrets ${chosen === null ? '' : 'chosen'}`}>
      <nav className="card secrets-scopes" aria-label={t('scopes')}>
        {scopes.length > searchFrom && <SearchField label={t('searchScopes')} value={text} onChange={setText} />}
        <ul>
          {shown.map((each) => (
            <li key={each.name}>
              <button
                type="button"
                className="secrets-scope"
                aria-current={each === there ? 'true' : undefined}
                onClick={() => choose(each.name)}
              >
                <bdi>{each.name}</bdi>
              </button>
            </li>
          ))}
        </ul>
      </nav>
      <section className="secrets-scope-view">
        {chosen !== null && (
          <Button look="quiet" className="secrets-back" onClick={() => choose(null)}>
            ← {t('backToScopes')}
          </Button>
        )}
        {there ? (
          <ScopeView key={there.name} scope={there.name} uses={uses} onDeleted={() => choose(null)} />
        ) : (
          <div className="card">
            <Empty title={chosen === null ? t('choose') : t('gone', { name: chosen })} />
          </div>
        )}
      </section>
    </div>
  );
}
