// "Select a served entity": what kind of model, and of which provider.
import { useId, useState } from 'react';
import { Button } from '../../parts/button';
import { CancelButton, Dialog } from '../../parts/dialog';
import { ProviderIcon, providerLabel } from '../../parts/provider_icon';
import { useForm } from './context';
import { useFormWords } from './words';

interface Props {
  open: boolean;
  provider: string; // chosen so far; '': none
  onClose: () => void;
  onConfirm: (provider: string) => void;
}

export function EntityDialog(props: Props) {
  const t = useFormWords();
  return (
    <Dialog title={t('dialogTitle')} open={props.open} onClose={props.onClose} asks={false}>
      {props.open && <Body {...props} />}
    </Dialog>
  );
}

function Body({ provider, onConfirm }: Props) {
  const t = useFormWords();
  const [external, setExternal] = useState(provider !== '');
  const [chosen, setChosen] = useState(provider);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        if (chosen) onConfirm(chosen);
      }}
    >
      <KindChoice external={external} onExternal={() => setExternal(true)} />
      {external && <ProviderChoice chosen={chosen} onChoose={setChosen} />}
      <div className="dialog-foot">
        <CancelButton />
        <Button type="submit" look="primary" disabled={!external || !chosen}>
          {t('confirm')}
        </Button>
      </div>
    </form>
  );
}

function KindChoice({ external, onExternal }: { external: boolean; onExternal: () => void }) {
  const t = useFormWords();
  const id = useId();
  return (
    <fieldset className="form-choices">
      <legend>{t('kind')}</legend>
      <label className="form-choice">
        <input
          type="radio"
          name={id}
          checked={external}
          autoFocus={!external}
          aria-labelledby={`${id}-external-name`}
          aria-describedby={`${id}-external`}
          onChange={onExternal}
        />
        <span>
          <span id={`${id}-external-name`}>{t('externalModel')}</span>
          <span className="hint" id={`${id}-external`}>
            {t('externalModelHint')}
          </span>
        </span>
      </label>
      <label className="form-choice" data-disabled>
        <input
          type="radio"
          name={id}
          disabled
          aria-labelledby={`${id}-foundation-name`}
          aria-describedby={`${id}-foundation`}
        />
        <span>
          <span id={`${id}-foundation-name`}>{t('foundationModel')}</span>
          <span className="hint" id={`${id}-foundation`}>
            {t('foundationReason')}
          </span>
        </span>
      </label>
    </fieldset>
  );
}

function ProviderChoice({ chosen, onChoose }: { chosen: string; onChoose: (provider: string) => void }) {
  const t = useFormWords();
  const { schemas } = useForm();
  const id = useId();
  return (
    <fieldset className="form-choices" aria-describedby={`${id}-hint`}>
      <legend>{t('provider')}</legend>
      <div className="form-providers">
        {schemas.map(({ name }) => (
          <label key={name} className="form-choice">
            <input type="radio" name={id} value={name} checked={name === chosen} onChange={() => onChoose(name)} />
            <ProviderIcon provider={name} />
            <bdi>{providerLabel(name)}</bdi>
          </label>
        ))}
      </div>
      <p className="hint" id={`${id}-hint`}>
        {t('providerHint')}
      </p>
    </fieldset>
  );
}
