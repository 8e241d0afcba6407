import { useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { Button } from '../../parts/button';
import { Chip } from '../../parts/chips';
import { ConfirmDialog } from '../../parts/dialog';
import { Switch, TextField } from '../../parts/field';
import { Menu, MenuItem, MenuLine } from '../../parts/menu';
import { Empty, ErrorNote } from '../../parts/states';
import { useToast } from '../../parts/toast';
import { useSettled } from '../../parts/use_settled';
import type { Column } from '../admin/data_table';
import { EntityDialog, FieldError } from '../admin/entity_dialog';
import { ListView, SearchField } from '../admin/list_view';
import { AdminPage, AdminsOnly } from '../admin/page';
import { usePagedList } from '../admin/paged';
import { Texts } from '../admin/texts';
import * as scim from '../admin/scim';
import { useAdminWords } from '../admin/words';
import { MembersDialog } from './members';
import { useGroupWords } from './words';

export default function Groups() {
  const t = useGroupWords();
  return <AdminsOnly title={t('title')}>{() => <GroupsPage />}</AdminsOnly>;
}

type Task = 'new' | 'members' | 'rename' | 'delete' | 'creators';
interface Chosen {
  task: Task;
  group: scim.Group | null; // null: for 'new'
}

const idOf = (group: scim.Group): string => group.id;
const mayCreate = (group: scim.Group): boolean =>
  group.entitlements?.some((each) => each.value === scim.createEntitlement) ?? false;

function GroupsPage() {
  const t = useGroupWords();
  const [text, setText] = useState('');
  const search = useSettled(text);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [failure, setFailure] = useState<unknown>(null); // of a change that has no dialog
  const setCreators = useSetCreators();
  const list = usePagedList<scim.Group>({
    key: ['scim', 'group', search],
    load: (from, signal) =>
      scim.listScim<scim.Group>('group', { search, excludedAttributes: 'members' }, from, signal),
    idOf,
  });
  const choose = (task: Task, group: scim.Group) => {
    setFailure(null);
    if (task === 'creators') setCreators(group).catch(setFailure);
    else setChosen({ task, group });
  };
  const columns = useColumns(choose);
  const create = (
    <Button look="primary" onClick={() => setChosen({ task: 'new', group: null })}>
      {t('new')}
    </Button>
  );
  return (
    <AdminPage title={t('title')} lead={t('lead')} actions={create}>
      <SearchField label={t('search')} value={text} onChange={setText} />
      {failure !== null && <ErrorNote error={failure} />}
      <ListView
        label={t('title')}
        list={list}
        columns={columns}
        keyOf={idOf}
        filtered={search.trim() !== ''}
        empty={<Empty title={t('none')}>{create}</Empty>}
      />
      <Dialogs chosen={chosen} onClose={() => setChosen(null)} />
    </AdminPage>
  );
}

function useSetCreators(): (group: scim.Group) => Promise<void> {
  const t = useGroupWords();
  const say = useToast();
  const queries = useQueryClient();
  return async (group) => {
    const value = (group.entitlements ?? []).filter((each) => each.value !== scim.createEntitlement);
    if (!mayCreate(group)) value.push({ value: scim.createEntitlement });
    await scim.patchScim('group', group.id, [{ op: 'replace', path: 'entitlements', value }]);
    void queries.invalidateQueries({ queryKey: ['scim'] });
    say(t('saved', { name: group.displayName }));
  };
}

function useColumns(choose: (task: Task, group: scim.Group) => void): Column<scim.Group>[] {
  const t = useGroupWords();
  const a = useAdminWords();
  return [
    {
      id: 'name',
      title: t('name'),
      look: 'name',
      cell: (group) => (
        <div className="admin-chips">
          <button type="button" className="admin-link" onClick={() => choose('members', group)}>
            <bdi>{group.displayName}</bdi>
          </button>
          {scim.isFixed(group) && <Chip tone="still">{t('fixed')}</Chip>}
        </div>
      ),
    },
    {
      id: 'entitlements',
      title: t('entitlements'),
      cell: (group) => <Texts of={group.entitlements?.map((each) => each.value)} />,
    },
    {
      id: 'memberOf',
      title: t('memberOf'),
      cell: (group) => <Texts of={group.groups?.map((each) => each.display ?? each.value)} />,
    },
    {
      id: 'menu',
      title: a('actions'),
      look: 'menu',
      cell: (group) => <GroupMenu group={group} choose={choose} />,
    },
  ];
}

function GroupMenu({ group, choose }: { group: scim.Group; choose: (task: Task, group: scim.Group) => void }) {
  const t = useGroupWords();
  const a = useAdminWords();
  return (
    <Menu label={a('actionsOf', { name: group.displayName })} button="⋯">
      <MenuItem onClick={() => choose('members', group)}>{t('members')}</MenuItem>
      {group.displayName !== 'admins' && (
        <MenuItem onClick={() => choose('creators', group)}>{t(mayCreate(group) ? 'noCreators' : 'creators')}</MenuItem>
      )}
      {!scim.isFixed(group) && (
        <>
          <MenuItem onClick={() => choose('rename', group)}>{t('rename')}</MenuItem>
          <MenuLine />
          <MenuItem danger onClick={() => choose('delete', group)}>
            {t('delete')}
          </MenuItem>
        </>
      )}
    </Menu>
  );
}

function Dialogs({ chosen, onClose }: { chosen: Chosen | null; onClose: () => void }) {
  if (!chosen) return null;
  const { task, group } = chosen;
  if (task === 'new' || task === 'rename') return <NameDialog group={group} onClose={onClose} />;
  if (task === 'members' && group) return <MembersDialog group={group} onClose={onClose} />;
  if (task === 'delete' && group) return <DeleteDialog group={group} onClose={onClose} />;
  return null;
}

function NameDialog({ group, onClose }: { group: scim.Group | null; onClose: () => void }) {
  const t = useGroupWords();
  const a = useAdminWords();
  const say = useToast();
  const queries = useQueryClient();
  const [name, setName] = useState(group?.displayName ?? '');
  const [creators, setCreators] = useState(false);
  const submit = async () => {
    const wanted = name.trim();
    if (!wanted) throw new FieldError('displayName', t('missing'));
    if (group) {
      await scim.patchScim('group', group.id, [{ op: 'replace', path: 'displayName', value: wanted }]);
    } else {
      const entitlements = creators ? [{ value: scim.createEntitlement }] : [];
      await scim.createScim('group', { displayName: wanted, entitlements });
    }
    void queries.invalidateQueries({ queryKey: ['scim'] });
    say(t(group ? 'renamed' : 'made', { name: wanted }));
    onClose();
  };
  return (
    <EntityDialog
      open
      title={group ? t('renameTitle', { name: group.displayName }) : t('new')}
      onClose={onClose}
      action={a(group ? 'save' : 'create')}
      fields={['displayName']}
      onSubmit={submit}
    >
      {(errorAt) => (
        <>
          <TextField
            label={t('name')}
            hint={group ? t('renameHint') : undefined}
            error={errorAt('displayName')}
            required
            data-autofocus
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          {!group && (
            <Switch label={t('mayCreate')} hint={t('mayCreateHint')} checked={creators} onChange={setCreators} />
          )}
        </>
      )}
    </EntityDialog>
  );
}

function DeleteDialog({ group, onClose }: { group: scim.Group; onClose: () => void }) {
  const t = useGroupWords();
  const a = useAdminWords();
  const say = useToast();
  const queries = useQueryClient();
  const confirm = async () => {
    await scim.deleteScim('group', group.id);
    void queries.invalidateQueries({ queryKey: ['scim'] });
    say(t('deleted', { name: group.displayName }));
  };
  return (
    <ConfirmDialog
      open
      title={t('deleteTitle', { name: group.displayName })}
      action={a('delete')}
      onConfirm={confirm}
      onClose={onClose}
    >
      <p>{t('deleteText')}</p>
    </ConfirmDialog>
  );
}
