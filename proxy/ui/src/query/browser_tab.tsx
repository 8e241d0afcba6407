// The request as JSON and its answer as it comes.
import { useMemo } from 'react';
import { makeWords } from '../base/text';
import type { Endpoint } from '../base/types';
import { Button } from '../parts/button';
import { Chip } from '../parts/chips';
import { CopyButton } from '../parts/copy_button';
import { SelectField, Switch } from '../parts/field';
import { JsonEditor, parseJson, prettyJson } from '../parts/json_editor';
import { AnswerText, FaultNote, useRunFacts } from './answer_view';
import { isOver, type Run } from './ask';
import { canStream, entitiesOf, exampleFor, queryPath, taskOf, withStream, type Body } from './tasks';
import type { Asking } from './use_ask';
import { useAnswerWords } from './words';

const useText = makeWords({
  en: {
    request: 'Request',
    requestHint: 'JSON. Control and Enter send it.',
    notAnObject: 'The request must be a JSON object.',
    example: 'Show example',
    entity: 'Served entity',
    byTraffic: 'As the traffic is split',
    stream: 'Stream',
    send: 'Send request',
    stop: 'Stop',
    response: 'Response',
    none: 'The answer will be shown here.',
    text: 'Text',
    events: 'Events',
    body: 'Body',
    headers: 'Headers',
    stopped: 'Stopped',
    status: 'Status',
    left: '{count} characters before this are not shown. Copy has them all.',
  },
  ko: {
    request: '요청',
    requestHint: 'JSON 형식입니다. Ctrl+Enter로 보냅니다.',
    notAnObject: '요청은 JSON 객체여야 합니다.',
    example: '예제 표시',
    entity: '제공된 엔터티',
    byTraffic: '트래픽 분할에 따름',
    stream: '스트림',
    send: '요청 보내기',
    stop: '중지',
    response: '응답',
    none: '응답이 여기에 표시됩니다.',
    text: '텍스트',
    events: '이벤트',
    body: '본문',
    headers: '헤더',
    stopped: '중지됨',
    status: '상태',
    left: '앞의 {count}자는 표시되지 않습니다. 복사하면 모두 포함됩니다.',
  },
});

interface Props {
  endpoint: Endpoint;
  text: string;
  setText: (text: string) => void;
  entity: string;
  setEntity: (entity: string) => void;
  body: Body | null;
}

export function BrowserTab({ asking, onSent, ...draft }: Props & { asking: Asking; onSent: () => void }) {
  const t = useText();
  const { run, busy, start, stop } = asking;
  const { endpoint, entity, body } = draft;
  const send = () => {
    if (!body || busy) return;
    start(queryPath(endpoint.name, entity), body);
    onSent();
  };
  return (
    <div className="stack">
      <RequestForm {...draft} busy={busy} onSend={send} onStop={stop} />
      <section className="query-response" aria-label={t('response')}>
        {run ? <RunView run={run} /> : <p className="hint query-none">{t('none')}</p>}
      </section>
    </div>
  );
}

interface FormProps extends Props {
  busy: boolean;
  onSend: () => void;
  onStop: () => void;
}

function RequestForm({ endpoint, text, setText, entity, setEntity, body, busy, onSend, onStop }: FormProps) {
  const t = useText();
  const task = taskOf(endpoint);
  const entities = entitiesOf(endpoint);
  const streams = body?.stream === true;
  const notAnObject = !body && parseJson(text).ok;
  return (
    <div
      className="stack"
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) onSend();
      }}
    >
      <JsonEditor
        label={t('request')}
        hint={t('requestHint')}
        error={notAnObject ? t('notAnObject') : undefined}
        rows={14}
        value={text}
        onChange={setText}
      />
      <div className="row query-controls">
        {entities.length > 1 && (
          <SelectField label={t('entity')} value={entity} onChange={(event) => setEntity(event.target.value)}>
            <option value="">{t('byTraffic')}</option>
            {entities.map((each) => (
              <option key={each.name}>{each.name}</option>
            ))}
          </SelectField>
        )}
        {canStream(task) && (
          <Switch
            label={t('stream')}
            checked={streams}
            disabled={!body}
            onChange={(on) => body && setText(prettyJson(withStream(body, on)))}
          />
        )}
        <div className="actions query-buttons">
          <Button onClick={() => setText(prettyJson(withStream(exampleFor(task), canStream(task) && (streams || !body))))}>
            {t('example')}
          </Button>
          <SendOrStop {...{ busy, onSend, onStop }} enabled={body !== null} />
        </div>
      </div>
    </div>
  );
}

/** One button in two roles: the focus stays on it. */
function SendOrStop({ busy, enabled, onSend, onStop }: { busy: boolean; enabled: boolean; onSend: () => void; onStop: () => void }) {
  const t = useText();
  return (
    <Button look={busy ? 'danger' : 'primary'} className="query-send" disabled={!busy && !enabled} onClick={busy ? onStop : onSend}>
      {busy ? t('stop') : t('send')}
    </Button>
  );
}

function RunView({ run }: { run: Run }) {
  const t = useText();
  const answerText = useAnswerWords();
  return (
    <div className="stack">
      <Summary run={run} />
      <FaultNote run={run} />
      {(run.status === 200 || run.status === 0) && (
        <div className="query-text" role="group" aria-label={t('text')} aria-busy={!isOver(run)}>
          {run.phase === 'waiting' ? (
            <p className="hint">{answerText('waiting')}</p>
          ) : (
            <AnswerText answer={run.answer} quietWhenEmpty={run.phase !== 'done'} />
          )}
        </div>
      )}
      {run.raw && <RawText label={run.streamed ? t('events') : t('body')} raw={run.raw} pretty={!run.streamed} />}
      {run.headers.length > 0 && <Headers headers={run.headers} />}
    </div>
  );
}

function Summary({ run }: { run: Run }) {
  const t = useText();
  const facts = useRunFacts(run);
  const tone = run.phase === 'failed' ? 'bad' : run.phase === 'done' ? 'good' : run.phase === 'stopped' ? 'still' : 'busy';
  return (
    <dl className="query-summary">
      <div>
        <dt>{t('status')}</dt>
        <dd>
          <Chip tone={tone}>{run.phase === 'stopped' ? t('stopped') : run.status ? String(run.status) : '…'}</Chip>
        </dd>
      </div>
      {facts.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="query-number">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const mostShown = 100_000;

function RawText({ label, raw, pretty }: { label: string; raw: string; pretty: boolean }) {
  const t = useText();
  const shown = useMemo(() => {
    const parsed = pretty && raw.length < mostShown ? parseJson(raw) : null;
    return parsed?.ok ? prettyJson(parsed.value) : raw.slice(-mostShown);
  }, [raw, pretty]);
  return (
    <details className="query-raw" open>
      <summary>{label}</summary>
      {raw.length > mostShown && <p className="hint">{t('left', { count: raw.length - mostShown })}</p>}
      <figure className="code-block">
        <pre tabIndex={0} aria-label={label}>
          {shown}
        </pre>
        <CopyButton text={raw} />
      </figure>
    </details>
  );
}

function Headers({ headers }: { headers: [string, string][] }) {
  const t = useText();
  return (
    <details className="query-raw" open>
      <summary>{t('headers')}</summary>
      <dl className="facts query-headers">
        {headers.map(([name, value], i) => (
          <div key={i}>
            <dt>{name}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
