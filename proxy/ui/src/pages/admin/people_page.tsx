// Users and service principals: one page, since the gateway treats them as one.
import { useState, type ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { useSession } from '../../base/session';
import { Button } from '../../parts/button';
import { Chip } from '../../parts/chips';
import { ConfirmDialog } from '../../parts/dialog';
import { Menu, MenuItem, MenuLine } from '../../parts/menu';
import { Empty, ErrorNote } from '../../parts/states';
import { useToast } from '../../parts/toast';
import { useSettled } from '../../parts/use_settled';
import type { Column } from './data_table';
import { ListView, SearchField } from './list_view';
import { AdminPage } from './page';
import { usePagedList } from './paged';
import { usePeopleWords } from './people_words';
import { PersonDialog } from './person_dialog';
import * as scim from './scim';
import { Texts } from './texts';
import { TokenDialog } from './token_dialog';
import { useAdminWords } from './words';

type Task = 'new' | 'edit' | 'activate' | 'deactivate' | 'delete' | 'token' | 'secrets';

interface Chosen {
  task: Task;
  person: scim.Person | null; // null: for 'new'
}

interface Props {
  kind: scim.PersonKind;
  /** What a service principal has beside: its dialog of secrets. */
  secrets?: (person: scim.Person, onClose: () => void) => ReactNode;
}

const idOf = (person: scim.Person): string => person.id;

export function PeoplePage({ kind, secrets }: Props) {
  const t = usePeopleWords();
  const [text, setText] = useState('');
  const search = useSettled(text);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const list = usePagedList<scim.Person>({
    key: ['scim', kind, search],
    load: (from, signal) => scim.listScim<scim.Person>(kind, { search }, from, signal),
    idOf,
  });
  const isUser = kind === 'user';
  const title = t(isUser ? 'users' : 'servicePrincipals');
  const setActive = useSetActive(kind);
  const [failure, setFailure] = useState<unknown>(null); // of an activation, which has no dialog
  const choose = (task: Task, person: scim.Person) => {
    setFailure(null);
    if (task === 'activate') setActive(person, true).catch(setFailure);
    else setChosen({ task, person });
  };
  const columns = useColumns(kind, choose, secrets !== undefined);
  const create = (
    <Button look="primary" onClick={() => setChosen({ task: 'new', person: null })}>
      {t(isUser ? 'newUser' : 'newPrincipal')}
    </Button>
  );
  return (
    <AdminPage title={title} lead={t(isUser ? 'usersLead' : 'principalsLead')} actions={create}>
      <SearchField label={t(isUser ? 'searchUsers' : 'searchPrincipals')} value={text} onChange={setText} />
      {failure !== null && <ErrorNote error={failure} />}
      <ListView
        label={title}
        list={list}
        columns={columns}
        keyOf={idOf}
        filtered={search.trim() !== ''}
        empty={<Empty title={t(isUser ? 'noUsers' : 'noPrincipals')}>{create}</Empty>}
      />
      <Dialogs kind={kind} chosen={chosen} onClose={() => setChosen(null)} secrets={secrets} />
    </AdminPage>
  );
}

function useColumns(
  kind: scim.PersonKind,
  choose: (task: Task, person: scim.Person) => void,
  withSecrets: boolean,
): Column<scim.Person>[] {
  const t = usePeopleWords();
  const a = useAdminWords();
  return [
    {
      id: 'name',
      title: t(kind === 'user' ? 'userName' : 'displayName'),
      look: 'name',
      cell: (person) => <PersonName kind={kind} person={person} onOpen={() => choose('edit', person)} />,
    },
    {
      id: 'state',
      title: t('state'),
      look: 'tight',
      cell: ({ active }) => (
        <Chip tone={active === false ? 'still' : 'good'}>{t(active === false ? 'inactive' : 'active')}</Chip>
      ),
    },
    { id: 'groups', title: t('groups'), cell: (person) => <Texts of={person.groups?.map((g) => g.display ?? g.value)} /> },
    {
      id: 'entitlements',
      title: t('entitlements'),
      cell: (person) => <Texts of={person.entitlements?.map((each) => each.value)} />,
    },
    {
      id: 'menu',
      title: a('actions'),
      look: 'menu',
      cell: (person) => <PersonMenu person={person} choose={choose} withSecrets={withSecrets} />,
    },
  ];
}

function PersonName({ kind, person, onOpen }: { kind: scim.PersonKind; person: scim.Person; onOpen: () => void }) {
  const name = scim.nameOf(person);
  const first = kind === 'user' ? name : person.displayName || name;
  const second = kind === 'user' ? person.displayName : name;
  return (
    <>
      <button type="button" className="admin-link" onClick={onOpen}>
        <bdi>{first}</bdi>
      </button>
      {second && second !== first && (
        <div className="muted">
          <bdi>{second}</bdi>
        </div>
      )}
    </>
  );
}

interface MenuProps {
  person: scim.Person;
  choose: (task: Task, person: scim.Person) => void;
  withSecrets: boolean;
}

function PersonMenu({ person, choose, withSecrets }: MenuProps) {
  const t = usePeopleWords();
  const a = useAdminWords();
  const item = (task: Task, label: string, danger = false) => (
    <MenuItem danger={danger} onClick={() => choose(task, person)}>
      {label}
    </MenuItem>
  );
  return (
    <Menu label={a('actionsOf', { name: scim.nameOf(person) })} button="⋯">
      {item('edit', a('edit'))}
      {person.active !== false && item('token', t('makeToken'))}
      {withSecrets && item('secrets', t('secrets'))}
      <MenuLine />
      {person.active === false ? item('activate', t('activate')) : item('deactivate', t('deactivate'))}
      {item('delete', t('delete'), true)}
    </Menu>
  );
}

function useSetActive(kind: scim.PersonKind): (person: scim.Person, active: boolean) => Promise<void> {
  const t = usePeopleWords();
  const say = useToast();
  const queries = useQueryClient();
  return async (person, active) => {
    await scim.patchScim(kind, person.id, [{ op: 'replace', path: 'active', value: active }]);
    void queries.invalidateQueries({ queryKey: ['scim'] });
    say(t(active ? 'activated' : 'deactivated', { name: scim.nameOf(person) }));
  };
}

interface DialogsProps {
  kind: scim.PersonKind;
  chosen: Chosen | null;
  onClose: () => void;
  secrets: Props['secrets'];
}

function Dialogs({ kind, chosen, onClose, secrets }: DialogsProps) {
  const task = chosen?.task;
  const person = chosen?.person ?? null;
  return (
    <>
      {(task === 'new' || task === 'edit') && <PersonDialog kind={kind} person={person} onClose={onClose} />}
      <TokenDialog
        open={task === 'token'}
        onClose={onClose}
        owner={person ? { kind, name: scim.nameOf(person) } : undefined}
      />
      {task === 'secrets' && person && secrets?.(person, onClose)}
      {person && (task === 'deactivate' || task === 'delete') && (
        <Farewell kind={kind} person={person} task={task} onClose={onClose} />
      )}
    </>
  );
}

interface FarewellProps {
  kind: scim.PersonKind;
  person: scim.Person;
  task: 'deactivate' | 'delete';
  onClose: () => void;
}

function Farewell({ kind, person, task, onClose }: FarewellProps) {
  const t = usePeopleWords();
  const a = useAdminWords();
  const say = useToast();
  const queries = useQueryClient();
  const setActive = useSetActive(kind);
  const own = useSession().id === person.id;
  const name = scim.nameOf(person);
  const confirm = async () => {
    if (task === 'deactivate') return setActive(person, false);
    await scim.deleteScim(kind, person.id);
    void queries.invalidateQueries({ queryKey: ['scim'] });
    say(t('deleted', { name }));
  };
  return (
    <ConfirmDialog
      open
      title={t(task === 'delete' ? 'deleteTitle' : 'deactivateTitle', { name })}
      action={task === 'delete' ? a('delete') : t('deactivateButton')}
      onConfirm={confirm}
      onClose={onClose}
    >
      <p>{t(task === 'delete' ? 'deleteText' : 'deactivateText')}</p>
      {own && <p className="admin-warning">{t('yourself')}</p>}
    </ConfirmDialog>
  );
}
