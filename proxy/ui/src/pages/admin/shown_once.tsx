// A value that the gateway tells once. It is in this dialog's state only, and gone with it.
import { useState, type ReactNode } from 'react';
import { useUnsaved } from '../../base/unsaved';
import { Button } from '../../parts/button';
import { CopyButton } from '../../parts/copy_button';
import { Dialog } from '../../parts/dialog';
import { TextField } from '../../parts/field';
import { useAdminWords } from './words';

interface Value {
  label: string;
  text: string;
}

interface Props {
  title: string;
  values: Value[] | null; // null: closed. The last one is the secret
  onClose: () => void;
  children?: ReactNode;
}

export function ShownOnce({ title, values, onClose, children }: Props) {
  const t = useAdminWords();
  const [copied, setCopied] = useState(false);
  const [asked, setAsked] = useState(false);
  useUnsaved(values !== null && !copied);
  const leave = () => {
    setCopied(false);
    setAsked(false);
    onClose();
  };
  // A slip beside the dialog must not lose what nobody can read again.
  const tryToLeave = () => (copied ? leave() : setAsked(true));
  return (
    <Dialog title={title} open={values !== null} onClose={tryToLeave}>
      <p className="admin-warning">{t('onceWarning')}</p>
      {children}
      {values?.map((each, i) => (
        <OnceField
          key={each.label}
          value={each}
          first={i === values.length - 1}
          onCopied={() => {
            if (i === values.length - 1) setCopied(true);
          }}
        />
      ))}
      {asked && !copied && (
        <p className="error-note" role="alert">
          {t('onceLeave')}
        </p>
      )}
      <div className="dialog-foot">
        {asked && !copied ? (
          <Button look="danger" onClick={leave}>
            {t('closeAnyway')}
          </Button>
        ) : (
          <Button look={copied ? 'primary' : 'plain'} onClick={tryToLeave}>
            {t('done')}
          </Button>
        )}
      </div>
    </Dialog>
  );
}

function OnceField({ value, first, onCopied }: { value: Value; first: boolean; onCopied: () => void }) {
  return (
    <div className="admin-once">
      <TextField
        label={value.label}
        readOnly
        data-autofocus={first}
        value={value.text}
        onFocus={(event) => event.target.select()}
        onCopy={onCopied}
      />
      <CopyButton text={value.text} onCopied={onCopied} />
    </div>
  );
}
