// Finds users, groups and service principals by a part of their names.
import { useId, useState } from 'react';
import * as Ariakit from '@ariakit/react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTouch } from './dialog';
import { findPrincipals, type Principal, type PrincipalKind } from './principals';
import { useErrorText } from './states';
import { useSettled } from './use_settled';
import { usePartWords } from './words';
import './principal_picker.css';

interface PickerProps {
  label: string;
  kinds: readonly PrincipalKind[];
  exclude?: (found: Principal) => boolean;
  onPick: (picked: Principal) => void;
}

/** One that exists is picked; the field is empty again. */
export function PrincipalPicker({ label, kinds, exclude, onPick }: PickerProps) {
  const [text, setText] = useState('');
  const touch = useTouch();
  const pick = (picked: Principal) => {
    touch();
    setText('');
    onPick(picked);
  };
  return <Search {...{ label, kinds, exclude, text }} mostOfAKind={8} onText={setText} onPick={pick} picksOnly />;
}

interface FieldProps {
  label: string;
  kind: PrincipalKind;
  value: string;
  error?: string | undefined;
  required?: boolean;
  onChange: (name: string) => void;
}

/** A name that is typed, or chosen from those whom the caller may list. */
export function PrincipalField({ label, kind, value, error, required, onChange }: FieldProps) {
  const touch = useTouch();
  return (
    <Search
      {...{ label, error, required }}
      kinds={[kind]}
      text={value}
      mostOfAKind={20}
      onText={onChange}
      onPick={(picked) => {
        touch();
        onChange(picked.name);
      }}
    />
  );
}

interface SearchProps {
  label: string;
  kinds: readonly PrincipalKind[];
  exclude?: ((found: Principal) => boolean) | undefined;
  text: string;
  error?: string | undefined;
  required?: boolean | undefined;
  mostOfAKind: number;
  picksOnly?: boolean; // a name that nobody has is of no use
  onText: (text: string) => void;
  onPick: (picked: Principal) => void;
}

function Search(props: SearchProps) {
  const { label, kinds, exclude, text, error, required, mostOfAKind, picksOnly = false, onText, onPick } = props;
  const t = usePartWords();
  const id = useId();
  const [open, setOpen] = useState(false);
  const search = useSettled(text.trim(), 200);
  const found = useQuery({
    queryKey: ['scim', 'find', kinds.join(), search],
    queryFn: async ({ signal }) =>
      (await Promise.all(kinds.map((kind) => findPrincipals(kind, search, mostOfAKind, signal)))).flat(),
    enabled: open,
    retry: false, // who may not list types the name
    placeholderData: keepPreviousData,
  });
  const shown = (found.data ?? []).filter((each) => !exclude?.(each));
  const pick = (picked: Principal) => {
    setOpen(false);
    onPick(picked);
  };
  return (
    <Ariakit.ComboboxProvider
      open={open && (picksOnly || shown.length > 0)}
      setOpen={setOpen}
      value={text}
      setValue={onText}
    >
      <div className="field" data-invalid={error ? true : undefined}>
        <Ariakit.ComboboxLabel>
          {label}
          {required && (
            <span className="required" aria-hidden="true">
              {' *'}
            </span>
          )}
        </Ariakit.ComboboxLabel>
        <Ariakit.Combobox
          placeholder={picksOnly ? t('findPrincipal') : undefined}
          autoSelect={picksOnly}
          showOnClick
          maxLength={255}
          spellCheck={false}
          aria-required={required}
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? `${id}-error` : undefined}
          onKeyDown={(event) => {
            if (picksOnly && event.key === 'Enter') event.preventDefault(); // it picks, and sends no form
          }}
        />
        {error && (
          <p className="error" id={`${id}-error`} role="alert">
            {error}
          </p>
        )}
        <p className="only-read" role="status">
          {open && picksOnly && shown.length === 0 && !found.isFetching && !found.error ? t('noSuchPrincipal') : ''}
        </p>
      </div>
      <Ariakit.ComboboxPopover
        portal
        preserveTabOrder={false} // the focus stays in the field
        gutter={4}
        sameWidth
        className="menu principal-found"
        aria-label={label}
      >
        {shown.map((each) => (
          <Ariakit.ComboboxItem
            key={`${each.kind} ${each.id}`}
            className="menu-item"
            focusOnHover
            setValueOnClick={false}
            onClick={() => pick(each)}
          >
            <PrincipalName principal={each} />
          </Ariakit.ComboboxItem>
        ))}
        {shown.length === 0 && <Nothing error={found.error} waiting={found.isFetching} />}
      </Ariakit.ComboboxPopover>
    </Ariakit.ComboboxProvider>
  );
}

/** An option that cannot be chosen: a list must not be without any. */
function Nothing({ error, waiting }: { error: unknown; waiting: boolean }) {
  const t = usePartWords();
  const errorText = useErrorText();
  return (
    <p className="menu-note" role="option" aria-selected="false" aria-disabled="true">
      {error ? errorText(error) : t(waiting ? 'loading' : 'noSuchPrincipal')}
    </p>
  );
}

function PrincipalName({ principal }: { principal: Principal }) {
  const t = usePartWords();
  return (
    <span className="principal">
      <bdi>{principal.display}</bdi>
      <span className="muted">
        {principal.name !== principal.display && (
          <>
            <bdi>{principal.name}</bdi> ·{' '}
          </>
        )}
        {t(principal.kind)}
      </span>
    </span>
  );
}

interface ChipsProps {
  names: { id: string; name: string }[];
  onRemove: (id: string) => void;
}

/** What has been picked so far, each with a button that takes it out again. */
export function PickedChips({ names, onRemove }: ChipsProps) {
  const t = usePartWords();
  const touch = useTouch();
  const remove = (id: string) => {
    touch();
    onRemove(id);
  };
  if (names.length === 0) return null;
  return (
    <ul className="principals-picked">
      {names.map((each) => (
        <li key={each.id} className="chip still">
          <bdi>{each.name}</bdi>
          <button type="button" aria-label={t('removeName', { name: each.name })} onClick={() => remove(each.id)}>
            ✕
          </button>
        </li>
      ))}
    </ul>
  );
}
