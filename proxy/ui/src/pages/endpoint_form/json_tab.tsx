// The form as JSON. What is typed goes into the form at once; text that is broken waits until it is mended.
import { useState } from 'react';
import { Button } from '../../parts/button';
import { JsonEditor, parseJson, prettyJson } from '../../parts/json_editor';
import type { Json } from './draft';
import { isObject } from './from_request';
import { useFormWords } from './words';

export interface JsonText {
  text: string | null; // null: as the form says
  broken: string; // why it cannot be read; '': it can
  type: (text: string) => void;
  drop: () => void;
}

export function useJsonText(onChange: (body: Json) => void): JsonText {
  const t = useFormWords();
  const [text, setText] = useState<string | null>(null);
  const [broken, setBroken] = useState('');
  const type = (next: string) => {
    const parsed = parseJson(next);
    setText(next);
    if (!parsed.ok) return setBroken(parsed.message);
    if (!isObject(parsed.value)) return setBroken(t('jsonNoObject'));
    setBroken('');
    onChange(parsed.value);
  };
  const drop = () => {
    setText(null);
    setBroken('');
  };
  return { text, broken, type, drop };
}

export function JsonTab({ json, body, readOnly }: { json: JsonText; body: Json; readOnly: boolean }) {
  const t = useFormWords();
  return (
    <JsonEditor
      label={t('jsonLabel')}
      hint={t('jsonHint')}
      rows={24}
      readOnly={readOnly}
      value={json.text ?? prettyJson(body)}
      error={json.broken || undefined}
      onChange={json.type}
    />
  );
}

/** Above the form while the JSON cannot be read. */
export function BrokenJson({ json, onBack }: { json: JsonText; onBack: () => void }) {
  const t = useFormWords();
  if (!json.broken) return null;
  return (
    <div className="error-note form-note" role="alert" tabIndex={-1} data-invalid>
      <p>{t('jsonBroken', { message: json.broken })}</p>
      <div className="row">
        <Button onClick={onBack}>{t('backToJson')}</Button>
        <Button onClick={json.drop}>{t('dropJson')}</Button>
      </div>
    </div>
  );
}
