import { useState, type ReactNode } from 'react';
import * as Ariakit from '@ariakit/react';
import { Button } from './button';
import { TextField } from './field';
import { ErrorNote } from './states';
import { usePartWords } from './words';

interface DialogProps {
  title: string;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
  footer?: ReactNode;
  size?: 'small' | 'large' | 'drawer'; // drawer: at the right edge, as high as the window
  modal?: boolean;
}

/** Focus goes in and comes back; Escape closes. Its content exists only while it is open. */
export function Dialog({ title, open, onClose, children, footer, size = 'small', modal = true }: DialogProps) {
  const t = usePartWords();
  return (
    <Ariakit.Dialog
      open={open}
      onClose={onClose}
      modal={modal}
      unmountOnHide
      className={`dialog ${size}`}
      backdrop={modal ? <div className="backdrop" /> : false}
    >
      <header className="dialog-head">
        <Ariakit.DialogHeading className="dialog-title">{title}</Ariakit.DialogHeading>
        <Ariakit.DialogDismiss className="button quiet" aria-label={t('close')}>
          ✕
        </Ariakit.DialogDismiss>
      </header>
      <div className="dialog-body">{children}</div>
      {footer && <footer className="dialog-foot">{footer}</footer>}
    </Ariakit.Dialog>
  );
}

interface ConfirmProps {
  title: string;
  open: boolean;
  onClose: () => void;
  action: string; // what the button says
  onConfirm: () => Promise<unknown>; // the dialog closes when it is done and shows the error when it fails
  name?: string; // must be typed first: for what cannot be undone
  children: ReactNode;
}

export function ConfirmDialog(props: ConfirmProps) {
  return <Dialog {...props}>{props.open && <ConfirmBody {...props} />}</Dialog>;
}

function ConfirmBody({ onClose, action, onConfirm, name, children }: ConfirmProps) {
  const t = usePartWords();
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const confirm = async () => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (cause) {
      setError(cause);
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void confirm();
      }}
    >
      {children}
      {name !== undefined && (
        <TextField label={t('typeToConfirm', { name })} value={typed} onChange={(e) => setTyped(e.target.value)} />
      )}
      {error !== null && <ErrorNote error={error} />}
      <div className="dialog-foot">
        <Button onClick={onClose}>{t('cancel')}</Button>
        <Button type="submit" look="danger" busy={busy} disabled={name !== undefined && typed !== name}>
          {action}
        </Button>
      </div>
    </form>
  );
}
