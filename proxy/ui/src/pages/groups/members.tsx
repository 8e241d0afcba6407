// Who is in a group: listed, searched, added and removed.
import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useSession } from '../../base/session';
import { Button } from '../../parts/button';
import { ConfirmDialog, Dialog } from '../../parts/dialog';
import { PrincipalPicker } from '../../parts/principal_picker';
import { Empty, ErrorNote, Failed, Loading } from '../../parts/states';
import { useToast } from '../../parts/toast';
import { DataTable, type Column } from '../admin/data_table';
import { SearchField } from '../admin/list_view';
import * as scim from '../admin/scim';
import { useAdminWords } from '../admin/words';
import { useGroupWords } from './words';

interface Props {
  group: scim.Group;
  onClose: () => void;
}

const searchFrom = 10; // members: below it the list is short enough to read

export function MembersDialog({ group, onClose }: Props) {
  const t = useGroupWords();
  return (
    <Dialog open size="drawer" asks={false} title={t('membersOf', { name: group.displayName })} onClose={onClose}>
      {group.displayName === 'users' ? <Empty title={t('everybody')} /> : <Members group={group} />}
    </Dialog>
  );
}

function Members({ group }: { group: scim.Group }) {
  const t = useGroupWords();
  const asked = useQuery({
    queryKey: ['scim', 'members', group.id],
    queryFn: async ({ signal }) => (await scim.getScim<scim.Group>('group', group.id, signal)).members ?? [],
  });
  const change = useChange(group);
  const [error, setError] = useState<unknown>(null); // of an addition
  const members = asked.data;
  if (!members) {
    return asked.error ? <Failed error={asked.error} onRetry={() => void asked.refetch()} /> : <Loading rows={6} />;
  }
  return (
    <>
      <PrincipalPicker
        label={t('addMember')}
        kinds={['user', 'servicePrincipal', 'group']}
        exclude={(found) =>
          found.id === group.id || found.name === 'users' || members.some((each) => each.value === found.id)
        }
        onPick={(picked) => {
          setError(null);
          change(scim.addMember(picked.id), 'added', picked.display).catch(setError);
        }}
      />
      {error !== null && <ErrorNote error={error} />}
      <MemberList group={group} members={members} change={change} />
    </>
  );
}

type Change = (operation: scim.Operation, said: 'added' | 'removed', name: string) => Promise<void>;

function useChange(group: scim.Group): Change {
  const t = useGroupWords();
  const say = useToast();
  const queries = useQueryClient();
  return async (operation, said, name) => {
    await scim.patchScim('group', group.id, [operation]);
    say(t(said, { name, group: group.displayName }));
    await queries.invalidateQueries({ queryKey: ['scim'] });
  };
}

interface ListProps {
  group: scim.Group;
  members: scim.Membership[];
  change: Change;
}

function MemberList({ group, members, change }: ListProps) {
  const t = useGroupWords();
  const a = useAdminWords();
  const [text, setText] = useState('');
  const [leaving, setLeaving] = useState<scim.Membership | null>(null); // whose removal is to be confirmed
  const wanted = text.trim().toLowerCase();
  const shown = wanted ? members.filter((each) => shownName(each).toLowerCase().includes(wanted)) : members;
  const columns: Column<scim.Membership>[] = [
    { id: 'name', title: t('name'), look: 'name', cell: (each) => <bdi>{shownName(each)}</bdi> },
    { id: 'kind', title: t('kind'), look: 'tight', cell: (each) => a(scim.kindOfMember(each)) },
    {
      id: 'menu',
      title: a('actions'),
      look: 'menu',
      cell: (each) => (
        <Button
          look="quiet"
          aria-label={a('removeName', { name: shownName(each) })}
          onClick={() => setLeaving(each)}
        >
          {a('remove')}
        </Button>
      ),
    },
  ];
  return (
    <>
      <Leaving
        group={group}
        member={leaving}
        onClose={() => setLeaving(null)}
        onConfirm={(member) => change(scim.removeMember(member.value), 'removed', shownName(member))}
      />
      {members.length > searchFrom && <SearchField label={t('searchMembers')} value={text} onChange={setText} />}
      {members.length === 0 ? (
        <Empty title={t('noMembers')} />
      ) : shown.length > 0 ? (
        <DataTable low label={t('membersOf', { name: group.displayName })} columns={columns} rows={shown} keyOf={(each) => each.value} />
      ) : (
        <Empty title={a('nothingFound')} />
      )}
    </>
  );
}

const shownName = (member: scim.Membership): string => member.display || member.value;

interface LeavingProps {
  group: scim.Group;
  member: scim.Membership | null;
  onClose: () => void;
  onConfirm: (member: scim.Membership) => Promise<void>;
}

function Leaving({ group, member, onClose, onConfirm }: LeavingProps) {
  const t = useGroupWords();
  const a = useAdminWords();
  const session = useSession();
  const name = member ? shownName(member) : '';
  return (
    <ConfirmDialog
      open={member !== null}
      title={t('removeTitle', { name })}
      action={a('remove')}
      onClose={onClose}
      onConfirm={async () => {
        if (member) await onConfirm(member);
      }}
    >
      <p>{t('removeText', { name, group: group.displayName })}</p>
      {session.id === member?.value && group.displayName === 'admins' && (
        <p className="admin-warning">{t('leaveText')}</p>
      )}
    </ConfirmDialog>
  );
}
