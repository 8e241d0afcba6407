// Who may do what with a scope.
import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError } from '../../base/api';
import { Button } from '../../parts/button';
import { ConfirmDialog } from '../../parts/dialog';
import { SelectField } from '../../parts/field';
import { PickedChips, PrincipalPicker } from '../../parts/principal_picker';
import type { Principal } from '../../parts/principals';
import { Empty, ErrorNote } from '../../parts/states';
import { useToast } from '../../parts/toast';
import type { Column } from '../admin/data_table';
import { EntityDialog, FieldError } from '../admin/entity_dialog';
import { ListView } from '../admin/list_view';
import { wholeList } from '../admin/paged';
import { useAdminWords } from '../admin/words';
import * as calls from './calls';
import { useSecretWords } from './words';

const principalOf = (acl: calls.Acl): string => acl.principal;

export function Acls({ scope }: { scope: string }) {
  const t = useSecretWords();
  const a = useAdminWords();
  const [sharing, setSharing] = useState(false);
  const [leaving, setLeaving] = useState<calls.Acl | null>(null);
  const [error, setError] = useState<unknown>(null); // of a change of a row
  const change = useChange(scope);
  const asked = useQuery({
    queryKey: ['secrets', 'of', scope, 'acls'],
    queryFn: ({ signal }) => calls.listAcls(scope, signal),
  });
  const columns = useColumns((acl, permission) => {
    setError(null);
    change(acl.principal, permission).catch(setError);
  }, setLeaving);
  if (asked.error instanceof ApiError && asked.error.status === 403) {
    return (
      <div className="card">
        <Empty title={t('aclsOnly')} />
      </div>
    );
  }
  return (
    <>
      <div className="admin-bar">
        <p className="hint">{t('readHint')}</p>
        <Button onClick={() => setSharing(true)}>{a('add')}</Button>
      </div>
      {error !== null && <ErrorNote error={error} />}
      <ListView
        label={t('acls')}
        list={wholeList(asked, asked.data)}
        columns={columns}
        keyOf={principalOf}
        empty={<Empty title={t('noAcls')} />}
      />
      {sharing && <ShareDialog known={asked.data ?? []} change={change} onClose={() => setSharing(false)} />}
      <LeaveDialog acl={leaving} change={change} onClose={() => setLeaving(null)} />
    </>
  );
}

/** null: none any more. */
type Change = (principal: string, permission: calls.ScopePermission | null) => Promise<void>;

function useChange(scope: string): Change {
  const t = useSecretWords();
  const say = useToast();
  const queries = useQueryClient();
  return async (principal, permission) => {
    await (permission ? calls.putAcl(scope, principal, permission) : calls.deleteAcl(scope, principal));
    await queries.invalidateQueries({ queryKey: ['secrets'] }); // the scope itself may be out of sight now
    say(permission ? t('shared', { name: principal, permission }) : t('unshared', { name: principal }));
  };
}

function useColumns(
  onChange: (acl: calls.Acl, permission: calls.ScopePermission) => void,
  onLeave: (acl: calls.Acl) => void,
): Column<calls.Acl>[] {
  const t = useSecretWords();
  const a = useAdminWords();
  return [
    { id: 'principal', title: t('principal'), look: 'name', cell: (acl) => <bdi>{acl.principal}</bdi> },
    {
      id: 'permission',
      title: t('permission'),
      look: 'tight',
      cell: (acl) => (
        <PermissionSelect
          label={t('permissionOf', { name: acl.principal })}
          hidden
          value={acl.permission}
          onChange={(permission) => onChange(acl, permission)}
        />
      ),
    },
    {
      id: 'menu',
      title: a('actions'),
      look: 'menu',
      cell: (acl) => (
        <Button look="quiet" aria-label={a('removeName', { name: acl.principal })} onClick={() => onLeave(acl)}>
          {a('remove')}
        </Button>
      ),
    },
  ];
}

interface SelectProps {
  label: string;
  hidden?: boolean;
  value: calls.ScopePermission;
  onChange: (permission: calls.ScopePermission) => void;
  error?: string | undefined;
}

function PermissionSelect({ label, hidden, value, onChange, error }: SelectProps) {
  return (
    <SelectField
      label={label}
      labelHidden={hidden ?? false}
      error={error}
      value={value}
      onChange={(event) => onChange(event.target.value as calls.ScopePermission)}
    >
      {calls.permissions.map((each) => (
        <option key={each}>{each}</option>
      ))}
    </SelectField>
  );
}

interface ShareProps {
  known: calls.Acl[];
  change: Change;
  onClose: () => void;
}

function ShareDialog({ known, change, onClose }: ShareProps) {
  const t = useSecretWords();
  const a = useAdminWords();
  const [whom, setWhom] = useState<Principal | null>(null);
  const [permission, setPermission] = useState<calls.ScopePermission>('READ');
  const submit = async () => {
    if (!whom) throw new FieldError('principal', t('chooseFirst'));
    await change(whom.name, permission);
    onClose();
  };
  return (
    <EntityDialog
      open
      title={t('share')}
      onClose={onClose}
      action={a('add')}
      fields={['principal', 'permission']}
      onSubmit={submit}
    >
      {(errorAt) => (
        <>
          <div className="field">
            {whom ? (
              <>
                <span>{t('principal')}</span>
                <PickedChips names={[{ id: whom.id, name: whom.display }]} onRemove={() => setWhom(null)} />
              </>
            ) : (
              <PrincipalPicker
                label={t('principal')}
                kinds={['user', 'group', 'servicePrincipal']}
                exclude={(found) => known.some((each) => each.principal.toLowerCase() === found.name.toLowerCase())}
                onPick={setWhom}
              />
            )}
            {errorAt('principal') && (
              <p className="error" role="alert">
                {errorAt('principal')}
              </p>
            )}
          </div>
          <PermissionSelect
            label={t('permission')}
            value={permission}
            onChange={setPermission}
            error={errorAt('permission')}
          />
        </>
      )}
    </EntityDialog>
  );
}

function LeaveDialog({ acl, change, onClose }: { acl: calls.Acl | null; change: Change; onClose: () => void }) {
  const t = useSecretWords();
  const a = useAdminWords();
  return (
    <ConfirmDialog
      open={acl !== null}
      title={t('unshareTitle', { name: acl?.principal ?? '' })}
      action={a('remove')}
      onClose={onClose}
      onConfirm={async () => {
        if (acl) await change(acl.principal, null);
      }}
    >
      <p>{t('unshareText')}</p>
    </ConfirmDialog>
  );
}
