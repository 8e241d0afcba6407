// Names a principal: chosen from those whom the caller may list, or typed.
import { useEffect, useId, useState } from 'react';
import * as Ariakit from '@ariakit/react';
import { useQuery } from '@tanstack/react-query';
import type { PrincipalKind } from './grants';
import { findPrincipals } from './principals';

const askAfterMs = 200;

interface Props {
  label: string;
  kind: PrincipalKind;
  value: string;
  error?: string | undefined;
  onChange: (name: string) => void;
}

function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), askAfterMs);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

export function PrincipalPicker({ label, kind, value, error, onChange }: Props) {
  const id = useId();
  const [wanted, setWanted] = useState(false); // shown only while there is something to choose from
  const text = useSettled(value.trim());
  const found = useQuery({
    queryKey: ['principals', kind, text],
    queryFn: ({ signal }) => findPrincipals(kind, text, signal),
    enabled: wanted,
    retry: false, // who may not list types the name
    placeholderData: (last) => last,
  });
  const choices = found.data ?? [];
  return (
    <div className="field permission-name" data-invalid={error ? true : undefined}>
      <Ariakit.ComboboxProvider
        value={value}
        setValue={onChange}
        open={wanted && choices.length > 0}
        setOpen={setWanted}
      >
        <Ariakit.ComboboxLabel className="permission-label">{label}</Ariakit.ComboboxLabel>
        <Ariakit.Combobox
          className="permission-input"
          autoSelect={false}
          spellCheck={false}
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? `${id}-error` : undefined}
        />
        <Ariakit.ComboboxPopover className="menu permission-choices" gutter={4} sameWidth portal>
          {choices.map((each) => (
            <Ariakit.ComboboxItem key={each.name} className="menu-item" value={each.name}>
              <bdi>{each.name}</bdi>
              {each.label && (
                <span className="muted">
                  {' '}
                  <bdi>{each.label}</bdi>
                </span>
              )}
            </Ariakit.ComboboxItem>
          ))}
        </Ariakit.ComboboxPopover>
      </Ariakit.ComboboxProvider>
      {error && (
        <p className="error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
