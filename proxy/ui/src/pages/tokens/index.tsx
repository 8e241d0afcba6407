import { useMemo, useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useSession } from '../../base/session';
import { Button } from '../../parts/button';
import { Chip } from '../../parts/chips';
import { ConfirmDialog } from '../../parts/dialog';
import { Empty } from '../../parts/states';
import { Tabs } from '../../parts/tabs';
import { useToast } from '../../parts/toast';
import type { Column } from '../admin/data_table';
import { ListView, SearchField } from '../admin/list_view';
import { AdminPage } from '../admin/page';
import { wholeList } from '../admin/paged';
import { TokenDialog } from '../admin/token_dialog';
import * as tokens from '../admin/tokens';
import { When } from '../../parts/when';
import { useAdminWords } from '../admin/words';
import { ownerNames, type OwnerNames } from './owners';
import { useTokenWords } from './words';

type View = 'own' | 'all';

export default function Tokens() {
  const t = useTokenWords();
  const a = useAdminWords();
  const session = useSession();
  const [view, setView] = useState<View>('own');
  const [making, setMaking] = useState(false);
  const create = (
    <Button look="primary" onClick={() => setMaking(true)}>
      {a('newToken')}
    </Button>
  );
  return (
    <AdminPage title={t('title')} lead={t('lead')} actions={create}>
      {session.is_admin ? (
        <Tabs<View>
          label={t('views')}
          selected={view}
          onSelect={setView}
          tabs={[
            { id: 'own', label: t('own'), content: () => <TokenList view="own" /> },
            { id: 'all', label: t('all'), content: () => <TokenList view="all" /> },
          ]}
        />
      ) : (
        <TokenList view="own" />
      )}
      <TokenDialog open={making} onClose={() => setMaking(false)} />
    </AdminPage>
  );
}

const idOf = (token: tokens.TokenInfo): string => token.token_id;

function TokenList({ view }: { view: View }) {
  const t = useTokenWords();
  const [text, setText] = useState('');
  const [leaving, setLeaving] = useState<tokens.TokenInfo | null>(null);
  const asked = useQuery({
    queryKey: ['tokens', view],
    queryFn: ({ signal }) => (view === 'all' ? tokens.allTokens(signal) : tokens.ownTokens(signal)),
  });
  const names = useQuery({
    queryKey: ['scim', 'owners'],
    queryFn: ({ signal }) => ownerNames(signal),
    enabled: view === 'all',
    staleTime: 60_000,
  });
  const shown = useMemo(
    () => asked.data && tokens.filterTokens(asked.data, text, (token) => ownerOf(token, names.data)),
    [asked.data, names.data, text],
  );
  const columns = useColumns(view, names.data, setLeaving);
  return (
    <>
      <SearchField label={t(view === 'all' ? 'search' : 'searchOwn')} value={text} onChange={setText} />
      <ListView
        label={t(view)}
        list={wholeList(asked, shown)}
        columns={columns}
        keyOf={idOf}
        filtered={text.trim() !== ''}
        empty={<Empty title={t('none')} />}
      />
      <DeleteDialog view={view} token={leaving} onClose={() => setLeaving(null)} />
    </>
  );
}

const ownerOf = (token: tokens.TokenInfo, names: OwnerNames | undefined): string =>
  token.owner_id === undefined ? '' : (names?.get(String(token.owner_id)) ?? String(token.owner_id));

function useColumns(
  view: View,
  names: OwnerNames | undefined,
  onDelete: (token: tokens.TokenInfo) => void,
): Column<tokens.TokenInfo>[] {
  const t = useTokenWords();
  const a = useAdminWords();
  const owner: Column<tokens.TokenInfo> = {
    id: 'owner',
    title: t('owner'),
    look: 'name',
    cell: (token) => {
      const name = ownerOf(token, names);
      return (
        <>
          <bdi>{name}</bdi>
          {token.created_by_username && token.created_by_username !== name && (
            <div className="muted">{t('madeBy', { name: token.created_by_username })}</div>
          )}
        </>
      );
    },
  };
  return [
    {
      id: 'comment',
      title: t('comment'),
      look: 'name',
      cell: (token) => (
        <>
          {token.comment ? <bdi>{token.comment}</bdi> : <span className="muted">{t('noComment')}</span>}
          <div>
            <code className="muted">{token.token_id}</code>
          </div>
        </>
      ),
    },
    ...(view === 'all' ? [owner] : []),
    { id: 'created', title: t('created'), look: 'tight', cell: (token) => <When ms={token.creation_time} /> },
    { id: 'expires', title: t('expires'), look: 'tight', cell: (token) => <Expiry token={token} /> },
    {
      id: 'menu',
      title: a('actions'),
      look: 'menu',
      cell: (token) => (
        <Button
          look="quiet"
          aria-label={t('deleteOf', { name: token.comment || token.token_id })}
          onClick={() => onDelete(token)}
        >
          {a('delete')}
        </Button>
      ),
    },
  ];
}

function Expiry({ token }: { token: tokens.TokenInfo }) {
  const t = useTokenWords();
  const a = useAdminWords();
  const expiry = tokens.expiryOf(token);
  if (expiry === 'never') return <span className="muted">{a('never')}</span>;
  return (
    <span className="admin-chips">
      <When ms={token.expiry_time} />
      {expiry === 'soon' && <Chip tone="busy">{t('soon')}</Chip>}
    </span>
  );
}

function DeleteDialog(props: { view: View; token: tokens.TokenInfo | null; onClose: () => void }) {
  const { view, token, onClose } = props;
  const t = useTokenWords();
  const a = useAdminWords();
  const say = useToast();
  const queries = useQueryClient();
  const confirm = async () => {
    if (!token) return;
    await (view === 'all' ? tokens.deleteAnyToken(token.token_id) : tokens.deleteOwnToken(token.token_id));
    void queries.invalidateQueries({ queryKey: ['tokens'] });
    say(t('deleted'));
  };
  return (
    <ConfirmDialog open={token !== null} title={t('deleteTitle')} action={a('delete')} onConfirm={confirm} onClose={onClose}>
      <p className="admin-named">
        <bdi>{token?.comment || t('noComment')}</bdi> <code className="muted">{token?.token_id}</code>
      </p>
      <p>{t('deleteText')}</p>
    </ConfirmDialog>
  );
}
