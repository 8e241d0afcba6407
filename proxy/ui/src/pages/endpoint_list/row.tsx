// One endpoint of the list, and what can be done with it.
import { createContext, memo, useContext } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { get } from '../../base/api';
import { useSession } from '../../base/session';
import type { Endpoint, ServedEntity, Tag } from '../../base/types';
import { StateChip } from '../../parts/chips';
import { Menu, MenuItem, MenuLine } from '../../parts/menu';
import { MoreButton } from '../../parts/popover';
import { ProviderIcon, providerLabel } from '../../parts/provider_icon';
import { entitiesOf, hasPlayground, mayManage, mayQuery, modelOf, providerOf, trafficOf } from '../endpoint_page/entities';
import { clonePageOf, editPageOf, endpointKey, endpointPath, pageOf, playgroundOf } from '../endpoint_page/paths';
import { useTaskName } from '../endpoint_page/task_name';
import { When } from '../../parts/when';
import { entitiesOf as entitiesOrPending } from '../../query/tasks';
import { useListWords } from './words';

export const shownEntities = 3;
const shownTags = 3;

interface Props {
  endpoint: Endpoint;
  onDelete: (endpoint: Endpoint) => void;
}

/** The cells of a row, in the order of the columns. */
export const EndpointCells = memo(function EndpointCells({ endpoint, onDelete }: Props) {
  const taskName = useTaskName();
  return (
    <>
      <div role="cell" className="list-name">
        <Link href={pageOf(endpoint.name)} title={endpoint.name}>
          <bdi>{endpoint.name}</bdi>
        </Link>
      </div>
      <div role="cell" className="list-state">
        <StateChip state={endpoint.state} />
      </div>
      <div role="cell" className="list-entities">
        <Entities endpoint={endpoint} />
      </div>
      <div role="cell" className="list-task">
        {taskName(endpoint.task)}
      </div>
      <div role="cell" className="list-tags">
        <Tags endpoint={endpoint} />
      </div>
      <div role="cell" className="list-creator">
        <bdi title={endpoint.creator}>{endpoint.creator}</bdi>
      </div>
      <div role="cell" className="list-updated">
        <When ms={endpoint.last_updated_timestamp} />
      </div>
      <div role="cell" className="list-menu">
        <RowMenu endpoint={endpoint} onDelete={onDelete} />
      </div>
    </>
  );
});

/** Whether the list stands still. */
export const Resting = createContext(true);

/** The list's items need not say how the traffic is split, and have no config that is not active yet. */
function isWhole(endpoint: Endpoint): boolean {
  const known = entitiesOf(endpoint);
  return known.length === 1 || (known.length > 1 && Boolean(endpoint.config?.traffic_config));
}

const Entities = memo(function Entities({ endpoint }: { endpoint: Endpoint }) {
  return isWhole(endpoint) ? <EntityList endpoint={endpoint} /> : <EntitiesAskedFor endpoint={endpoint} />;
});

/** The endpoint itself is asked, for the rows in sight; not for those that only pass by. */
function EntitiesAskedFor({ endpoint }: { endpoint: Endpoint }) {
  const resting = useContext(Resting);
  const { data } = useQuery({
    queryKey: [...endpointKey(endpoint.name), 'whole', endpoint.id, endpoint.last_updated_timestamp],
    queryFn: ({ signal }) => get<Endpoint>(endpointPath(endpoint.name), signal),
    enabled: resting,
    staleTime: Infinity,
  });
  return <EntityList endpoint={data ?? endpoint} />;
}

function EntityList({ endpoint }: { endpoint: Endpoint }) {
  const t = useListWords();
  const config = endpoint.config ?? endpoint.pending_config;
  const all = entitiesOrPending(endpoint);
  if (all.length === 0) return <>–</>;
  return (
    <ul className="list-entity-list">
      {all.slice(0, shownEntities).map((each) => (
        <Entity key={each.name} entity={each} share={config && trafficOf(config, each)} />
      ))}
      {all.length > shownEntities && (
        <li className="muted">{t('moreEntities', { count: all.length - shownEntities })}</li>
      )}
    </ul>
  );
}

function Entity({ entity, share }: { entity: ServedEntity; share: number | undefined }) {
  const provider = providerOf(entity);
  return (
    <li className="list-entity">
      <ProviderIcon provider={provider} />
      <span className="only-read">{providerLabel(provider)}</span>
      <bdi className="list-cut" title={`${entity.name} · ${modelOf(entity)}`}>
        {modelOf(entity)}
      </bdi>
      <span className="list-share number">{share === undefined ? '' : `${share}%`}</span>
    </li>
  );
}

/** As many as have room; all of them, in whole, in what the button opens. */
function Tags({ endpoint }: { endpoint: Endpoint }) {
  const t = useListWords();
  const tags = endpoint.tags ?? [];
  if (tags.length === 0) return null;
  const whole = () => (
    <ul className="list-all-tags">
      {tags.map((each) => (
        <li key={each.key}>
          <TagText tag={each} />
        </li>
      ))}
    </ul>
  );
  return (
    <MoreButton label={t('tagsOf', { name: endpoint.name })} className="list-tags-button" whole={whole}>
      {tags.slice(0, shownTags).map((each) => (
        <span key={each.key} className="chip still">
          <TagText tag={each} />
        </span>
      ))}
      {tags.length > shownTags && <span className="muted">+{tags.length - shownTags}</span>}
    </MoreButton>
  );
}

function TagText({ tag }: { tag: Tag }) {
  return (
    <>
      <bdi>{tag.key}</bdi>
      {tag.value && (
        <>
          {': '}
          <bdi>{tag.value}</bdi>
        </>
      )}
    </>
  );
}

function RowMenu({ endpoint, onDelete }: Props) {
  const t = useListWords();
  return (
    <Menu label={t('menuOf', { name: endpoint.name })} button={<span aria-hidden="true">⋮</span>}>
      <RowMenuItems endpoint={endpoint} onDelete={onDelete} />
    </Menu>
  );
}

/** Exists only while the menu is open. What the caller may do is known to the endpoint, not to the list. */
function RowMenuItems({ endpoint, onDelete }: Props) {
  const t = useListWords();
  const session = useSession();
  const [, navigate] = useLocation();
  const asked = useQuery({
    queryKey: endpointKey(endpoint.name),
    queryFn: ({ signal }) => get<Endpoint>(endpointPath(endpoint.name), signal),
    enabled: endpoint.permission_level === undefined,
  });
  const level = endpoint.permission_level ?? asked.data?.permission_level;
  const waiting = level === undefined && asked.isPending;
  const manages = waiting || mayManage(level);
  const to = (address: string) => () => navigate(address);
  return (
    <>
      <MenuItem onClick={to(pageOf(endpoint.name))}>{t('view')}</MenuItem>
      {hasPlayground(endpoint) && (waiting || mayQuery(level)) && (
        <MenuItem onClick={to(playgroundOf(endpoint.name))} disabled={waiting}>
          {t('playground')}
        </MenuItem>
      )}
      <MenuItem onClick={to(pageOf(endpoint.name, 'permissions'))}>{t('permissions')}</MenuItem>
      {session.may_create && <MenuItem onClick={to(clonePageOf(endpoint.name))}>{t('duplicate')}</MenuItem>}
      {manages && (
        <>
          <MenuItem onClick={to(editPageOf(endpoint.name))} disabled={waiting}>
            {t('edit')}
          </MenuItem>
          <MenuLine />
          <MenuItem danger onClick={() => onDelete(endpoint)} disabled={waiting}>
            {t('delete')}
          </MenuItem>
        </>
      )}
    </>
  );
}
