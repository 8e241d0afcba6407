// Who may do what with the endpoint.
import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { call, get } from '../../base/api';
import { useSession } from '../../base/session';
import type { Endpoint, PermissionLevel } from '../../base/types';
import { useUnsaved } from '../../base/unsaved';
import { Button } from '../../parts/button';
import { ConfirmDialog } from '../../parts/dialog';
import { SelectField } from '../../parts/field';
import { PrincipalField } from '../../parts/principal_picker';
import { ErrorNote, Failed, Loading, useErrorText } from '../../parts/states';
import { useToast } from '../../parts/toast';
import { mayManage } from './entities';
import {
  grantsOf,
  inputOf,
  levels,
  principalKinds,
  samePrincipal,
  withoutGrant,
  type Grant,
  type Permissions,
  type PrincipalKind,
} from './grants';
import { endpointKey, permissionsPath } from './paths';
import { usePermissionWords } from './permission_words';

/** The calls; each brings the new state of all permissions. Own rights may have changed with them. */
function useChanges(endpoint: Endpoint) {
  const queries = useQueryClient();
  const address = permissionsPath(endpoint.id);
  const key = [...endpointKey(endpoint.name), 'permissions', endpoint.id];
  const took = (now: Permissions) => {
    queries.setQueryData(key, now);
    void queries.invalidateQueries({ queryKey: endpointKey(endpoint.name), exact: true });
  };
  return {
    key,
    put: async (grant: Pick<Grant, 'kind' | 'name' | 'level'>) =>
      took(await call<Permissions>('PATCH', address, { body: { access_control_list: [inputOf(grant)] } })),
    remove: async (grant: Grant) => {
      const now = await get<Permissions>(address); // what others have changed since must stay
      took(
        await call<Permissions>('PUT', address, { body: { access_control_list: withoutGrant(grantsOf(now), grant) } }),
      );
    },
  };
}

type Changes = ReturnType<typeof useChanges>;

export function PermissionsTab({ endpoint }: { endpoint: Endpoint }) {
  const t = usePermissionWords();
  const changes = useChanges(endpoint);
  const manages = mayManage(endpoint.permission_level);
  const asked = useQuery({
    queryKey: changes.key,
    queryFn: ({ signal }) => get<Permissions>(permissionsPath(endpoint.id), signal),
  });
  if (asked.isPending) return <Loading rows={4} />;
  if (!asked.data) return <Failed error={asked.error} onRetry={() => void asked.refetch()} />;
  const grants = grantsOf(asked.data);
  return (
    <div className="stack">
      {manages ? <AddGrant grants={grants} changes={changes} /> : <p className="muted">{t('readOnly')}</p>}
      <GrantTable grants={grants} changes={changes} manages={manages} />
    </div>
  );
}

function AddGrant({ grants, changes }: { grants: Grant[]; changes: Changes }) {
  const t = usePermissionWords();
  const say = useToast();
  const errorText = useErrorText();
  const [kind, setKind] = useState<PrincipalKind>('user');
  const [name, setName] = useState('');
  const [level, setLevel] = useState<PermissionLevel>('CAN_QUERY');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  useUnsaved(name.trim() !== '');
  const add = async () => {
    const grant = { kind, name: name.trim(), level };
    if (!grant.name) return setError(t('nameMissing'));
    setBusy(true);
    setError('');
    try {
      const known = grants.some((each) => !each.inherited && samePrincipal(each, grant));
      await changes.put(grant);
      say(t(known ? 'changed' : 'added', { name: grant.name }));
      setName('');
    } catch (cause) {
      setError(errorText(cause));
    }
    setBusy(false);
  };
  return (
    <form
      className="card permission-add"
      aria-label={t('add')}
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <SelectField label={t('kind')} value={kind} onChange={(event) => setKind(event.target.value as PrincipalKind)}>
        {principalKinds.map((each) => (
          <option key={each} value={each}>
            {t(each)}
          </option>
        ))}
      </SelectField>
      <PrincipalField
        label={t(`name_${kind}`)}
        kind={kind === 'service_principal' ? 'servicePrincipal' : kind}
        value={name}
        error={error || undefined}
        onChange={setName}
      />
      <LevelField label={t('level')} value={level} onChange={setLevel} />
      <Button type="submit" look="primary" busy={busy}>
        {t('addButton')}
      </Button>
    </form>
  );
}

interface LevelProps {
  label: string;
  labelHidden?: boolean;
  disabled?: boolean;
  value: PermissionLevel;
  onChange: (level: PermissionLevel) => void;
}

function LevelField({ onChange, ...select }: LevelProps) {
  const t = usePermissionWords();
  return (
    <SelectField {...select} onChange={(event) => onChange(event.target.value as PermissionLevel)}>
      {levels.map((each) => (
        <option key={each} value={each}>
          {t(each)}
        </option>
      ))}
    </SelectField>
  );
}

interface TableProps {
  grants: Grant[];
  changes: Changes;
  manages: boolean;
}

function GrantTable({ grants, changes, manages }: TableProps) {
  const t = usePermissionWords();
  const session = useSession();
  const [removing, setRemoving] = useState<Grant | null>(null);
  const isMe = (grant: Grant) => grant.kind === 'user' && grant.name === session.user_name;
  return (
    <>
      <div className="table-box endpoint-cards permission-table">
        <table aria-label={t('table')}>
          <thead>
            <tr>
              <th scope="col">{t('principal')}</th>
              <th scope="col">{t('kind')}</th>
              <th scope="col">{t('level')}</th>
              {manages && (
                <th scope="col">
                  <span className="only-read">{t('remove')}</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {grants.map((each) => (
              <GrantRow
                key={`${each.kind} ${each.name} ${each.inherited}`}
                grant={each}
                changes={changes}
                manages={manages}
                me={isMe(each)}
                onRemove={() => setRemoving(each)}
              />
            ))}
          </tbody>
        </table>
      </div>
      <ConfirmDialog
        title={t('removeTitle')}
        open={removing !== null}
        onClose={() => setRemoving(null)}
        action={t('remove')}
        onConfirm={async () => removing && changes.remove(removing)}
      >
        <p>
          <bdi>{removing?.name}</bdi> · {removing && t(removing.level)}
        </p>
        {removing && isMe(removing) && !session.is_admin && <p>{t('ownRight')}</p>}
      </ConfirmDialog>
    </>
  );
}

interface RowProps {
  grant: Grant;
  changes: Changes;
  manages: boolean;
  me: boolean;
  onRemove: () => void;
}

function GrantRow({ grant, changes, manages, me, onRemove }: RowProps) {
  const t = usePermissionWords();
  const fixed = !manages || grant.inherited;
  return (
    <tr className={grant.inherited ? 'permission-inherited' : undefined}>
      <td data-label={t('principal')}>
        <span>
          <bdi>{grant.name}</bdi>
          {grant.displayName && grant.displayName !== grant.name && (
            <span className="muted">
              {' '}
              <bdi>{grant.displayName}</bdi>
            </span>
          )}
          {me && <span className="muted"> {t('you')}</span>}
        </span>
      </td>
      <td data-label={t('kind')}>
        <span>{t(grant.kind)}</span>
      </td>
      <td data-label={t('level')}>
        {fixed ? (
          <span>
            {t(grant.level)} {grant.inherited && <span className="muted">{t('inherited')}</span>}
          </span>
        ) : (
          <GrantLevel grant={grant} changes={changes} me={me} />
        )}
      </td>
      {manages && (
        <td className="permission-remove">
          {!fixed && (
            <Button look="quiet" aria-label={t('removeOf', { name: grant.name })} onClick={onRemove}>
              {t('remove')}
            </Button>
          )}
        </td>
      )}
    </tr>
  );
}

/** Changes at once; to give up one's own right to manage must be confirmed. */
function GrantLevel({ grant, changes, me }: { grant: Grant; changes: Changes; me: boolean }) {
  const t = usePermissionWords();
  const say = useToast();
  const session = useSession();
  const [wanted, setWanted] = useState<PermissionLevel | null>(null);
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const change = async (level: PermissionLevel) => {
    await changes.put({ ...grant, level });
    say(t('changed', { name: grant.name }));
  };
  const choose = async (level: PermissionLevel) => {
    setWanted(level);
    setError(null);
    if (me && grant.level === 'CAN_MANAGE' && !session.is_admin) return setAsking(true);
    try {
      await change(level);
    } catch (cause) {
      setError(cause);
    }
    setWanted(null);
  };
  return (
    <>
      <LevelField
        label={t('levelOf', { name: grant.name })}
        labelHidden
        disabled={wanted !== null && !asking}
        value={wanted ?? grant.level}
        onChange={(level) => void choose(level)}
      />
      {error !== null && <ErrorNote error={error} />}
      <ConfirmDialog
        title={t('ownTitle')}
        open={asking}
        onClose={() => {
          setAsking(false);
          setWanted(null);
        }}
        action={t('ownAction')}
        onConfirm={() => change(wanted ?? grant.level)}
      >
        <p>{t('ownRight')}</p>
      </ConfirmDialog>
    </>
  );
}
