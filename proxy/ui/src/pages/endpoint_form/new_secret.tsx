// Stores a new secret without leaving the form.
import { useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { ApiError, call } from '../../base/api';
import { Button } from '../../parts/button';
import { CancelButton, Dialog } from '../../parts/dialog';
import { SelectField, TextArea, TextField } from '../../parts/field';
import { ErrorNote, useErrorText } from '../../parts/states';
import { useToast } from '../../parts/toast';
import type { SecretReference } from './draft';
import { secretKeysQuery, scopesQuery, useScopes, useSecretKeys } from './secret_lists';
import { useFormWords } from './words';

interface Props {
  open: boolean;
  scope: string; // to begin with
  multiline: boolean;
  onClose: () => void;
  onMade: (made: SecretReference) => void;
}

export function NewSecretDialog(props: Props) {
  const t = useFormWords();
  return (
    <Dialog title={t('newSecretTitle')} open={props.open} onClose={props.onClose}>
      {props.open && <Body {...props} />}
    </Dialog>
  );
}

interface Wanted {
  scope: string; // '': a new one
  newScope: string;
  key: string;
  value: string;
}
type Where = 'newScope' | 'key' | 'value' | 'all';
const namePattern = /^[A-Za-z0-9_.-]{1,128}$/;
const scopePattern = /^[A-Za-z0-9_.@-]{1,128}$/;

/** Which field a refusal is about. */
function placeOf(message: string): Where {
  if (/^'scope'|The secret scope/.test(message)) return 'newScope';
  if (/^'key'/.test(message)) return 'key';
  return /value/.test(message) ? 'value' : 'all';
}

function useMaking({ onMade, onClose }: Props) {
  const t = useFormWords();
  const say = useToast();
  const queries = useQueryClient();
  const errorText = useErrorText();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<{ where: Where; text: string; cause: unknown } | null>(null);
  const refuse = (where: Where, text: string, cause: unknown = null) => setError({ where, text, cause });

  const make = async (wanted: Wanted, onScope: (name: string) => void) => {
    const scope = wanted.scope || wanted.newScope;
    if (!wanted.scope && !scopePattern.test(scope)) return refuse('newScope', t(scope ? 'secretNames' : 'missing'));
    if (!namePattern.test(wanted.key)) return refuse('key', t(wanted.key ? 'secretNames' : 'missing'));
    if (!wanted.value) return refuse('value', t('missing'));
    setBusy(true);
    setError(null);
    try {
      if (!wanted.scope) {
        await call('POST', '/api/2.0/secrets/scopes/create', { body: { scope } });
        await queries.invalidateQueries({ queryKey: scopesQuery });
        onScope(scope); // it exists now, whatever becomes of the secret
      }
      await call('POST', '/api/2.0/secrets/put', { body: { scope, key: wanted.key, string_value: wanted.value } });
      await queries.invalidateQueries({ queryKey: secretKeysQuery(scope) });
      say(t('secretMade', { key: wanted.key, scope }));
      onMade({ scope, key: wanted.key });
      onClose();
    } catch (cause) {
      const text = errorText(cause);
      refuse(cause instanceof ApiError && cause.status === 400 ? placeOf(text) : 'all', text, cause);
      setBusy(false);
    }
  };
  return { busy, error, make };
}

function Body(props: Props) {
  const t = useFormWords();
  const scopes = useScopes();
  const { busy, error, make } = useMaking(props);
  const [wanted, setWanted] = useState<Wanted>({ scope: props.scope, newScope: '', key: '', value: '' });
  const keys = useSecretKeys(wanted.scope);
  const set = (part: Partial<Wanted>) => setWanted((now) => ({ ...now, ...part }));
  const errorOf = (where: Where) => (error?.where === where ? error.text : undefined);
  const Value = props.multiline ? TextArea : TextField;
  const scopeError = errorOf('newScope');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        void make(wanted, (scope) => set({ scope }));
      }}
    >
      <SelectField
        label={t('existingScope')}
        value={wanted.scope}
        error={wanted.scope ? scopeError : undefined}
        onChange={(event) => set({ scope: event.target.value })}
      >
        <option value="">{t('newScope')}</option>
        {[...new Set([...(scopes.data ?? []), ...(wanted.scope ? [wanted.scope] : [])])].map((each) => (
          <option key={each}>{each}</option>
        ))}
      </SelectField>
      {!wanted.scope && (
        <TextField
          label={t('newScopeName')}
          required
          value={wanted.newScope}
          error={scopeError}
          onChange={(event) => set({ newScope: event.target.value })}
        />
      )}
      <TextField
        label={t('secretKey')}
        required
        value={wanted.key}
        hint={keys.data?.includes(wanted.key) ? t('overwrites') : undefined}
        error={errorOf('key')}
        onChange={(event) => set({ key: event.target.value })}
      />
      <Value
        label={t('secretValue')}
        required
        {...(props.multiline ? { rows: 6 } : { type: 'password' })}
        value={wanted.value}
        error={errorOf('value')}
        onChange={(event: { target: { value: string } }) => set({ value: event.target.value })}
      />
      {error?.where === 'all' && <ErrorNote error={error.cause ?? error.text} />}
      <div className="dialog-foot">
        <CancelButton />
        <Button type="submit" look="primary" busy={busy}>
          {t('makeSecret')}
        </Button>
      </div>
    </form>
  );
}
