// What will change, and how the calls that change it fare.
import { useState } from 'react';
import { ApiError, call } from '../../base/api';
import type { Endpoint } from '../../base/types';
import { Button } from '../../parts/button';
import { Chip, type Tone } from '../../parts/chips';
import { CancelButton, Dialog } from '../../parts/dialog';
import { JsonDiff } from '../../parts/diff';
import { ErrorNote } from '../../parts/states';
import type { Json } from './draft';
import type { Plan, Step } from './plan';
import { withoutPlaintext } from './to_request';
import { CancelUpdate } from './update_state';
import { useFormWords } from './words';

export interface Review {
  name: string;
  before: Json;
  after: Json;
  plan: Plan;
}

type Fate = 'partWaits' | 'partRuns' | 'partDone' | 'partFailed' | 'partNotTried';
const tones: Record<Fate, Tone> = {
  partWaits: 'still',
  partRuns: 'busy',
  partDone: 'good',
  partFailed: 'bad',
  partNotTried: 'still',
};

interface Props {
  review: Review | null;
  onClose: () => void;
  onBegin: () => Promise<boolean>; // false: nothing may be sent
  onStepDone: (step: Step, after: Json, answer: Endpoint) => void;
  onDone: () => void;
  onRefused: (step: Step, cause: unknown) => void;
}

export function ReviewDialog(props: Props) {
  const t = useFormWords();
  return (
    <Dialog title={t('reviewTitle')} open={props.review !== null} onClose={props.onClose} size="large">
      {props.review && <Body {...props} review={props.review} />}
    </Dialog>
  );
}

/** Sends the calls one after the other; the first that fails is the last. */
function useSending({ review, onBegin, onStepDone, onDone, onRefused }: Props & { review: Review }) {
  const { steps } = review.plan;
  const [fates, setFates] = useState<Fate[]>(() => steps.map(() => 'partWaits'));
  const [error, setError] = useState<unknown>(null);
  const mark = (from: number, fate: Fate, to = from + 1) =>
    setFates((now) => now.map((each, i) => (i >= from && i < to ? fate : each)));
  const [asking, setAsking] = useState(false);
  const send = async () => {
    setError(null);
    setAsking(true);
    try {
      if (!(await onBegin())) return;
    } catch (cause) {
      return setError(cause);
    } finally {
      setAsking(false);
    }
    for (const [i, step] of steps.entries()) {
      if (fates[i] === 'partDone') continue;
      mark(i, 'partRuns');
      let answer: Endpoint; // or the part of it that was sent
      try {
        answer = await call<Endpoint>(step.method, step.path, { body: step.body });
      } catch (cause) {
        mark(i, 'partFailed');
        mark(i + 1, 'partNotTried', steps.length);
        setError(cause);
        return onRefused(step, cause);
      }
      mark(i, 'partDone');
      onStepDone(step, review.after, answer);
    }
    onDone();
  };
  return { fates, error, send, busy: asking || fates.includes('partRuns') };
}

const partWords = {
  config: 'config',
  ai_gateway: 'ai_gateway',
  tags: 'tagsPart',
  email_notifications: 'email_notifications',
} as const;

function Body(props: Props & { review: Review }) {
  const t = useFormWords();
  const { review } = props;
  const { fates, error, send, busy } = useSending(props);
  const parts = review.plan.steps.map((each) => each.part);
  const only = (from: Json) =>
    withoutPlaintext(Object.fromEntries(parts.flatMap((part) => (part in from ? [[part, from[part]]] : []))));
  const conflict = error instanceof ApiError && error.status === 409;
  return (
    <>
      <JsonDiff label={t('reviewBefore', { name: review.name })} before={only(review.before)} after={only(review.after)} />
      <p>{t('reviewCalls')}</p>
      <ol className="form-steps">
        {review.plan.steps.map((step, i) => (
          <li key={step.part}>
            <span>{t(partWords[step.part])}</span>
            <Chip tone={tones[fates[i]!]}>{t(fates[i]!)}</Chip>
          </li>
        ))}
      </ol>
      {error !== null && <ErrorNote error={error} />}
      {error !== null && fates.includes('partDone') && <p className="hint">{t('someSaved')}</p>}
      <div className="dialog-foot">
        {conflict && <CancelUpdate name={review.name} />}
        <CancelButton />
        <Button look="primary" busy={busy} onClick={() => void send()}>
          {t('apply')}
        </Button>
      </div>
    </>
  );
}
