import { useCallback, useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { call, get, path } from '../../../base/api';
import { endpointsFeed } from '../../../base/live';
import { useSession } from '../../../base/session';
import type { AiGateway, Endpoint } from '../../../base/types';

const where = (name: string): string => path`/api/2.0/serving-endpoints/${name}/ai-gateway`;

export const fetchGateway = (name: string, signal?: AbortSignal): Promise<AiGateway> =>
  get<AiGateway>(where(name), signal);

export function useMayManage(endpoint: Endpoint): boolean {
  const session = useSession();
  return session.is_admin || endpoint.permission_level === 'CAN_MANAGE';
}

interface Gateway {
  block: AiGateway;
  change: (how: (block: AiGateway) => AiGateway) => Promise<void>;
}

/** The block as it was last seen, and how to change it: what another has changed meanwhile stays. */
export function useGateway(endpoint: Endpoint): Gateway {
  const queries = useQueryClient();
  const [saved, setSaved] = useState<{ over: AiGateway | undefined; block: AiGateway } | null>(null);
  const change = useCallback(
    async (how: (block: AiGateway) => AiGateway) => {
      const block = await call<AiGateway>('PUT', where(endpoint.name), { body: how(await fetchGateway(endpoint.name)) });
      setSaved({ over: endpoint.ai_gateway, block });
      endpointsFeed.refresh();
      void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey.includes(endpoint.name) });
    },
    [endpoint.name, endpoint.ai_gateway, queries],
  );
  // The answer of the PUT holds until the endpoint itself has come anew.
  const isNewer = saved !== null && saved.over === endpoint.ai_gateway;
  return { block: isNewer ? saved.block : (endpoint.ai_gateway ?? {}), change };
}
