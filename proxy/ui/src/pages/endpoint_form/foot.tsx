// What Create and Save do.
import { useState, type ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { call, path } from '../../base/api';
import { endpointsFeed } from '../../base/live';
import type { Endpoint } from '../../base/types';
import { forgetUnsaved } from '../../base/unsaved';
import { Button, LinkButton } from '../../parts/button';
import { ErrorNote } from '../../parts/states';
import { useToast } from '../../parts/toast';
import type { Json } from './draft';
import type { FormState } from './form_state';
import { planOf, type Step } from './plan';
import { ReviewDialog, type Review } from './review';
import type { Theirs } from './theirs';
import { useFormWords } from './words';

const pageOf = (name: string) => path`/ml/endpoints/${name}`;
const fieldsOfOwn = ['name', 'description', 'budget_policy_id']; // validate.ts speaks of these

/** What the endpoint has once this part was saved. */
function withPart(before: Json, part: string, after: Json): Json {
  const { [part]: _, ...others } = before;
  return part in after ? { ...others, [part]: after[part] } : others;
}

interface FootProps {
  state: FormState;
  body: Json;
  isGood: () => boolean;
  showProblems: () => void;
}

interface EditProps extends FootProps {
  endpoint: Endpoint;
  theirs: Theirs;
  children: ReactNode; // what others have done
}

function Foot({ state, note, children }: { state: FormState; note?: ReactNode; children: ReactNode }) {
  const t = useFormWords();
  const { problems, submitted } = state.context;
  return (
    <footer className="form-foot">
      {note}
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

/** Goes to the endpoint's page with everything saved. */
function useDone() {
  const say = useToast();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  return (name: string, said: string) => {
    endpointsFeed.refresh();
    void queries.invalidateQueries();
    say(said);
    forgetUnsaved();
    navigate(pageOf(name));
  };
}

export function CreateFoot({ state, body, isGood, showProblems }: FootProps) {
  const t = useFormWords();
  const [, navigate] = useLocation();
  const done = useDone();
  const [busy, setBusy] = useState(false);
  const create = async () => {
    state.setError(null);
    if (!isGood()) return;
    setBusy(true);
    try {
      const made = await call<Endpoint>('POST', '/api/2.0/serving-endpoints', { body });
      done(made.name, t('created', { name: made.name }));
    } catch (cause) {
      const { draft, schemas } = state.context;
      if (state.refuse(cause, { draft, schemas, part: 'create' })) showProblems();
      setBusy(false);
    }
  };
  return (
    <Foot state={state}>
      <Button onClick={() => navigate('/ml/endpoints')}>{t('cancel')}</Button>
      <Button type="submit" look="primary" busy={busy} onClick={() => void create()}>
        {t('create')}
      </Button>
    </Foot>
  );
}

function useSaving({ state, body, isGood, showProblems, endpoint, theirs }: EditProps) {
  const t = useFormWords();
  const say = useToast();
  const done = useDone();
  const [busy, setBusy] = useState(false);
  const [review, setReview] = useState<Review | null>(null);
  const [refused, setRefused] = useState(false); // a field has the error: it is shown when the dialog closes
  const { draft, schemas, before } = state.context;

  const begin = async () => {
    state.setError(null);
    if (!isGood() || !before) return;
    setBusy(true);
    try {
      if (await theirs.look()) {
        const plan = planOf(endpoint.name, before, body);
        const unsent = plan.unsent.filter((each) => !fieldsOfOwn.includes(each));
        if (unsent.length) state.setError(new Error(t('unsent', { names: unsent.join(', ') })));
        else if (plan.steps.length) setReview({ name: endpoint.name, before, after: body, plan });
        else say(t('nothingChanged'));
      }
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
    /** False: somebody has been faster, and nothing is sent. */
    onBegin: async () => {
      const same = await theirs.look();
      theirs.saving(same);
      if (!same) setReview(null);
      return same;
    },
    onStepDone: (step: Step, after: Json, answer: Endpoint) => {
      theirs.saved(step, answer);
      state.setBefore((now) => (now ? withPart(now, step.part, after) : now));
    },
    onRefused: (step: Step, cause: unknown) => {
      const added = step.part === 'tags' ? (step.body.add_tags as { key: string }[] | undefined) : undefined;
      const sent = { draft, schemas, part: step.part, addedTags: added?.map((each) => each.key) ?? [] };
      setRefused(state.refuse(cause, sent) !== '');
      theirs.saving(false);
      theirs.look().catch(() => {}); // saving looks again
    },
    onDone: () => done(endpoint.name, t('saved', { name: endpoint.name })),
  };
  return { busy, begin, dialog };
}

export function EditFoot(props: EditProps) {
  const { state, endpoint, theirs, children } = props;
  const t = useFormWords();
  const [, navigate] = useLocation();
  const { busy, begin, dialog } = useSaving(props);
  const undecided = theirs.changed !== null || theirs.gone;
  return (
    <Foot state={state} note={children}>
      <Button onClick={() => navigate(pageOf(endpoint.name))}>{t('cancel')}</Button>
      <Button type="submit" look="primary" busy={busy} disabled={undecided} onClick={() => void begin()}>
        {t('save')}
      </Button>
      <ReviewDialog {...dialog} />
    </Foot>
  );
}

export function ReadFoot({ name }: { name: string }) {
  const t = useFormWords();
  return (
    <footer className="form-foot">
      <div className="form-foot-row">
        <LinkButton to={pageOf(name)}>{t('toEndpoint')}</LinkButton>
      </div>
    </footer>
  );
}
