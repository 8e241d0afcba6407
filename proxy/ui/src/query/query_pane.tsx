// A drawer that asks one endpoint and shows all of its answer, or how other programs ask it the same.
import { useMemo, useState } from 'react';
import { makeWords } from '../base/text';
import type { Endpoint } from '../base/types';
import { useUnsaved } from '../base/unsaved';
import { CodeBlock } from '../parts/copy_button';
import { Dialog } from '../parts/dialog';
import { parseJson, prettyJson } from '../parts/json_editor';
import { Tabs } from '../parts/tabs';
import { BrowserTab } from './browser_tab';
import { curl, mlflow, nodeOpenai, pythonOpenai, tokenName, type Asked } from './snippets';
import { canStream, exampleFor, taskOf, withStream, type Body } from './tasks';
import { useAsk } from './use_ask';
import './query_pane.css';

const useText = makeWords({
  en: {
    title: 'Query {name}',
    ways: 'Ways to ask',
    browser: 'Browser',
    curl: 'Curl',
    python: 'Python (OpenAI client)',
    mlflow: 'MLflow SDK',
    node: 'Node (openai)',
    token: 'Put an access token of this gateway into the variable {variable} first.',
    install: 'Install: {command}',
    wholeEndpoint: 'This client asks the endpoint as a whole: its traffic decides which served entity answers. Curl can ask one.',
    broken: 'The request in the browser tab is not a JSON object.',
    code: 'Code: {client}',
    done: 'The answer is complete.',
    stopped: 'Stopped',
    failed: 'The query failed.',
  },
  ko: {
    title: '{name} 쿼리',
    ways: '쿼리 방법',
    browser: '브라우저',
    curl: 'Curl',
    python: 'Python (OpenAI 클라이언트)',
    mlflow: 'MLflow SDK',
    node: 'Node (openai)',
    token: '먼저 이 게이트웨이의 액세스 토큰을 {variable} 변수에 넣으세요.',
    install: '설치: {command}',
    wholeEndpoint: '이 클라이언트는 엔드포인트 전체에 요청합니다. 응답할 엔터티는 트래픽 분할로 정해집니다. 하나만 지정하려면 Curl을 사용하세요.',
    broken: '브라우저 탭의 요청이 JSON 객체가 아닙니다.',
    code: '코드: {client}',
    done: '응답이 완료되었습니다.',
    stopped: '중지됨',
    failed: '쿼리에 실패했습니다.',
  },
});

const snippets = [
  { id: 'curl', make: curl, install: '' },
  { id: 'python', make: pythonOpenai, install: 'pip install openai' },
  { id: 'mlflow', make: mlflow, install: 'pip install mlflow' },
  { id: 'node', make: nodeOpenai, install: 'npm install openai' },
] as const;

type TabId = 'browser' | (typeof snippets)[number]['id'];

interface Props {
  endpoint: Endpoint;
  open: boolean;
  onClose: () => void;
}

export default function QueryPane({ endpoint, open, onClose }: Props) {
  const t = useText();
  const task = taskOf(endpoint);
  // The draft stays when the pane is closed and opened again.
  const [text, setText] = useState(() => prettyJson(withStream(exampleFor(task), canStream(task))));
  const [first] = useState(text);
  const [asked, setAsked] = useState(text); // what was sent has done its work
  useUnsaved(text !== asked && text !== first, { inPage: true });
  const [entity, setEntity] = useState('');
  return (
    <Dialog title={t('title', { name: endpoint.name })} open={open} onClose={onClose} size="drawer" asks={false}>
      <PaneBody {...{ endpoint, text, setText, entity, setEntity }} onSent={() => setAsked(text)} />
    </Dialog>
  );
}

interface BodyProps {
  endpoint: Endpoint;
  text: string;
  setText: (text: string) => void;
  entity: string;
  setEntity: (entity: string) => void;
}

function PaneBody({ onSent, ...draft }: BodyProps & { onSent: () => void }) {
  const t = useText();
  const [tab, setTab] = useState<TabId>('browser');
  const body = useMemo(() => objectIn(draft.text), [draft.text]);
  const asking = useAsk(); // here, so that the answer survives a look at the other tabs
  const phase = asking.run?.phase;
  const said = phase === 'done' || phase === 'stopped' || phase === 'failed' ? t(phase) : '';
  return (
    <>
      <Tabs<TabId>
        label={t('ways')}
        selected={tab}
        onSelect={setTab}
        tabs={[
          { id: 'browser', label: t('browser'), content: () => <BrowserTab {...draft} {...{ body, asking, onSent }} /> },
          ...snippets.map(({ id, make, install }) => ({
            id,
            label: t(id),
            content: () => <Snippet label={t(id)} {...{ draft, body, make, install }} />,
          })),
        ]}
      />
      <p className="only-read" role="status">
        {said}
      </p>
    </>
  );
}

/** null: no JSON, or no object. */
function objectIn(text: string): Body | null {
  const parsed = parseJson(text);
  if (!parsed.ok || typeof parsed.value !== 'object' || Array.isArray(parsed.value)) return null;
  return parsed.value as Body | null;
}

interface SnippetProps {
  label: string;
  draft: BodyProps;
  body: Body | null;
  make: (asked: Asked) => string;
  install: string;
}

function Snippet({ label, draft, body, make, install }: SnippetProps) {
  const t = useText();
  if (!body) return <p className="hint">{t('broken')}</p>;
  const { endpoint, entity } = draft;
  const asked = { origin: location.origin, endpoint: endpoint.name, entity, task: taskOf(endpoint), body };
  return (
    <div className="stack">
      <p className="hint">
        {t('token', { variable: tokenName })} {install && t('install', { command: install })}
      </p>
      {entity && make !== curl && <p className="hint">{t('wholeEndpoint')}</p>}
      <CodeBlock code={make(asked)} label={t('code', { client: label })} />
    </div>
  );
}
