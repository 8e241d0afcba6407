// Makes an endpoint, also as a copy of another one (?from=name), or edits the one that is named.
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useSearch } from 'wouter';
import { get, path } from '../../base/api';
import { useSession } from '../../base/session';
import type { Endpoint, ProviderSchema } from '../../base/types';
import { Empty, Failed, Loading } from '../../parts/states';
import { newDraft, type Draft } from './draft';
import { againOf, copyOfEndpoint, fromEndpoint, keptSecrets, lostSecrets } from './from_endpoint';
import { FormPage } from './page';
import { useFormWords } from './words';
import './endpoint_form.css';

export default function EndpointForm({ name }: { name?: string }) {
  const t = useFormWords();
  const session = useSession();
  const from = new URLSearchParams(useSearch()).get('from') ?? '';
  const [again, setAgain] = useState<Draft | null>(null); // somebody has deleted the endpoint, and it is created anew
  const title = name === undefined || again ? t('createTitle') : t('editTitle', { name });
  useEffect(() => {
    document.title = `${title} · Sluice`;
  }, [title]);
  return (
    <div className="form-narrow">
      <header className="page-head">
        <h1>
          <bdi>{title}</bdi>
        </h1>
      </header>
      {name === undefined && !session.may_create ? (
        <Empty title={t('mayNotCreate')} />
      ) : (
        <Loaded key={from} name={name} from={name === undefined ? from : ''} again={again} onAgain={setAgain} />
      )}
    </div>
  );
}

/** Asked once: what is loaded later must not go over what was typed meanwhile. */
const once = { staleTime: Infinity, gcTime: 0, refetchOnWindowFocus: false, refetchOnReconnect: false };

function useStart(name: string) {
  const providers = useQuery({
    queryKey: ['endpoint-form', 'providers'],
    queryFn: ({ signal }) => get<{ providers: ProviderSchema[] }>('/api/2.0/sluice/providers', signal),
    ...once,
  });
  const endpoint = useQuery({
    queryKey: ['endpoint-form', 'endpoint', name],
    queryFn: ({ signal }) => get<Endpoint>(path`/api/2.0/serving-endpoints/${name}`, signal),
    enabled: name !== '',
    ...once,
  });
  return { providers, endpoint };
}

interface LoadedProps {
  name: string | undefined;
  from: string;
  again: Draft | null;
  onAgain: (draft: Draft) => void;
}

function Loaded({ name, from, again, onAgain }: LoadedProps) {
  const t = useFormWords();
  const { providers, endpoint } = useStart(name ?? from);
  const failed = [providers, endpoint].find((each) => each.error);
  if (failed) return <Failed error={failed.error} onRetry={() => void failed.refetch()} />;
  const schemas = providers.data?.providers;
  if (!schemas || (endpoint.data === undefined && (name ?? from))) return <Loading rows={8} />;
  if (!endpoint.data) return <Prepared schemas={schemas} />;
  if (name !== undefined && again) return <Again key="again" {...{ schemas, name }} typed={again} />;
  if (name !== undefined) return <Prepared schemas={schemas} endpoint={endpoint.data} onAgain={onAgain} />;
  const lost = lostSecrets(endpoint.data, schemas);
  const note = <StartNote lost={lost}>{t('copyNote', { name: from })}</StartNote>;
  return <Prepared schemas={schemas} copied={endpoint.data} note={note} />;
}

interface PreparedProps {
  schemas: ProviderSchema[];
  endpoint?: Endpoint;
  copied?: Endpoint;
  note?: ReactNode;
  onAgain?: (draft: Draft) => void;
}

function Prepared({ schemas, endpoint, copied, note, onAgain }: PreparedProps) {
  const session = useSession();
  const [initial] = useState(() => {
    if (endpoint) return fromEndpoint(endpoint, schemas);
    return copied ? copyOfEndpoint(copied, schemas) : newDraft();
  });
  return (
    <FormPage
      {...{ schemas, initial, note }}
      endpoint={endpoint ?? null}
      onAgain={session.may_create ? onAgain : undefined}
    />
  );
}

/** The form of an endpoint that somebody has deleted, as the start of a new one with its name. */
function Again({ schemas, name, typed }: { schemas: ProviderSchema[]; name: string; typed: Draft }) {
  const t = useFormWords();
  const initial = useMemo(() => againOf(typed, schemas), [typed, schemas]);
  const note = (
    <StartNote lost={keptSecrets(typed)} focus>
      {t('againNote', { name })}
    </StartNote>
  );
  return <FormPage {...{ schemas, initial, note }} endpoint={null} typed />;
}

/** `focus`: it takes the place of what had the focus. */
function StartNote({ lost, focus = false, children }: { lost: string[]; focus?: boolean; children: string }) {
  const t = useFormWords();
  const note = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (!focus) return;
    window.scrollTo(0, 0);
    note.current?.focus();
  }, [focus]);
  return (
    <p ref={note} className="form-note form-warning" role="status" tabIndex={focus ? -1 : undefined}>
      {children} {lost.length > 0 && t('copyLost', { names: lost.join(', ') })}
    </p>
  );
}
