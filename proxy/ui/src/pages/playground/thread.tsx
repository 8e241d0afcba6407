// The turns of the conversation: the user's message, then the answers side by side.
import { memo } from 'react';
import { Button } from '../../parts/button';
import { CopyButton } from '../../parts/copy_button';
import { AnswerText, FaultNote, useFaultText, useRunFacts } from '../../query/answer_view';
import { isOver, type Run } from '../../query/ask';
import { useAnswerWords } from '../../query/words';
import { isBusy, servedBy, type Chat, type Column, type Reply, type Turn } from './chat';
import { usePlaygroundWords } from './words';

interface Acts {
  onRetry: (turn: number, column: number) => void;
  onStop: (turn: number, column: number) => void;
  onEdit: () => void;
}

export function Thread({ chat, editable, ...acts }: { chat: Chat; editable: boolean } & Acts) {
  return (
    <ol className="playground-turns">
      {chat.turns.map((turn, i) => {
        const isLast = i === chat.turns.length - 1;
        return (
          <TurnRow key={turn.id} turn={turn} columns={chat.columns} isLast={isLast} editable={isLast && editable} {...acts} />
        );
      })}
    </ol>
  );
}

interface RowProps extends Acts {
  turn: Turn;
  columns: Column[];
  isLast: boolean;
  editable: boolean;
}

const TurnRow = memo(function TurnRow({ turn, columns, isLast, editable, onEdit, onRetry, onStop }: RowProps) {
  const t = usePlaygroundWords();
  return (
    <li className="playground-turn">
      <div className="playground-user">
        <span className="only-read">{t('you')}: </span>
        <div className="answer-text" dir="auto">
          {turn.user}
        </div>
        {editable && (
          <Button look="quiet" aria-label={t('editLast')} onClick={onEdit}>
            {t('edit')}
          </Button>
        )}
      </div>
      <div className={`playground-replies of-${columns.length}`}>
        {columns.map(({ id }) => (
          <ReplyCard
            key={id}
            reply={turn.replies[id]}
            onRetry={isLast ? () => onRetry(turn.id, id) : undefined}
            onStop={() => onStop(turn.id, id)}
          />
        ))}
      </div>
    </li>
  );
});

interface CardProps {
  reply: Reply | undefined;
  onRetry: (() => void) | undefined;
  onStop: () => void;
}

function ReplyCard({ reply, onRetry, onStop }: CardProps) {
  const t = usePlaygroundWords();
  const answerText = useAnswerWords();
  if (!reply) return <p className="hint playground-reply">{t('notAsked')}</p>;
  const { run, endpoint } = reply;
  const busy = isBusy(reply);
  return (
    <article className="card playground-reply" aria-label={endpoint} data-busy={busy || undefined}>
      <header className="playground-reply-head">
        <bdi>{endpoint}</bdi>
      </header>
      {!run || run.phase === 'waiting' ? (
        <p className="hint">{answerText('waiting')}</p>
      ) : (
        <AnswerText answer={run.answer} quietWhenEmpty={run.phase !== 'done'} />
      )}
      {run && <FaultNote run={run} />}
      <footer className="playground-reply-foot">
        {run && <Facts run={run} />}
        <div className="actions">
          {busy && (
            <Button look="quiet" aria-label={t('stopNamed', { name: endpoint })} onClick={onStop}>
              {t('stop')}
            </Button>
          )}
          {!busy && onRetry && (
            <Button look="quiet" aria-label={t('retryNamed', { name: endpoint })} onClick={onRetry}>
              {t('retry')}
            </Button>
          )}
          {!busy && run?.answer.texts[0] && (
            <CopyButton text={run.answer.texts[0]} label={t('copyAnswer', { name: endpoint })} />
          )}
        </div>
      </footer>
    </article>
  );
}

function Facts({ run }: { run: Run }) {
  const t = useAnswerWords();
  const facts = useRunFacts(run);
  const served = servedBy(run);
  return (
    <dl className="playground-facts">
      {run.phase === 'stopped' && (
        <div>
          <dt className="only-read">{t('endedBy')}</dt>
          <dd>{t('stopped')}</dd>
        </div>
      )}
      {[...facts, ...(served ? [{ name: t('servedBy'), value: served }] : [])].map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}

const mostSaid = 600; // of one answer; who wants more reads it

/** For screen readers: each answer once, when it has ended. */
export function Announcements({ chat }: { chat: Chat }) {
  const t = usePlaygroundWords();
  const faultText = useFaultText();
  const last = chat.turns.at(-1);
  const ended = chat.columns.flatMap(({ id }) => {
    const reply = last?.replies[id];
    return reply?.run && isOver(reply.run) ? [{ id, name: reply.endpoint, run: reply.run }] : [];
  });
  const sentence = (name: string, run: Run) => {
    if (run.phase === 'stopped') return t('stoppedSaying', { name });
    if (run.fault) return t('failed', { name, text: faultText(run.fault).slice(0, mostSaid) });
    return t('answered', { name, text: (run.answer.texts[0] ?? '').slice(0, mostSaid) });
  };
  return (
    <div className="only-read" role="log" aria-live="polite" aria-label={t('announcements')}>
      {ended.map(({ id, name, run }) => (
        <p key={`${last!.id}/${id}/${run.startedMs}`}>{sentence(name, run)}</p>
      ))}
    </div>
  );
}
