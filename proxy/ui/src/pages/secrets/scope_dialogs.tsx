import { useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { ConfirmDialog } from '../../parts/dialog';
import { Switch, TextField } from '../../parts/field';
import { useToast } from '../../parts/toast';
import { EntityDialog, FieldError } from '../admin/entity_dialog';
import { useAdminWords } from '../admin/words';
import * as calls from './calls';
import { UsedByWarning } from './used_by';
import { useSecretWords } from './words';

interface NewProps {
  onClose: () => void;
  onMade: (scope: string) => void;
}

export function NewScopeDialog({ onClose, onMade }: NewProps) {
  const t = useSecretWords();
  const a = useAdminWords();
  const say = useToast();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [forAll, setForAll] = useState(false);
  const submit = async () => {
    const scope = name.trim();
    if (!scope) throw new FieldError('scope', t('scopeHint'));
    await calls.createScope(scope, forAll);
    await queries.invalidateQueries({ queryKey: ['secrets', 'scopes'] });
    say(t('scopeMade', { name: scope }));
    onClose();
    onMade(scope);
  };
  return (
    <EntityDialog open title={t('newScope')} onClose={onClose} action={a('create')} fields={['scope']} onSubmit={submit}>
      {(errorAt) => (
        <>
          <TextField
            label={t('scopeName')}
            hint={t('scopeHint')}
            error={errorAt('scope')}
            required
            data-autofocus
            maxLength={128}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <Switch label={t('forAll')} hint={t('forAllHint')} checked={forAll} onChange={setForAll} />
        </>
      )}
    </EntityDialog>
  );
}

interface DeleteProps {
  scope: string;
  usedBy: string[];
  open: boolean;
  onClose: () => void;
  onDeleted: () => void;
}

export function DeleteScopeDialog({ scope, usedBy, open, onClose, onDeleted }: DeleteProps) {
  const t = useSecretWords();
  const a = useAdminWords();
  const say = useToast();
  const queries = useQueryClient();
  const confirm = async () => {
    await calls.deleteScope(scope);
    say(t('scopeDeleted', { name: scope }));
    onDeleted();
    void queries.invalidateQueries({ queryKey: ['secrets', 'scopes'] });
    queries.removeQueries({ queryKey: ['secrets', 'of', scope] });
  };
  return (
    <ConfirmDialog
      open={open}
      title={t('deleteScopeTitle', { name: scope })}
      name={scope}
      action={a('delete')}
      onClose={onClose}
      onConfirm={confirm}
    >
      <p>{t('deleteScopeText')}</p>
      <UsedByWarning names={usedBy} />
    </ConfirmDialog>
  );
}
