// The form with its tabs and its foot; what Create and Save do.
import { useMemo, useState, type ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { call, get, path } from '../../base/api';
import { endpointsFeed } from '../../base/live';
import type { Endpoint, ProviderSchema } from '../../base/types';
import { Button } from '../../parts/button';
import { ErrorNote } from '../../parts/states';
import { Tabs } from '../../parts/tabs';
import { useToast } from '../../parts/toast';
import { Form } from './context';
import type { Draft, Json } from './draft';
import { Entities } from './entities';
import { General, Notifications, Tags } from './extras';
import { useFormState, type FormState } from './form_state';
import { fromEndpoint } from './from_endpoint';
import { fromRequest, keptBy } from './from_request';
import { Gateway } from './gateway';
import { BrokenJson, JsonTab, useJsonText } from './json_tab';
import { LeaveDialog, useLeaving } from './leave';
import { planOf, sameJson } from './plan';
import { ReviewDialog, type Review } from './review';
import { toRequest } from './to_request';
import { UpdateNotes } from './update_state';
import { useFormWords } from './words';

interface Props {
  schemas: ProviderSchema[];
  initial: Draft;
  endpoint: Endpoint | null; // the one to edit
  note?: ReactNode;
}

const pageOf = (name: string) => path`/ml/endpoints/${name}`;
const fieldsOfOwn = ['name', 'description', 'budget_policy_id']; // validate.ts speaks of these

/** What the endpoint has once this part was saved. */
function withPart(before: Json, part: string, after: Json): Json {
  const { [part]: _, ...others } = before;
  return part in after ? { ...others, [part]: after[part] } : others;
}

export function FormPage({ schemas, initial, endpoint, note }: Props) {
  const t = useFormWords();
  const isKept = useMemo(() => keptBy(initial), [initial]);
  const begun = useMemo(() => toRequest(initial, schemas), [initial, schemas]);
  const state = useFormState(initial, schemas, endpoint ? begun : null);
  const [tab, setTab] = useState<'form' | 'json'>('form');
  const json = useJsonText((body) => state.replace(fromRequest(body, schemas, isKept)));
  const body = useMemo(() => toRequest(state.context.draft, schemas), [state.context.draft, schemas]);
  const leaving = useLeaving(json.broken !== '' || !sameJson(state.context.before ?? begun, body));

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
  const foot = { state, body, isGood, leaving, showProblems };
  return (
    <Form.Provider value={state.context}>
      {note}
      {endpoint && (
        <UpdateNotes endpoint={endpoint} onLoadPending={() => state.replace(fromEndpoint(endpoint, schemas, 'pending'))} />
      )}
      <form ref={state.form} className="form-page" noValidate onSubmit={(event) => event.preventDefault()}>
        <Tabs
          label={t('tabs')}
          selected={tab}
          onSelect={select}
          tabs={[
            { id: 'form', label: t('form'), content: () => <Fields {...{ json, isKept }} onBack={() => setTab('json')} /> },
            { id: 'json', label: t('json'), content: () => <JsonTab json={json} body={body} /> },
          ]}
        />
        {endpoint ? <EditFoot {...foot} endpoint={endpoint} /> : <CreateFoot {...foot} />}
      </form>
      <LeaveDialog leaving={leaving} />
    </Form.Provider>
  );
}

interface FieldsProps {
  json: ReturnType<typeof useJsonText>;
  isKept: ReturnType<typeof keptBy>;
  onBack: () => void;
}

function Fields({ json, isKept, onBack }: FieldsProps) {
  return (
    <>
      <BrokenJson json={json} onBack={onBack} />
      <fieldset className="form-all stack" disabled={json.broken !== ''}>
        <General />
        <Entities isKept={isKept} />
        <Gateway />
        <Tags />
        <Notifications />
      </fieldset>
    </>
  );
}

interface FootProps {
  state: FormState;
  body: Json;
  isGood: () => boolean;
  leaving: ReturnType<typeof useLeaving>;
  showProblems: () => void;
}

function Foot({ state, children }: { state: FormState; children: ReactNode }) {
  const t = useFormWords();
  const { problems, submitted } = state.context;
  return (
    <footer className="form-foot">
      {state.error !== null && <ErrorNote error={state.error} />}
      <div className="form-foot-row">
        <p className="form-mistakes" role="status">
          {submitted && problems.length > 0 && t('mistakes', { count: problems.length })}
        </p>
        {children}
      </div>
    </footer>
  );
}

function CreateFoot({ state, body, isGood, leaving, showProblems }: FootProps) {
  const t = useFormWords();
  const say = useToast();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const create = async () => {
    state.setError(null);
    if (!isGood()) return;
    setBusy(true);
    try {
      const made = await call<Endpoint>('POST', '/api/2.0/serving-endpoints', { body });
      endpointsFeed.refresh();
      void queries.invalidateQueries();
      say(t('created', { name: made.name }));
      leaving.go(pageOf(made.name));
    } catch (cause) {
      const { draft, schemas } = state.context;
      if (state.refuse(cause, { draft, schemas, part: 'create' })) showProblems();
      setBusy(false);
    }
  };
  return (
    <Foot state={state}>
      <Button onClick={() => leaving.ask('/ml/endpoints')}>{t('cancel')}</Button>
      <Button type="submit" look="primary" busy={busy} onClick={() => void create()}>
        {t('create')}
      </Button>
    </Foot>
  );
}

function useSaving({ state, body, isGood, leaving, showProblems }: FootProps, endpoint: Endpoint) {
  const t = useFormWords();
  const say = useToast();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [review, setReview] = useState<Review | null>(null);
  const [refused, setRefused] = useState(false); // a field has the error: it is shown when the dialog closes
  const { draft, schemas } = state.context;

  /** Compared with what the endpoint has now: others may have changed it meanwhile. */
  const begin = async () => {
    state.setError(null);
    if (!isGood()) return;
    setBusy(true);
    try {
      const now = await get<Endpoint>(path`/api/2.0/serving-endpoints/${endpoint.name}`);
      const before = toRequest(fromEndpoint(now, schemas), schemas);
      const plan = planOf(endpoint.name, before, body);
      const unsent = plan.unsent.filter((each) => !fieldsOfOwn.includes(each));
      state.setBefore(before);
      if (unsent.length) state.setError(new Error(t('unsent', { names: unsent.join(', ') })));
      else if (plan.steps.length) setReview({ name: endpoint.name, before, after: body, plan });
      else say(t('nothingChanged'));
    } catch (cause) {
      state.setError(cause);
    }
    setBusy(false);
  };
  const dialog = {
    review,
    onClose: () => {
      setReview(null);
      if (refused) setTimeout(showProblems, 100); // the dialog gives the focus back first
      setRefused(false);
    },
    onStepDone: (part: string, after: Json) => state.setBefore((now) => (now ? withPart(now, part, after) : now)),
    onRefused: (step: Review['plan']['steps'][number], cause: unknown) => {
      const added = step.part === 'tags' ? (step.body.add_tags as { key: string }[] | undefined) : undefined;
      const sent = { draft, schemas, part: step.part, addedTags: added?.map((each) => each.key) ?? [] };
      setRefused(state.refuse(cause, sent) !== '');
    },
    onDone: () => {
      endpointsFeed.refresh();
      void queries.invalidateQueries();
      say(t('saved', { name: endpoint.name }));
      leaving.go(pageOf(endpoint.name));
    },
  };
  return { busy, begin, dialog };
}

function EditFoot({ endpoint, ...foot }: FootProps & { endpoint: Endpoint }) {
  const t = useFormWords();
  const { busy, begin, dialog } = useSaving(foot, endpoint);
  const mayManage = !endpoint.permission_level || endpoint.permission_level === 'CAN_MANAGE';
  return (
    <Foot state={foot.state}>
      <Button onClick={() => foot.leaving.ask(pageOf(endpoint.name))}>{t('cancel')}</Button>
      <Button type="submit" look="primary" busy={busy} disabled={!mayManage} onClick={() => void begin()}>
        {t('save')}
      </Button>
      <ReviewDialog {...dialog} />
    </Foot>
  );
}
