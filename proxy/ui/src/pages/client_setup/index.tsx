// How other programs ask an endpoint of this gateway: base URL, model, token, and code to paste.
import { useEffect, useMemo } from 'react';
import { Link, useSearchParams } from 'wouter';
import { useLiveEndpoints } from '../../base/live';
import { useSession } from '../../base/session';
import { makeWords } from '../../base/text';
import type { Endpoint } from '../../base/types';
import { LinkButton } from '../../parts/button';
import { CodeBlock, CopyButton } from '../../parts/copy_button';
import { Empty, Failed, Loading } from '../../parts/states';
import { Tabs } from '../../parts/tabs';
import { EndpointPicker } from '../../query/endpoint_picker';
import { tokenName } from '../../query/snippets';
import { mayQuery, taskOf } from '../../query/tasks';
import { clientIds, setupOf, whyNot, type ClientId, type Setup } from './clients';
import './client_setup.css';

const useText = makeWords({
  en: {
    title: 'Client set-up',
    lead: 'Clients of OpenAI, Anthropic, Databricks and others work with this gateway unchanged: give them its address and one of its tokens.',
    endpoint: 'Endpoint',
    clients: 'Clients',
    curl: 'Curl',
    python: 'Python (openai)',
    node: 'Node (openai)',
    mlflow: 'MLflow Deployments',
    databricks: 'databricks-sdk',
    langchain: 'LangChain',
    anthropic: 'Anthropic SDK',
    claudeCode: 'Claude Code',
    genai: 'Google GenAI',
    codex: 'Codex',
    cursor: 'Cursor',
    baseUrl: 'Base URL',
    host: 'Host',
    model: 'Model',
    token: 'Token',
    tokenHint: 'An access token of this gateway, here in the variable {variable}.',
    tokenPlain: 'An access token of this gateway.',
    makeToken: 'Make a token',
    install: 'Install',
    copyNamed: 'Copy: {name}',
    code: 'Code: {client}',
    chatOnly: 'This client needs an endpoint whose task is chat.',
    geminiOnly: 'The gateway passes the API of Gemini on, and does not translate it: this client needs an endpoint all of whose models are Gemini on Vertex AI.',
    geminiPassed: 'The API of Gemini is passed on as it is.',
    cursorFromOutside:
      'In Cursor, open Settings → Models: enter the token as OpenAI API key, override the OpenAI base URL, and add the model by its name. The servers of Cursor ask the gateway, so it must be reachable from the internet by https.',
    noEndpoints: 'There is no endpoint that you may query.',
    create: 'Create serving endpoint',
    gone: 'There is no endpoint of this name that you may query.',
  },
  ko: {
    title: '클라이언트 설정',
    lead: 'OpenAI, Anthropic, Databricks 등의 클라이언트를 그대로 사용할 수 있습니다. 이 게이트웨이의 주소와 토큰만 지정하세요.',
    endpoint: '엔드포인트',
    clients: '클라이언트',
    curl: 'Curl',
    python: 'Python (openai)',
    node: 'Node (openai)',
    mlflow: 'MLflow 배포',
    databricks: 'databricks-sdk',
    langchain: 'LangChain',
    anthropic: 'Anthropic SDK',
    claudeCode: 'Claude Code',
    genai: 'Google GenAI',
    codex: 'Codex',
    cursor: 'Cursor',
    baseUrl: '기본 URL',
    host: '호스트',
    model: '모델',
    token: '토큰',
    tokenHint: '이 게이트웨이의 액세스 토큰입니다. 여기서는 {variable} 변수에 있습니다.',
    tokenPlain: '이 게이트웨이의 액세스 토큰입니다.',
    makeToken: '토큰 만들기',
    install: '설치',
    copyNamed: '복사: {name}',
    code: '코드: {client}',
    chatOnly: '이 클라이언트에는 작업이 채팅인 엔드포인트가 필요합니다.',
    geminiOnly: '게이트웨이는 Gemini API를 변환하지 않고 그대로 전달합니다. 이 클라이언트에는 모든 모델이 Vertex AI의 Gemini인 엔드포인트가 필요합니다.',
    geminiPassed: 'Gemini API는 그대로 전달됩니다.',
    cursorFromOutside:
      'Cursor에서 Settings → Models를 열고 토큰을 OpenAI API 키로 입력한 뒤, OpenAI 기본 URL을 재정의하고 모델을 이름으로 추가하세요. Cursor의 서버가 게이트웨이에 요청하므로 인터넷에서 https로 접근할 수 있어야 합니다.',
    noEndpoints: '쿼리할 수 있는 엔드포인트가 없습니다.',
    create: '서비스 엔드포인트 만들기',
    gone: '쿼리할 수 있는 엔드포인트 중에 이 이름이 없습니다.',
  },
});

export default function ClientSetup() {
  const t = useText();
  useEffect(() => {
    document.title = `${t('title')} · Sluice`;
  }, [t]);
  return (
    <div className="stack client-setup">
      <h1>{t('title')}</h1>
      <p className="muted">{t('lead')}</p>
      <Body />
    </div>
  );
}

function Body() {
  const t = useText();
  const session = useSession();
  const { all, error } = useLiveEndpoints();
  const endpoints = useMemo(() => all?.filter(mayQuery) ?? null, [all]);
  if (!endpoints) return error ? <Failed error={error} /> : <Loading rows={8} />;
  if (!endpoints.length) {
    return (
      <Empty title={t('noEndpoints')}>
        {session.may_create && <LinkButton to="/ml/create-endpoint">{t('create')}</LinkButton>}
      </Empty>
    );
  }
  return <Chooser endpoints={endpoints} />;
}

/** What is chosen stands in the address, so that it can be sent to somebody. */
function Chooser({ endpoints }: { endpoints: Endpoint[] }) {
  const t = useText();
  const [params, setParams] = useSearchParams();
  const name = params.get('endpoint') || endpoints[0]!.name;
  const asked = params.get('client');
  const client = clientIds.find((each) => each === asked) ?? 'curl';
  const choose = (change: { endpoint?: string; client?: ClientId }) =>
    setParams(Object.entries({ endpoint: name, client, ...change }), { replace: true });
  const endpoint = endpoints.find((each) => each.name === name);
  return (
    <>
      <div className="client-setup-endpoint">
        <EndpointPicker
          label={t('endpoint')}
          endpoints={endpoints}
          value={name}
          onChange={(chosen) => choose({ endpoint: chosen })}
        />
      </div>
      {endpoint ? (
        <div className="card">
          <Tabs<ClientId>
            label={t('clients')}
            selected={client}
            onSelect={(chosen) => choose({ client: chosen })}
            tabs={clientIds.map((id) => ({
              id,
              label: t(id),
              content: () => <ClientView client={id} endpoint={endpoint} />,
            }))}
          />
        </div>
      ) : (
        <Empty title={t('gone')} />
      )}
    </>
  );
}

function ClientView({ client, endpoint }: { client: ClientId; endpoint: Endpoint }) {
  const t = useText();
  const why = whyNot(client, endpoint);
  if (why) return <Empty title={t(why)} />;
  const setup = setupOf(client, { origin: location.origin, endpoint: endpoint.name, task: taskOf(endpoint) });
  return (
    <div className="stack">
      {setup.notes.map((note) => (
        <p key={note}>{t(note)}</p>
      ))}
      <Facts setup={setup} isHost={client === 'mlflow' || client === 'databricks'} />
      {setup.blocks.map(({ file, code }) => (
        <div key={file}>
          {file && <p className="hint">{file}</p>}
          <CodeBlock code={code} label={t('code', { client: t(client) })} />
        </div>
      ))}
    </div>
  );
}

function Facts({ setup, isHost }: { setup: Setup; isHost: boolean }) {
  const t = useText();
  const values = [
    { name: t(isHost ? 'host' : 'baseUrl'), value: setup.baseUrl },
    { name: t('model'), value: setup.model },
    ...(setup.install ? [{ name: t('install'), value: setup.install }] : []),
  ];
  return (
    <dl className="facts client-setup-facts">
      {values.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <code>{value}</code> <CopyButton text={value} label={t('copyNamed', { name })} />
          </dd>
        </div>
      ))}
      <div>
        <dt>{t('token')}</dt>
        <dd>
          {setup.blocks.length ? t('tokenHint', { variable: tokenName }) : t('tokenPlain')} <Link href="/ml/tokens">{t('makeToken')}</Link>
        </dd>
      </div>
    </dl>
  );
}
