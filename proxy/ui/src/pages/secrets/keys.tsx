// The secrets of a scope: keys and times, never a value.
import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from '../../parts/button';
import { CopyButton } from '../../parts/copy_button';
import { ConfirmDialog } from '../../parts/dialog';
import { Menu, MenuItem, MenuLine } from '../../parts/menu';
import { Empty } from '../../parts/states';
import { useToast } from '../../parts/toast';
import type { Column } from '../admin/data_table';
import { ListView, SearchField } from '../admin/list_view';
import { wholeList } from '../admin/paged';
import { When } from '../../parts/when';
import { useAdminWords } from '../admin/words';
import * as calls from './calls';
import { PutDialog } from './put_dialog';
import type { Uses } from './references';
import { UsedBy, UsedByWarning } from './used_by';
import { useSecretWords } from './words';

interface Props {
  scope: string;
  uses: Uses;
}

type Chosen = { task: 'put'; key: string | null } | { task: 'delete'; key: string };

const searchFrom = 10;
const keyOf = (secret: calls.SecretKey): string => secret.key;

export function Keys({ scope, uses }: Props) {
  const t = useSecretWords();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const asked = useQuery({
    queryKey: ['secrets', 'of', scope, 'keys'],
    queryFn: ({ signal }) => calls.listKeys(scope, signal),
  });
  const wanted = text.trim().toLowerCase();
  const shown = asked.data?.filter((each) => each.key.toLowerCase().includes(wanted));
  const columns = useColumns(scope, uses, setChosen);
  const create = <Button onClick={() => setChosen({ task: 'put', key: null })}>{t('newKey')}</Button>;
  return (
    <>
      <div className="admin-bar">
        {(asked.data?.length ?? 0) > searchFrom && (
          <SearchField label={t('searchKeys')} value={text} onChange={setText} />
        )}
        {create}
      </div>
      <ListView
        label={t('keys')}
        list={wholeList(asked, shown)}
        columns={columns}
        keyOf={keyOf}
        filtered={wanted !== ''}
        empty={<Empty title={t('noKeys')} />}
      />
      {chosen?.task === 'put' && (
        <PutDialog
          scope={scope}
          name={chosen.key}
          taken={(key) => asked.data?.some((each) => each.key === key) ?? false}
          used={(key) => uses.ofKey(scope, key).length > 0}
          onClose={() => setChosen(null)}
        />
      )}
      {chosen?.task === 'delete' && (
        <DeleteDialog
          scope={scope}
          name={chosen.key}
          usedBy={uses.ofKey(scope, chosen.key)}
          onClose={() => setChosen(null)}
        />
      )}
    </>
  );
}

function useColumns(scope: string, uses: Uses, choose: (chosen: Chosen) => void): Column<calls.SecretKey>[] {
  const t = useSecretWords();
  const a = useAdminWords();
  return [
    {
      id: 'key',
      title: t('key'),
      look: 'name',
      cell: ({ key }) => (
        <span className="secrets-key">
          <code>{key}</code>
          <CopyButton text={`{{secrets/${scope}/${key}}}`} label={t('reference', { name: key })} />
        </span>
      ),
    },
    {
      id: 'updated',
      title: t('updated'),
      look: 'tight',
      cell: (secret) => <When ms={secret.last_updated_timestamp} />,
    },
    { id: 'uses', title: t('usedBy'), cell: ({ key }) => <UsedBy names={uses.ofKey(scope, key)} /> },
    {
      id: 'menu',
      title: a('actions'),
      look: 'menu',
      cell: ({ key }) => (
        <Menu label={a('actionsOf', { name: key })} button="⋯">
          <MenuItem onClick={() => choose({ task: 'put', key })}>{t('replace')}</MenuItem>
          <MenuLine />
          <MenuItem danger onClick={() => choose({ task: 'delete', key })}>
            {t('delete')}
          </MenuItem>
        </Menu>
      ),
    },
  ];
}

interface DeleteProps {
  scope: string;
  name: string;
  usedBy: string[];
  onClose: () => void;
}

function DeleteDialog({ scope, name, usedBy, onClose }: DeleteProps) {
  const t = useSecretWords();
  const a = useAdminWords();
  const say = useToast();
  const queries = useQueryClient();
  const confirm = async () => {
    await calls.deleteSecret(scope, name);
    void queries.invalidateQueries({ queryKey: ['secrets', 'of', scope] });
    say(t('deleted', { name }));
  };
  return (
    <ConfirmDialog
      open
      title={t('deleteTitle', { name })}
      action={a('delete')}
      onClose={onClose}
      onConfirm={confirm}
    >
      <p>{t('deleteText')}</p>
      <UsedByWarning names={usedBy} />
    </ConfirmDialog>
  );
}
