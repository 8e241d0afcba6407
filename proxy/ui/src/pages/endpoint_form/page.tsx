// The form with its tabs and its foot.
import { useMemo, useState, type ReactNode } from 'react';
import type { Endpoint, ProviderSchema } from '../../base/types';
import { useUnsaved } from '../../base/unsaved';
import { Button } from '../../parts/button';
import { CopyButton } from '../../parts/copy_button';
import { prettyJson } from '../../parts/json_editor';
import { Tabs } from '../../parts/tabs';
import { Form } from './context';
import type { Draft } from './draft';
import { Entities } from './entities';
import { General, Notifications, Tags } from './extras';
import { CreateFoot, EditFoot, ReadFoot } from './foot';
import { useFormState } from './form_state';
import { fromEndpoint } from './from_endpoint';
import { fromRequest, keptBy } from './from_request';
import { Gateway } from './gateway';
import { BrokenJson, JsonTab, useJsonText } from './json_tab';
import { sameJson } from './plan';
import { savedIn, useTheirs } from './theirs';
import { TheirsNote } from './theirs_note';
import { dropPlaintext, toRequest } from './to_request';
import { mayChange, UpdateNotes } from './update_state';
import { useFormWords } from './words';

interface Props {
  schemas: ProviderSchema[];
  initial: Draft;
  endpoint: Endpoint | null; // the one to edit
  typed?: boolean; // what it begins with would be lost
  onAgain?: ((draft: Draft) => void) | undefined; // the endpoint was deleted; absent: the user may create none
  note?: ReactNode;
}

export function FormPage({ schemas, initial, endpoint, typed = false, onAgain, note }: Props) {
  const t = useFormWords();
  const theirs = useTheirs(endpoint, schemas);
  const { base } = theirs;
  const isKept = useMemo(() => keptBy(base ? fromEndpoint(base, schemas) : initial), [base, schemas, initial]);
  const begun = useMemo(() => toRequest(initial, schemas), [initial, schemas]);
  const state = useFormState(initial, schemas, endpoint ? begun : null);
  const [tab, setTab] = useState<'form' | 'json'>('form');
  const json = useJsonText((body) => state.replace(fromRequest(body, schemas, isKept)));
  const body = useMemo(() => toRequest(state.context.draft, schemas), [state.context.draft, schemas]);
  const askFirst = useUnsaved(typed || json.broken !== '' || !sameJson(state.context.before ?? begun, body));
  const readOnly = endpoint !== null && !mayChange(endpoint);

  const select = (next: 'form' | 'json') => {
    if (!json.broken) json.drop();
    setTab(next);
  };
  /** What is wrong is shown in the form. */
  const showProblems = () => {
    state.setSubmitted(true);
    setTab('form');
    state.focusFirstProblem();
  };
  const isGood = () => {
    if (!json.broken && state.context.problems.length === 0) return true;
    showProblems();
    return false;
  };
  const keepMine = (now: Endpoint) => {
    theirs.accept(now);
    state.setBefore(savedIn(now, schemas));
  };
  const takeTheirs = (now: Endpoint) => {
    keepMine(now);
    json.drop();
    state.replace(fromEndpoint(now, schemas));
  };
  const loadPending = (failed: Endpoint) => {
    json.drop();
    state.replace(fromEndpoint(failed, schemas, 'pending'));
  };
  const foot = { state, body, isGood, showProblems };
  const whenGone = (
    <>
      <CopyButton text={() => (json.broken ? (json.text ?? '') : prettyJson(dropPlaintext(body)))}>{t('copyAsJson')}</CopyButton>
      {onAgain && (
        <Button onClick={() => (json.broken ? showProblems() : onAgain(state.context.draft))}>{t('createAgain')}</Button>
      )}
    </>
  );
  return (
    <Form.Provider value={state.context}>
      {note}
      {endpoint && (
        <UpdateNotes endpoint={endpoint} onLoadPending={() => askFirst(() => loadPending(endpoint), 'replace')} />
      )}
      <form ref={state.form} className="form-page" noValidate onSubmit={(event) => event.preventDefault()}>
        <Tabs
          label={t('tabs')}
          selected={tab}
          onSelect={select}
          tabs={[
            {
              id: 'form',
              label: t('form'),
              content: () => <Fields {...{ json, isKept, readOnly }} onBack={() => setTab('json')} />,
            },
            { id: 'json', label: t('json'), content: () => <JsonTab json={json} body={body} readOnly={readOnly} /> },
          ]}
        />
        {!endpoint ? (
          <CreateFoot {...foot} />
        ) : readOnly ? (
          <ReadFoot name={endpoint.name} />
        ) : (
          <EditFoot {...foot} endpoint={endpoint} theirs={theirs}>
            <TheirsNote {...{ theirs, schemas }} onKeep={keepMine} onTake={takeTheirs} whenGone={whenGone} />
          </EditFoot>
        )}
      </form>
    </Form.Provider>
  );
}

interface FieldsProps {
  json: ReturnType<typeof useJsonText>;
  isKept: ReturnType<typeof keptBy>;
  readOnly: boolean;
  onBack: () => void;
}

function Fields({ json, isKept, readOnly, onBack }: FieldsProps) {
  const disabled = json.broken !== '' || readOnly;
  return (
    <>
      <BrokenJson json={json} onBack={onBack} />
      <fieldset className={`form-all stack ${readOnly ? 'read-only' : ''}`} disabled={disabled}>
        <General />
        <Entities isKept={isKept} />
        <Gateway />
        <Tags />
        <Notifications />
      </fieldset>
    </>
  );
}
