import { useState, type KeyboardEvent, type RefObject } from 'react';
import { useUnsaved } from '../../base/unsaved';
import { Button } from '../../parts/button';
import { TextArea } from '../../parts/field';
import { usePlaygroundWords } from './words';

/** Enter that sends: not the one that only ends the composition of a Korean syllable. */
export function sends(event: Pick<KeyboardEvent, 'key' | 'shiftKey' | 'nativeEvent' | 'keyCode'>): boolean {
  const composes = event.nativeEvent.isComposing || event.keyCode === 229; // Safari says only the latter
  return event.key === 'Enter' && !event.shiftKey && !composes;
}

interface Props {
  box: RefObject<HTMLDivElement | null>; // to find the field, for the focus
  editing: boolean; // the text is that of the last message
  first: string; // what the field begins with
  busy: boolean;
  ready: boolean; // endpoints and settings are such that it can be sent
  onText: (text: string) => void; // what the field has now
  onSend: (text: string) => void;
  onStop: () => void;
  onCancelEdit: () => void;
}

export function Composer({ box, editing, first, busy, ready, onText, onSend, onStop, onCancelEdit }: Props) {
  const t = usePlaygroundWords();
  const [text, setText] = useState(first);
  const askFirst = useUnsaved(text.trim() !== '' && (!editing || text !== first), { inPage: true });
  const put = (next: string) => {
    setText(next);
    onText(next);
  };
  const maySend = !busy && ready && text.trim() !== '';
  const send = () => {
    if (!maySend) return;
    put('');
    onSend(text);
  };
  const onKey = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (sends(event)) {
      event.preventDefault();
      send();
    } else if (event.key === 'Escape' && editing) {
      askFirst(onCancelEdit);
    }
  };
  return (
    <div className="playground-composer" ref={box}>
      {editing && (
        <div className="row">
          <p className="hint">{t('editing')}</p>
          <Button look="quiet" onClick={() => askFirst(onCancelEdit)}>
            {t('cancelEdit')}
          </Button>
        </div>
      )}
      <div className="playground-input">
        <TextArea
          label={t('message')}
          labelHidden
          hint={t('keys')}
          placeholder={t('placeholder')}
          rows={2}
          dir="auto"
          autoFocus
          value={text}
          onChange={(event) => put(event.target.value)}
          onKeyDown={onKey}
        />
        {/* One button in two roles: the focus stays on it. */}
        <Button
          look={busy ? 'danger' : 'primary'}
          className="playground-send"
          disabled={!busy && !maySend}
          onClick={busy ? onStop : send}
        >
          {busy ? t('stopAll') : t('send')}
        </Button>
      </div>
    </div>
  );
}
