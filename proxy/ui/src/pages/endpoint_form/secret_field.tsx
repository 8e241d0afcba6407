// A secret: a reference to one that the gateway keeps, or a key that is given here and never shown again.
import { useId, useState } from 'react';
import { Button } from '../../parts/button';
import { SelectField, TextArea, TextField } from '../../parts/field';
import { useErrorText } from '../../parts/states';
import { emptySecret, parseReference, referenceText, type SecretDraft } from './draft';
import { NewSecretDialog } from './new_secret';
import { useScopes, useSecretKeys } from './secret_lists';
import { useFormWords } from './words';

interface Props {
  label: string;
  required: boolean;
  multiline: boolean;
  error: string | undefined;
  keeps: boolean; // the gateway has a plaintext that can stay
  value: SecretDraft | undefined;
  onChange: (value: SecretDraft) => void;
  onBlur: () => void;
}

export function SecretField(props: Props) {
  const { label, required, error, keeps, onChange, onBlur } = props;
  const t = useFormWords();
  const id = useId();
  const value = props.value ?? emptySecret;
  const modes = [...(keeps || value.mode === 'kept' ? (['kept'] as const) : []), 'reference', 'plaintext'] as const;
  const names = { kept: 'modeKept', reference: 'modeReference', plaintext: 'modePlaintext' } as const;
  return (
    <div
      className="field form-secret"
      role="group"
      aria-labelledby={`${id}-label`}
      aria-describedby={error ? `${id}-error` : undefined}
      data-invalid={error ? true : undefined}
      onBlur={(event) => {
        const to = event.relatedTarget;
        if (!event.currentTarget.contains(to) && !to?.closest('.dialog')) onBlur();
      }}
    >
      <div className="form-secret-head">
        <span className="form-label" id={`${id}-label`}>
          {label}
          {required && (
            <span className="required" aria-hidden="true">
              {' *'}
            </span>
          )}
        </span>
        <span className="form-modes" role="radiogroup" aria-label={t('secretMode', { label })}>
          {modes.map((mode) => (
            <label key={mode}>
              <input
                type="radio"
                name={id}
                checked={value.mode === mode}
                onChange={() => onChange({ ...value, mode })}
              />
              {t(names[mode])}
            </label>
          ))}
        </span>
      </div>
      {value.mode === 'reference' && <Reference {...props} value={value} />}
      {value.mode === 'plaintext' && <Plaintext {...props} value={value} />}
      {value.mode === 'kept' && <p className="hint">{t('keptHint')}</p>}
      {error && (
        <p className="error" role="alert" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

type Inner = Props & { value: SecretDraft };

function Plaintext({ label, multiline, error, value, onChange }: Inner) {
  const t = useFormWords();
  const shared = { label, labelHidden: true, hint: t('plaintextHint'), value: value.plaintext };
  const set = (plaintext: string) => onChange({ ...value, plaintext });
  if (multiline) {
    return (
      <TextArea {...shared} rows={6} aria-invalid={error ? true : undefined} onChange={(e) => set(e.target.value)} />
    );
  }
  return <TextField {...shared} type="password" onChange={(event) => set(event.target.value)} />;
}

function Reference({ label, multiline, value, onChange }: Inner) {
  const t = useFormWords();
  const [making, setMaking] = useState(false);
  const [picked, setPicked] = useState(''); // a scope whose key is not chosen yet
  const named = parseReference(value.reference);
  const scope = named?.scope ?? picked;
  const choose = (next: string, key: string) => {
    setPicked(next);
    onChange({ ...value, mode: 'reference', reference: next && key ? referenceText({ scope: next, key }) : '' });
  };
  return (
    <>
      <div className="form-reference">
        <ScopeSelect label={label} scope={scope} onChange={(next) => choose(next, '')} />
        <KeySelect label={label} scope={scope} secret={named?.key ?? ''} onChange={(key) => choose(scope, key)} />
        <Button aria-label={t('newSecretOf', { label })} onClick={() => setMaking(true)}>
          {t('newSecret')}
        </Button>
      </div>
      {value.reference && !named && <p className="hint">{t('otherReference', { reference: value.reference })}</p>}
      <NewSecretDialog
        open={making}
        scope={scope}
        multiline={multiline}
        onClose={() => setMaking(false)}
        onMade={(made) => choose(made.scope, made.key)}
      />
    </>
  );
}

const lowered = (list: string[]) => list.map((each) => each.toLowerCase());

function ScopeSelect({ label, scope, onChange }: { label: string; scope: string; onChange: (scope: string) => void }) {
  const t = useFormWords();
  const errorText = useErrorText();
  const scopes = useScopes();
  const list = scopes.data ?? [];
  // Scopes are one whatever their capitals.
  const listed = list.find((each) => each.toLowerCase() === scope.toLowerCase());
  return (
    <SelectField
      label={t('scopeOf', { label })}
      labelHidden
      value={listed ?? scope}
      hint={scopes.error ? t('secretsFailed', { message: errorText(scopes.error) }) : undefined}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="">{t(scopes.data?.length === 0 ? 'noScopes' : 'chooseScope')}</option>
      {scope && !lowered(list).includes(scope.toLowerCase()) && (
        <option value={scope}>{scopes.data ? t('notListed', { name: scope }) : scope}</option>
      )}
      {list.map((each) => (
        <option key={each}>{each}</option>
      ))}
    </SelectField>
  );
}

interface KeyProps {
  label: string;
  scope: string;
  secret: string;
  onChange: (key: string) => void;
}

function KeySelect({ label, scope, secret, onChange }: KeyProps) {
  const t = useFormWords();
  const keys = useSecretKeys(scope);
  const list = keys.data ?? [];
  return (
    <SelectField
      label={t('keyOf', { label })}
      labelHidden
      disabled={!scope}
      value={secret}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="">{t(keys.data?.length === 0 ? 'noKeys' : 'chooseKey')}</option>
      {secret && !list.includes(secret) && (
        <option value={secret}>{keys.data ? t('notListed', { name: secret }) : secret}</option>
      )}
      {list.map((each) => (
        <option key={each}>{each}</option>
      ))}
    </SelectField>
  );
}
