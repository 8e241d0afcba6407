// The OAuth secrets of one service principal: list, make (shown once), delete.
import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { makeWords } from '../../base/text';
import { Button } from '../../parts/button';
import { ConfirmDialog, Dialog } from '../../parts/dialog';
import { SelectField } from '../../parts/field';
import { Empty, Failed, Loading } from '../../parts/states';
import { DataTable, type Column } from '../admin/data_table';
import { EntityDialog, FieldError } from '../admin/entity_dialog';
import { mostSecretDays, secondsOf, usualLifetime } from '../admin/lifetime';
import { LifetimeField } from '../admin/lifetime_field';
import { nameOf, type Person } from '../admin/scim';
import { ShownOnce } from '../admin/shown_once';
import { When } from '../../parts/when';
import { useAdminWords } from '../admin/words';
import { createSecret, deleteSecret, listSecrets, mostSecrets, type OAuthSecret } from './secrets';

const useText = makeWords({
  en: {
    title: 'OAuth secrets of {name}',
    lead: 'A client that has the application ID and a secret gets access tokens for an hour each.',
    none: 'There are no secrets yet.',
    new: 'New secret',
    full: 'At most five: delete one first.',
    id: 'Secret',
    created: 'Created',
    expires: 'Expires',
    scope: 'Scope',
    scopeAll: 'all-apis: everything',
    scopeServing: 'model-serving: serving endpoints only',
    made: 'The secret is made',
    clientId: 'Client ID',
    secret: 'Client secret',
    deleteTitle: 'Delete this secret?',
    deleteText: 'Clients that use it get no more access tokens. Those they have end within the hour.',
  },
  ko: {
    title: '{name}의 OAuth 비밀',
    lead: '애플리케이션 ID와 비밀을 가진 클라이언트는 한 시간짜리 액세스 토큰을 받습니다.',
    none: '아직 비밀이 없습니다.',
    new: '새 비밀',
    full: '최대 다섯 개입니다. 먼저 하나를 삭제하세요.',
    id: '비밀',
    created: '생성',
    expires: '만료',
    scope: '범위',
    scopeAll: 'all-apis: 전체',
    scopeServing: 'model-serving: 서비스 엔드포인트만',
    made: '비밀을 만들었습니다',
    clientId: '클라이언트 ID',
    secret: '클라이언트 비밀',
    deleteTitle: '이 비밀을 삭제할까요?',
    deleteText: '이 비밀을 쓰는 클라이언트는 더 이상 액세스 토큰을 받지 못합니다. 이미 받은 토큰은 한 시간 안에 끝납니다.',
  },
});

interface Props {
  principal: Person;
  onClose: () => void;
}

type Step = { kind: 'list' } | { kind: 'new' } | { kind: 'made'; secret: string } | { kind: 'delete'; id: string };

/** One dialog at a time: each step takes the place of the one before. */
export function SecretsDialog({ principal, onClose }: Props) {
  const t = useText();
  const a = useAdminWords();
  const queries = useQueryClient();
  const [step, setStep] = useState<Step>({ kind: 'list' });
  const toList = () => setStep({ kind: 'list' });
  const changed = () => queries.invalidateQueries({ queryKey: ['oauth-secrets', principal.id] });
  const name = principal.displayName || nameOf(principal);
  switch (step.kind) {
    case 'list':
      return (
        <Dialog open size="large" title={t('title', { name })} onClose={onClose}>
          <p className="muted">{t('lead')}</p>
          <SecretList
            id={principal.id}
            onNew={() => setStep({ kind: 'new' })}
            onDelete={(id) => setStep({ kind: 'delete', id })}
          />
        </Dialog>
      );
    case 'new':
      return (
        <NewSecret
          onClose={toList}
          onCreate={async (seconds, scope) => {
            const made = await createSecret(principal.id, seconds, scope);
            void changed();
            setStep({ kind: 'made', secret: made.secret });
          }}
        />
      );
    case 'made':
      return (
        <ShownOnce
          title={t('made')}
          values={[
            { label: t('clientId'), text: nameOf(principal) },
            { label: t('secret'), text: step.secret },
          ]}
          onClose={toList}
        />
      );
    case 'delete':
      return (
        <ConfirmDialog
          open
          title={t('deleteTitle')}
          action={a('delete')}
          onClose={toList}
          onConfirm={async () => {
            await deleteSecret(principal.id, step.id);
            await changed();
          }}
        >
          <p>
            <code>{step.id}</code>
          </p>
          <p>{t('deleteText')}</p>
        </ConfirmDialog>
      );
  }
}

interface ListProps {
  id: string;
  onNew: () => void;
  onDelete: (id: string) => void;
}

function SecretList({ id, onNew, onDelete }: ListProps) {
  const t = useText();
  const asked = useQuery({ queryKey: ['oauth-secrets', id], queryFn: ({ signal }) => listSecrets(id, signal) });
  const columns = useColumns(onDelete);
  if (asked.error) return <Failed error={asked.error} onRetry={() => void asked.refetch()} />;
  if (!asked.data) return <Loading rows={3} />;
  const full = asked.data.length >= mostSecrets;
  return (
    <>
      {asked.data.length === 0 ? (
        <Empty title={t('none')} />
      ) : (
        <DataTable low label={t('id')} columns={columns} rows={asked.data} keyOf={(each) => each.id} />
      )}
      <div className="dialog-foot">
        {full && <p className="muted">{t('full')}</p>}
        <Button look="primary" disabled={full} onClick={onNew}>
          {t('new')}
        </Button>
      </div>
    </>
  );
}

function useColumns(onDelete: (id: string) => void): Column<OAuthSecret>[] {
  const t = useText();
  const a = useAdminWords();
  return [
    { id: 'id', title: t('id'), look: 'name', cell: (each) => <code>{each.id}</code> },
    { id: 'scope', title: t('scope'), cell: (each) => each.scopes?.join(', ') ?? 'all-apis' },
    { id: 'created', title: t('created'), look: 'tight', cell: (each) => <When ms={Date.parse(each.create_time)} /> },
    { id: 'expires', title: t('expires'), look: 'tight', cell: (each) => <When ms={Date.parse(each.expire_time)} /> },
    {
      id: 'menu',
      title: a('actions'),
      look: 'menu',
      cell: (each) => (
        <Button look="quiet" className="bad" onClick={() => onDelete(each.id)}>
          {a('delete')}
        </Button>
      ),
    },
  ];
}

interface NewProps {
  onClose: () => void;
  onCreate: (seconds: number, scope: string) => Promise<void>;
}

function NewSecret({ onClose, onCreate }: NewProps) {
  const t = useText();
  const a = useAdminWords();
  const [lifetime, setLifetime] = useState(usualLifetime);
  const [scope, setScope] = useState('all-apis');
  const submit = async () => {
    const seconds = secondsOf(lifetime, mostSecretDays);
    if (seconds === null || seconds === undefined) {
      throw new FieldError('lifetime', a('daysWrong', { most: mostSecretDays }));
    }
    await onCreate(seconds, scope);
  };
  return (
    <EntityDialog
      open
      title={t('new')}
      onClose={onClose}
      action={a('create')}
      fields={['lifetime', 'scopes']}
      onSubmit={submit}
    >
      {(errorAt) => (
        <>
          <LifetimeField
            value={lifetime}
            onChange={setLifetime}
            mostDays={mostSecretDays}
            endless={false}
            error={errorAt('lifetime')}
          />
          <SelectField
            label={t('scope')}
            error={errorAt('scopes')}
            value={scope}
            onChange={(event) => setScope(event.target.value)}
          >
            <option value="all-apis">{t('scopeAll')}</option>
            <option value="model-serving">{t('scopeServing')}</option>
          </SelectField>
        </>
      )}
    </EntityDialog>
  );
}
