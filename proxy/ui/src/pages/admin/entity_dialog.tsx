// A form in a dialog: it sends, stays open when the gateway refuses, and says at which field.
import { useState, type ReactNode } from 'react';
import { ApiError } from '../../base/api';
import { Button } from '../../parts/button';
import { CancelButton, Dialog } from '../../parts/dialog';
import { ErrorNote } from '../../parts/states';

interface Props {
  title: string;
  open: boolean;
  onClose: () => void;
  action: string; // what the button says
  fields: readonly string[]; // names that the gateway's messages may have: 'userName' …
  /** A text is what is wrong before anything is sent; it is shown above the footer. */
  onSubmit: () => Promise<unknown>;
  children: (errorAt: (field: string) => string | undefined) => ReactNode;
  size?: 'small' | 'large';
}

/** The field that a message names in quotes, as the gateway does: "'displayName' must …" */
export function fieldNamed(error: unknown, fields: readonly string[]): string | undefined {
  if (!(error instanceof ApiError) || error.status === 0) return undefined;
  return fields.find((name) => new RegExp(`'${name}(?:[.[][^']*)?'`).test(error.message));
}

/** Thrown by onSubmit when a field is wrong before anything is sent. */
export class FieldError extends Error {
  constructor(
    readonly field: string,
    message: string,
  ) {
    super(message);
  }
}

export function EntityDialog(props: Props) {
  return (
    <Dialog title={props.title} open={props.open} onClose={props.onClose} size={props.size ?? 'small'}>
      {props.open && <Form {...props} />}
    </Dialog>
  );
}

function Form({ action, fields, onSubmit, children }: Props) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const at = error instanceof FieldError ? error.field : fieldNamed(error, fields);
  const submit = async () => {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      await onSubmit();
    } catch (cause) {
      setError(cause);
    }
    setBusy(false);
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        void submit();
      }}
    >
      {children((field) => (field === at && error instanceof Error ? error.message : undefined))}
      {error !== null && at === undefined && <ErrorNote error={error} />}
      <div className="dialog-foot">
        <CancelButton />
        <Button type="submit" look="primary" busy={busy}>
          {action}
        </Button>
      </div>
    </form>
  );
}
