// Somebody else has changed or deleted the endpoint meanwhile: nothing is saved before the user has decided.
import { useState, type ReactNode } from 'react';
import type { Endpoint, ProviderSchema } from '../../base/types';
import { Button } from '../../parts/button';
import { CancelButton, Dialog } from '../../parts/dialog';
import { JsonDiff } from '../../parts/diff';
import { When } from '../../parts/when';
import { sameJson } from './plan';
import { savedIn, type Theirs } from './theirs';
import { useFormWords } from './words';

interface Props {
  theirs: Theirs;
  schemas: ProviderSchema[];
  onKeep: (now: Endpoint) => void;
  onTake: (now: Endpoint) => void;
  whenGone: ReactNode; // what can still be done
}

export function TheirsNote({ theirs, schemas, onKeep, onTake, whenGone }: Props) {
  const t = useFormWords();
  const [showing, setShowing] = useState(false);
  const { base, changed, gone } = theirs;
  const decide = (how: (now: Endpoint) => void) => (now: Endpoint) => {
    setShowing(false);
    how(now);
  };
  if (gone) {
    return (
      <div className="form-note form-warning">
        <p role="alert">{t('deletedMeanwhile')}</p>
        <div className="row">{whenGone}</div>
      </div>
    );
  }
  if (!changed || !base) return null;
  return (
    <div className="form-note form-warning">
      <p role="alert">
        {t('changedMeanwhile')} (<When ms={changed.last_updated_timestamp} />)
      </p>
      <div className="row">
        <Button onClick={() => setShowing(true)}>{t('showTheirs')}</Button>
        <Button onClick={() => onKeep(changed)}>{t('keepMine')}</Button>
      </div>
      <TheirsDialog
        {...{ base, changed, schemas }}
        open={showing}
        onClose={() => setShowing(false)}
        onKeep={decide(onKeep)}
        onTake={decide(onTake)}
      />
    </div>
  );
}

interface DialogProps extends Omit<Props, 'theirs' | 'whenGone'> {
  base: Endpoint;
  changed: Endpoint;
  open: boolean;
  onClose: () => void;
}

function TheirsDialog({ base, changed, schemas, open, onClose, onKeep, onTake }: DialogProps) {
  const t = useFormWords();
  const [before, after] = [savedIn(base, schemas), savedIn(changed, schemas)];
  return (
    <Dialog title={t('theirsTitle')} open={open} onClose={onClose} size="large">
      <p>{t('theirsText')}</p>
      {sameJson(before, after) ? (
        <p className="muted">{t('theirsSecret')}</p>
      ) : (
        <JsonDiff label={t('theirsTitle')} before={before} after={after} context={4} />
      )}
      <div className="dialog-foot">
        <CancelButton />
        <Button look="danger" onClick={() => onTake(changed)}>
          {t('takeTheirs')}
        </Button>
        <Button look="primary" onClick={() => onKeep(changed)}>
          {t('keepMine')}
        </Button>
      </div>
    </Dialog>
  );
}
