// A labelled control with its hint and its error, tied together for screen readers.
import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes } from 'react';
import { usePartWords } from './words';

interface Described {
  label: string;
  hint?: ReactNode | undefined;
  error?: string | undefined;
  labelHidden?: boolean; // for screen readers only
}

interface Wiring {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
}

interface FieldProps extends Described {
  required?: boolean | undefined;
  className?: string;
  children: (wiring: Wiring) => ReactNode;
}

export function Field({ label, hint, error, required, labelHidden, className = '', children }: FieldProps) {
  const t = usePartWords();
  const id = useId();
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ');
  return (
    <div className={`field ${className}`} data-invalid={error ? true : undefined}>
      <label htmlFor={id} className={labelHidden ? 'only-read' : undefined}>
        {label}
        {required && (
          <span className="required" title={t('required')} aria-hidden="true">
            {' *'}
          </span>
        )}
      </label>
      {children({ id, 'aria-describedby': described || undefined, 'aria-invalid': error ? true : undefined })}
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p className="error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

type TextFieldProps = Described & Omit<InputHTMLAttributes<HTMLInputElement>, 'id'>;

export function TextField({ label, hint, error, labelHidden, required, className, ...input }: TextFieldProps) {
  return (
    <Field {...{ label, hint, error, required }} labelHidden={labelHidden ?? false} className={className ?? ''}>
      {(wiring) => (
        <input type="text" autoComplete="off" spellCheck={false} aria-required={required} {...input} {...wiring} />
      )}
    </Field>
  );
}

type TextAreaProps = Described & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'id'>;

export function TextArea({ label, hint, error, labelHidden, required, className, ...input }: TextAreaProps) {
  return (
    <Field {...{ label, hint, error, required }} labelHidden={labelHidden ?? false} className={className ?? ''}>
      {(wiring) => <textarea spellCheck={false} aria-required={required} {...input} {...wiring} />}
    </Field>
  );
}

type SelectFieldProps = Described & Omit<SelectHTMLAttributes<HTMLSelectElement>, 'id'>;

/** The browser's own select: it works with every keyboard, reader and phone. Give it <option>s. */
export function SelectField({ label, hint, error, labelHidden, required, className, ...select }: SelectFieldProps) {
  return (
    <Field {...{ label, hint, error, required }} labelHidden={labelHidden ?? false} className={className ?? ''}>
      {(wiring) => <select aria-required={required} {...select} {...wiring} />}
    </Field>
  );
}

interface SwitchProps {
  label: string;
  hint?: ReactNode;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}

export function Switch({ label, hint, checked, disabled, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div className="switch">
      <input
        id={id}
        type="checkbox"
        role="switch"
        checked={checked}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.target.checked)}
      />
      <label htmlFor={id}>{label}</label>
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
