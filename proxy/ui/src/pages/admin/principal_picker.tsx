// Finds users, groups and service principals by a part of their names.
import { useState } from 'react';
import * as Ariakit from '@ariakit/react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useErrorText } from '../../parts/states';
import { usePartWords } from '../../parts/words';
import { useSettled } from './paged';
import { listScim, nameOf, type Group, type Person, type PrincipalKind } from './scim';
import { useAdminWords } from './words';

export interface Principal {
  kind: PrincipalKind;
  id: string;
  name: string; // what the API knows it by
  display: string;
}

interface Props {
  label: string;
  kinds: readonly PrincipalKind[];
  exclude?: (found: Principal) => boolean;
  onPick: (picked: Principal) => void;
}

const mostOfAKind = 8;

async function find(kind: PrincipalKind, search: string, signal: AbortSignal): Promise<Principal[]> {
  const attributes = 'userName,applicationId,displayName';
  const page = await listScim<Person & Group>(kind, { search, count: mostOfAKind, attributes }, undefined, signal);
  return page.rows.map((each) => {
    const name = kind === 'group' ? each.displayName : nameOf(each);
    return { kind, id: each.id, name, display: each.displayName || name };
  });
}

export function PrincipalPicker({ label, kinds, exclude, onPick }: Props) {
  const t = useAdminWords();
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const search = useSettled(text, 150);
  const found = useQuery({
    queryKey: ['scim', 'find', kinds.join(), search],
    queryFn: async ({ signal }) => (await Promise.all(kinds.map((kind) => find(kind, search, signal)))).flat(),
    enabled: open,
    placeholderData: keepPreviousData,
  });
  const shown = (found.data ?? []).filter((each) => !exclude?.(each));
  const pick = (picked: Principal) => {
    setText('');
    setOpen(false);
    onPick(picked);
  };
  return (
    <Ariakit.ComboboxProvider open={open} setOpen={setOpen} value={text} setValue={setText}>
      <div className="field">
        <Ariakit.ComboboxLabel>{label}</Ariakit.ComboboxLabel>
        <Ariakit.Combobox
          placeholder={t('findPrincipal')}
          autoSelect
          showOnClick
          maxLength={255}
          onKeyDown={(event) => {
            if (event.key === 'Enter') event.preventDefault(); // it picks, and sends no form
          }}
        />
      </div>
      <Ariakit.ComboboxPopover portal gutter={4} sameWidth className="menu admin-found" aria-label={label}>
        {shown.map((each) => (
          <Ariakit.ComboboxItem
            key={each.id}
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

function Nothing({ error, waiting }: { error: unknown; waiting: boolean }) {
  const t = useAdminWords();
  const p = usePartWords();
  const errorText = useErrorText();
  return <p className="menu-note">{error ? errorText(error) : waiting ? p('loading') : t('noSuchPrincipal')}</p>;
}

export function PrincipalName({ principal }: { principal: Principal }) {
  const t = useAdminWords();
  return (
    <span className="admin-principal">
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
  const t = useAdminWords();
  if (names.length === 0) return null;
  return (
    <ul className="admin-picked">
      {names.map((each) => (
        <li key={each.id} className="chip still">
          <bdi>{each.name}</bdi>
          <button type="button" aria-label={t('removeName', { name: each.name })} onClick={() => onRemove(each.id)}>
            ✕
          </button>
        </li>
      ))}
    </ul>
  );
}
