// Creates or edits a user or a service principal.
import { useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { Switch, TextField } from '../../parts/field';
import { PickedChips, PrincipalPicker } from '../../parts/principal_picker';
import { useToast } from '../../parts/toast';
import { EntityDialog, FieldError } from './entity_dialog';
import { usePeopleWords } from './people_words';
import * as scim from './scim';
import { useAdminWords } from './words';

interface Props {
  kind: scim.PersonKind;
  person: scim.Person | null; // null: a new one
  onClose: () => void;
}

const fields = ['userName', 'applicationId', 'displayName', 'entitlements', 'groups'] as const;

export function PersonDialog({ kind, person, onClose }: Props) {
  const t = usePeopleWords();
  const a = useAdminWords();
  const say = useToast();
  const queries = useQueryClient();
  const [before] = useState(() => (person ? scim.draftOf(person) : scim.emptyPerson));
  const [draft, setDraft] = useState(before);
  const submit = async () => {
    let name = draft.name;
    if (person) {
      const changes = scim.changesOf(before, draft);
      if (changes.length > 0) await scim.patchScim(kind, person.id, changes);
    } else {
      if (kind === 'user' && !draft.name.trim()) throw new FieldError('userName', t('missingName'));
      name = scim.nameOf(await scim.createScim<scim.Person>(kind, scim.newPerson(kind, draft)));
    }
    void queries.invalidateQueries({ queryKey: ['scim'] });
    say(t(person ? 'saved' : 'made', { name: draft.displayName.trim() || name }));
    onClose();
  };
  const title = person ? t('editUser', { name: before.name }) : t(kind === 'user' ? 'newUser' : 'newPrincipal');
  return (
    <EntityDialog open title={title} onClose={onClose} action={a(person ? 'save' : 'create')} fields={fields} onSubmit={submit}>
      {(errorAt) => (
        <PersonFields kind={kind} isNew={!person} draft={draft} onChange={setDraft} errorAt={errorAt} />
      )}
    </EntityDialog>
  );
}

interface FieldsProps {
  kind: scim.PersonKind;
  isNew: boolean;
  draft: scim.PersonDraft;
  onChange: (draft: scim.PersonDraft) => void;
  errorAt: (field: string) => string | undefined;
}

function PersonFields({ kind, isNew, draft, onChange, errorAt }: FieldsProps) {
  const t = usePeopleWords();
  const isUser = kind === 'user';
  const set = (changed: Partial<scim.PersonDraft>) => onChange({ ...draft, ...changed });
  return (
    <>
      {isNew && (
        <TextField
          label={t(isUser ? 'userName' : 'applicationId')}
          hint={t(isUser ? 'userNameHint' : 'applicationIdHint')}
          error={errorAt(isUser ? 'userName' : 'applicationId')}
          required={isUser}
          data-autofocus
          value={draft.name}
          onChange={(event) => set({ name: event.target.value })}
        />
      )}
      <TextField
        label={t('displayName')}
        error={errorAt('displayName')}
        data-autofocus={!isNew}
        value={draft.displayName}
        onChange={(event) => set({ displayName: event.target.value })}
      />
      <Switch
        label={t('mayCreate')}
        hint={t('mayCreateHint')}
        checked={draft.mayCreate}
        onChange={(mayCreate) => set({ mayCreate })}
      />
      <TextField
        label={t('otherEntitlements')}
        hint={t('otherEntitlementsHint')}
        error={errorAt('entitlements')}
        value={draft.otherEntitlements}
        onChange={(event) => set({ otherEntitlements: event.target.value })}
      />
      <div className="field">
        <PrincipalPicker
          label={t('addGroup')}
          kinds={['group']}
          // Everybody is in "users".
          exclude={(found) => found.name === 'users' || draft.groups.some((each) => each.id === found.id)}
          onPick={({ id, name }) => set({ groups: [...draft.groups, { id, name }] })}
        />
        <PickedChips
          names={draft.groups}
          onRemove={(id) => set({ groups: draft.groups.filter((each) => each.id !== id) })}
        />
        {errorAt('groups') && (
          <p className="error" role="alert">
            {errorAt('groups')}
          </p>
        )}
      </div>
    </>
  );
}
