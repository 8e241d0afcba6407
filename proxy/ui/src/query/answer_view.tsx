// The answer of one query as text, and its numbers. What a model says is never HTML.
import { useLanguage } from '../base/text';
import { wholeNumber } from '../base/time';
import type { Answer } from './answer';
import { firstTokenMs, isOver, latencyMs, type Fault, type Run } from './ask';
import { duration, tokenRate } from './timing';
import { useAnswerWords } from './words';
import './answer.css';

export function AnswerText({ answer, quietWhenEmpty }: { answer: Answer; quietWhenEmpty: boolean }) {
  const t = useAnswerWords();
  const { texts, reasoning, calls, vectors } = answer;
  const isEmpty = !texts.length && !reasoning && !calls.length && !vectors;
  return (
    <div className="answer">
      {reasoning && (
        <details className="answer-reasoning">
          <summary>{t('thinking')}</summary>
          <div className="answer-text" dir="auto">
            {reasoning}
          </div>
        </details>
      )}
      {texts.map((text, i) => (
        <div key={i}>
          {texts.length > 1 && <p className="hint">{t('choice', { number: i + 1 })}</p>}
          <div className="answer-text" dir="auto">
            {text}
          </div>
        </div>
      ))}
      {calls.map((call, i) => (
        <div key={i} className="answer-call">
          <p className="hint">
            <bdi>{t('call', { name: call.name })}</bdi>
          </p>
          <code className="answer-text">{call.args}</code>
        </div>
      ))}
      {vectors && <VectorsText vectors={vectors} />}
      {isEmpty && !quietWhenEmpty && <p className="hint">{t('empty')}</p>}
    </div>
  );
}

function VectorsText({ vectors }: { vectors: NonNullable<Answer['vectors']> }) {
  const t = useAnswerWords();
  const { count, dimensions, first } = vectors;
  if (dimensions === null) return <p>{t('vectorsCoded', { count })}</p>;
  return (
    <>
      <p>{t('vectors', { count, dimensions })}</p>
      <code className="answer-text">
        [{first.join(', ')}
        {dimensions > first.length && ', …'}]
      </code>
    </>
  );
}

export function useFaultText(): (fault: Fault) => string {
  const t = useAnswerWords();
  return (fault) => (fault.kind === 'said' ? fault.message : t(fault.kind));
}

/** No role=alert: in a chat of several models they would talk over each other. */
export function FaultNote({ run }: { run: Run }) {
  const faultText = useFaultText();
  if (!run.fault) return null;
  const code = run.fault.kind === 'said' ? run.fault.code : '';
  const title = [run.status || '', code].filter(Boolean).join(' ');
  return (
    <div className="error-note">
      {title && <p className="answer-code">{title}</p>}
      <p dir="auto">{faultText(run.fault)}</p>
    </div>
  );
}

/** Each number of the run with its name; those of the future are dashes, so that nothing jumps when they come. */
export function useRunFacts(run: Run): { name: string; value: string }[] {
  const t = useAnswerWords();
  const { language } = useLanguage();
  const time = (ms: number | null) => (ms === null ? '–' : duration(ms, language));
  const usage = run.answer.usage;
  const number = (n: number) => wholeNumber(n, language);
  const rate = run.streamed ? tokenRate(usage?.output ?? null, run.firstMs, run.endedMs) : null;
  const tokens = () => {
    if (!usage) return isOver(run) ? t('tokensUnknown') : '–';
    const { input, output } = usage;
    if (input === null) return output === null ? t('tokensUnknown') : number(output);
    if (output === null) return t('inOnly', { input: number(input) });
    return t('inOut', { input: number(input), output: number(output) });
  };
  return [
    { name: t('latency'), value: time(latencyMs(run)) },
    ...(run.streamed ? [{ name: t('firstToken'), value: time(firstTokenMs(run)) }] : []),
    { name: t('tokens'), value: tokens() + (rate === null ? '' : ` · ${t('rate', { rate: rate.toFixed(1) })}`) },
    ...(run.answer.finish ? [{ name: t('endedBy'), value: run.answer.finish }] : []),
  ];
}
