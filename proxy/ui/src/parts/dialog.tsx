import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';
import * as Ariakit from '@ariakit/react';
import { useUnsaved } from '../base/unsaved';
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
  lasting?: boolean; // nothing but its own buttons closes it, and what is behind it is out of sight
  asks?: boolean; // before it closes or the page is left: what was typed here would be lost
}

const Inside = createContext({ leave: () => {}, touch: () => {} });

/** For what changes something without an input event: a choice from a list, a row that is removed. */
export const useTouch = (): (() => void) => useContext(Inside).touch;

/** Focus goes in and comes back; Escape closes. Its content exists only while it is open. */
export function Dialog({ title, open, onClose, children, footer, size = 'small', modal = true, lasting = false, asks = true }: DialogProps) {
  const t = usePartWords();
  const [typed, setTyped] = useState(false);
  useEffect(() => setTyped(false), [open]);
  const guards = asks && open && typed;
  const askFirst = useUnsaved(guards);
  const leave = () => askFirst(onClose);
  const touch = () => setTyped(true);
  /** False: Ariakit does not hide it, not even until the question is there, which would take the focus along. */
  const hides = () => {
    if (guards) leave();
    return !guards && !lasting;
  };
  return (
    <Ariakit.Dialog
      open={open}
      onClose={onClose}
      modal={modal}
      unmountOnHide
      hideOnEscape={hides}
      hideOnInteractOutside={hides}
      className={`dialog ${size}`}
      backdrop={modal ? <div className={`backdrop ${lasting ? 'opaque' : ''}`} /> : false}
    >
      <header className="dialog-head">
        <Ariakit.DialogHeading className="dialog-title">{title}</Ariakit.DialogHeading>
        {!lasting && (
          <Ariakit.DialogDismiss
            className="button quiet"
            aria-label={t('close')}
            onClick={(event) => {
              if (!hides()) event.preventDefault();
            }}
          >
            ✕
          </Ariakit.DialogDismiss>
        )}
      </header>
      <div className="dialog-body" onInput={touch}>
        <Inside value={{ leave, touch }}>{children}</Inside>
      </div>
      {footer && <footer className="dialog-foot">{footer}</footer>}
    </Ariakit.Dialog>
  );
}

/** Of the dialog that it stands in. */
export function CancelButton() {
  const t = usePartWords();
  return <Button onClick={useContext(Inside).leave}>{t('cancel')}</Button>;
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
  return (
    <Dialog {...props} asks={false}>
      {props.open && <ConfirmBody {...props} />}
    </Dialog>
  );
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
        <CancelButton />
        <Button type="submit" look="danger" busy={busy} disabled={name !== undefined && typed !== name}>
          {action}
        </Button>
      </div>
    </form>
  );
}
