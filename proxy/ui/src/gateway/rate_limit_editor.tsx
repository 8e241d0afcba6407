// Edits rate limits: of the endpoint, of each user, and of named principals.
import { useId, useRef, useState } from 'react';
import { Button } from '../parts/button';
import { SelectField, TextField } from '../parts/field';
import { PrincipalField } from '../parts/principal_picker';
import {
  isNamed,
  newRow,
  principalKinds,
  withoutRow,
  withRow,
  type LimitFaults,
  type LimitField,
  type LimitRow,
  type LimitsDraft,
  type PrincipalKind,
} from './rate_limits';
import { useLimitText } from './words';
import './rate_limits.css';

/** What the gateway said of a row: its sentence stands at that field. */
export interface RowMessage {
  id: number;
  field: LimitField;
  text: string;
}

interface Props {
  draft: LimitsDraft;
  onChange: (draft: LimitsDraft) => void;
  faults: LimitFaults | null; // null: not checked yet
  said?: RowMessage | null;
  lacksTokens?: boolean; // the gateway takes no limits on tokens
}

export function RateLimitEditor({ draft, onChange, faults, said = null, lacksTokens = false }: Props) {
  const t = useLimitText();
  const addButton = useRef<HTMLButtonElement>(null);
  const [added, setAdded] = useState(0); // gets the focus
  const add = () => {
    const row = newRow();
    setAdded(row.id);
    onChange({ ...draft, rows: [...draft.rows, row] });
  };
  const remove = (id: number) => {
    onChange(withoutRow(draft, id));
    addButton.current?.focus();
  };
  const shared = { faults, said, lacksTokens, onChange: (row: LimitRow) => onChange(withRow(draft, row)) };
  return (
    <div className="limits">
      <FixedRow row={draft.endpoint} label={t('endpoint')} hint={t('endpointHint')} {...shared} />
      <FixedRow row={draft.eachUser} label={t('each_user')} hint={t('eachUserHint')} {...shared} />
      <fieldset className="limits-named">
        <legend>{t('named')}</legend>
        <p className="hint">{t('namedHint')}</p>
        {draft.rows.length === 0 && <p className="muted">{t('noRows')}</p>}
        {draft.rows.map((row, i) => (
          <NamedRow key={row.id} row={row} number={i + 1} focus={row.id === added} onRemove={remove} {...shared} />
        ))}
        <button ref={addButton} type="button" className="button plain" onClick={add}>
          {t('add')}
        </button>
      </fieldset>
      {faults?.list && (
        <p className="error-note" role="alert">
          {t(faults.list)}
        </p>
      )}
      <p className="hint">
        {t('zero')}
        {lacksTokens && ` ${t('noTokens')}`}
      </p>
    </div>
  );
}

interface RowProps {
  row: LimitRow;
  faults: LimitFaults | null;
  said: RowMessage | null;
  lacksTokens: boolean;
  onChange: (row: LimitRow) => void;
}

function useRowError({ row, faults, said }: Pick<RowProps, 'row' | 'faults' | 'said'>) {
  const t = useLimitText();
  return (field: LimitField): string | undefined => {
    const fault = faults?.rows[row.id]?.[field];
    if (fault) return t(fault);
    return said?.id === row.id && said.field === field ? said.text : undefined;
  };
}

function FixedRow(props: RowProps & { label: string; hint: string }) {
  const { label, hint } = props;
  const id = useId();
  return (
    <div className="limits-row" role="group" aria-labelledby={id} aria-describedby={`${id}-hint`}>
      <div className="limits-whom">
        <span id={id} className="limits-label">
          {label}
        </span>
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      </div>
      <Numbers {...props} />
    </div>
  );
}

function Numbers(props: RowProps) {
  const { row, lacksTokens, onChange } = props;
  const t = useLimitText();
  const errorAt = useRowError(props);
  const field = (name: 'calls' | 'tokens') => ({
    label: t(name),
    error: errorAt(name),
    inputMode: 'numeric' as const,
    placeholder: t('noLimit'),
    value: row[name],
    onChange: (event: { target: { value: string } }) => onChange({ ...row, [name]: event.target.value }),
  });
  return (
    <>
      <TextField {...field('calls')} />
      {lacksTokens && !row.tokens ? (
        <TextField {...field('tokens')} disabled placeholder={t('notThere')} />
      ) : (
        <TextField {...field('tokens')} />
      )}
    </>
  );
}

interface NamedProps extends RowProps {
  number: number;
  focus: boolean;
  onRemove: (id: number) => void;
}

function NamedRow(props: NamedProps) {
  const { row, number, focus, onChange, onRemove } = props;
  const t = useLimitText();
  return (
    <div className="limits-row named" role="group" aria-label={t('row', { number })}>
      <SelectField
        label={t('kind')}
        value={row.kind}
        autoFocus={focus}
        onChange={(event) => onChange({ ...row, kind: event.target.value as PrincipalKind })}
      >
        {principalKinds.map((each) => (
          <option key={each} value={each}>
            {t(each)}
          </option>
        ))}
      </SelectField>
      {isNamed(row.kind) && <Named {...props} kind={row.kind} />}
      <Numbers {...props} />
      <Button className="limits-remove" aria-label={t('remove', { number })} onClick={() => onRemove(row.id)}>
        {t('removeShort')}
      </Button>
    </div>
  );
}

const searchedKinds = { user: 'user', user_group: 'group', service_principal: 'servicePrincipal' } as const;

function Named(props: RowProps & { kind: keyof typeof searchedKinds }) {
  const { row, kind, onChange } = props;
  const t = useLimitText();
  const errorAt = useRowError(props);
  return (
    <div className="limits-principal">
      <PrincipalField
        label={t(`principal_${kind}`)}
        kind={searchedKinds[kind]}
        error={errorAt('principal')}
        required
        value={row.principal}
        onChange={(principal) => onChange({ ...row, principal })}
      />
    </div>
  );
}
