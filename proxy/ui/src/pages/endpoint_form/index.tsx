// Makes an endpoint, also as a copy of another one (?from=name), or edits the one that is named.
import { useEffect, useState, type ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useSearch } from 'wouter';
import { get, path } from '../../base/api';
import { useSession } from '../../base/session';
import type { Endpoint, ProviderSchema } from '../../base/types';
import { Empty, Failed, Loading } from '../../parts/states';
import { newDraft } from './draft';
import { copyOfEndpoint, fromEndpoint, lostSecrets } from './from_endpoint';
import { FormPage } from './page';
import { useFormWords } from './words';
import './endpoint_form.css';

export default function EndpointForm({ name }: { name?: string }) {
  const t = useFormWords();
  const session = useSession();
  const from = new URLSearchParams(useSearch()).get('from') ?? '';
  const title = name === undefined ? t('createTitle') : t('editTitle', { name });
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
        <Loaded key={from} name={name} from={name === undefined ? from : ''} />
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

function Loaded({ name, from }: { name: string | undefined; from: string }) {
  const t = useFormWords();
  const { providers, endpoint } = useStart(name ?? from);
  const failed = [providers, endpoint].find((each) => each.error);
  if (failed) return <Failed error={failed.error} onRetry={() => void failed.refetch()} />;
  const schemas = providers.data?.providers;
  if (!schemas || (endpoint.data === undefined && (name ?? from))) return <Loading rows={8} />;
  if (!endpoint.data) return <Prepared schemas={schemas} />;
  if (name !== undefined) return <Prepared schemas={schemas} endpoint={endpoint.data} />;
  const lost = lostSecrets(endpoint.data, schemas);
  const note = (
    <p className="form-note form-warning" role="status">
      {t('copyNote', { name: from })} {lost.length > 0 && t('copyLost', { names: lost.join(', ') })}
    </p>
  );
  return <Prepared schemas={schemas} copied={endpoint.data} note={note} />;
}

interface PreparedProps {
  schemas: ProviderSchema[];
  endpoint?: Endpoint;
  copied?: Endpoint;
  note?: ReactNode;
}

function Prepared({ schemas, endpoint, copied, note }: PreparedProps) {
  const [initial] = useState(() => {
    if (endpoint) return fromEndpoint(endpoint, schemas);
    return copied ? copyOfEndpoint(copied, schemas) : newDraft();
  });
  return <FormPage schemas={schemas} initial={initial} endpoint={endpoint ?? null} note={note} />;
}
