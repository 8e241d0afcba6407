// Writes a secret. What is typed lives in this dialog only and is forgotten with it.
import { useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { endpointsFeed } from '../../base/live';
import { Button } from '../../parts/button';
import { Switch, TextArea, TextField } from '../../parts/field';
import { useToast } from '../../parts/toast';
import { EntityDialog, FieldError } from '../admin/entity_dialog';
import { useAdminWords } from '../admin/words';
import * as calls from './calls';
import { useSecretWords } from './words';

interface Props {
  scope: string;
  name: string | null; // null: a new one
  taken: (key: string) => boolean;
  used: (key: string) => boolean;
  onClose: () => void;
}

export function PutDialog({ scope, name, taken, used, onClose }: Props) {
  const t = useSecretWords();
  const a = useAdminWords();
  const say = useToast();
  const queries = useQueryClient();
  const [typed, setTyped] = useState(name ?? '');
  const [value, setValue] = useState('');
  const key = typed.trim();
  const submit = async () => {
    if (!key) throw new FieldError('key', t('keyMissing'));
    if (!value) throw new FieldError('string_value', t('valueMissing'));
    await calls.putSecret(scope, key, value);
    endpointsFeed.refresh(); // one that lacked the secret may serve again
    void queries.invalidateQueries({ queryKey: ['secrets', 'of', scope] });
    say(t(used(key) ? 'savedLive' : 'saved', { name: key }));
    onClose();
  };
  return (
    <EntityDialog
      open
      title={name === null ? t('newKey') : t('replaceTitle', { name })}
      onClose={onClose}
      action={a('save')}
      fields={['key', 'string_value']}
      onSubmit={submit}
    >
      {(errorAt) => (
        <>
          {name === null && (
            <TextField
              label={t('key')}
              hint={taken(key) ? t('keyTaken') : t('keyHint')}
              error={errorAt('key')}
              required
              data-autofocus
              maxLength={128}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
          <ValueField value={value} onChange={setValue} error={errorAt('string_value')} />
        </>
      )}
    </EntityDialog>
  );
}

interface ValueProps {
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
}

/** A password field has one line only; private keys have many. */
function ValueField({ value, onChange, error }: ValueProps) {
  const t = useSecretWords();
  const [shown, setShown] = useState(false);
  const loose = value !== '' && value.trim() !== value;
  return (
    <>
      <TextArea
        label={t('value')}
        hint={t('valueHint')}
        error={error}
        required
        className={`secrets-value ${shown ? '' : 'covered'}`}
        rows={4}
        autoComplete="off"
        autoCapitalize="off"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      <Switch label={t('showValue')} checked={shown} onChange={setShown} />
      {loose && (
        <div className="admin-warning" role="status">
          <p>{t('endsBlank')}</p>
          <Button onClick={() => onChange(value.trim())}>{t('cut')}</Button>
        </div>
      )}
    </>
  );
}
