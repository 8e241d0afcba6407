// The head of an endpoint's page: what it is, where it is, what can be done with it.
import { useState } from 'react';
import { useLocation } from 'wouter';
import { useSession } from '../../base/session';
import { makeWords } from '../../base/text';
import type { Endpoint } from '../../base/types';
import { Button, LinkButton } from '../../parts/button';
import { StateChip } from '../../parts/chips';
import { CopyButton } from '../../parts/copy_button';
import { Menu, MenuItem, MenuLine } from '../../parts/menu';
import { DeleteEndpoint } from './delete_dialog';
import { hasPlayground, invocationUrl, mayManage, mayQuery } from './entities';
import { clonePageOf, editPageOf, playgroundOf } from './paths';

const useText = makeWords({
  en: {
    back: 'Serving endpoints',
    query: 'Query',
    edit: 'Edit',
    more: 'More actions',
    playground: 'Open in playground',
    duplicate: 'Duplicate',
    delete: 'Delete',
    url: 'Invocation URL',
    copyUrl: 'Copy the invocation URL',
  },
  ko: {
    back: '서비스 엔드포인트',
    query: '쿼리',
    edit: '편집',
    more: '추가 동작',
    playground: '플레이그라운드에서 열기',
    duplicate: '복제',
    delete: '삭제',
    url: '호출 URL',
    copyUrl: '호출 URL 복사',
  },
});

export function EndpointHead({ endpoint, onQuery }: { endpoint: Endpoint; onQuery: () => void }) {
  const t = useText();
  const level = endpoint.permission_level;
  const url = invocationUrl(endpoint, location.origin);
  return (
    <>
      <header className="page-head endpoint-head">
        <div className="endpoint-name">
          <h1>
            <bdi>{endpoint.name}</bdi>
          </h1>
          <StateChip state={endpoint.state} />
        </div>
        <div className="actions">
          {mayQuery(level) && (
            <Button look="primary" onClick={onQuery}>
              {t('query')}
            </Button>
          )}
          {mayManage(level) && <LinkButton to={editPageOf(endpoint.name)}>{t('edit')}</LinkButton>}
          <MoreActions endpoint={endpoint} />
        </div>
      </header>
      <div className="endpoint-url">
        <span className="muted">{t('url')}</span>
        <code>{url}</code>
        <CopyButton text={url} label={t('copyUrl')} />
      </div>
    </>
  );
}

function MoreActions({ endpoint }: { endpoint: Endpoint }) {
  const t = useText();
  const session = useSession();
  const [, navigate] = useLocation();
  const [deleting, setDeleting] = useState(false);
  const manages = mayManage(endpoint.permission_level);
  const chats = mayQuery(endpoint.permission_level) && hasPlayground(endpoint);
  if (!manages && !chats && !session.may_create) return null;
  return (
    <>
      <Menu label={t('more')} className="button" button={<span aria-hidden="true">⋮</span>}>
        {chats && (
          <MenuItem onClick={() => navigate(playgroundOf(endpoint.name))}>{t('playground')}</MenuItem>
        )}
        {session.may_create && (
          <MenuItem onClick={() => navigate(clonePageOf(endpoint.name))}>{t('duplicate')}</MenuItem>
        )}
        {manages && (
          <>
            <MenuLine />
            <MenuItem danger onClick={() => setDeleting(true)}>
              {t('delete')}
            </MenuItem>
          </>
        )}
      </Menu>
      <DeleteEndpoint
        name={endpoint.name}
        open={deleting}
        onClose={() => setDeleting(false)}
        onDeleted={() => navigate('/ml/endpoints')}
      />
    </>
  );
}
