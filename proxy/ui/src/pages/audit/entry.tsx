// One entry of the audit log in whole, with what it changed.
import { useState, type ReactNode } from 'react';
import { Button } from '../../parts/button';
import { Dialog } from '../../parts/dialog';
import { JsonDiff } from '../../parts/diff';
import { Switch } from '../../parts/field';
import { When } from '../../parts/when';
import type { AuditEvent, Filter } from './events';
import { useAuditWords } from './words';

interface Props {
  event: AuditEvent;
  onClose: () => void;
  onNewer: (() => void) | undefined;
  onOlder: (() => void) | undefined;
  onFilter: (changed: Partial<Filter>) => void;
}

export function EntryDialog({ event, onClose, onNewer, onOlder, onFilter }: Props) {
  const t = useAuditWords();
  const footer = (
    <>
      <Button disabled={!onNewer} onClick={onNewer}>
        ↑ {t('newer')}
      </Button>
      <Button disabled={!onOlder} onClick={onOlder}>
        ↓ {t('older')}
      </Button>
    </>
  );
  const only = (what: 'principal' | 'action' | 'target', value: string) => (
    <button
      type="button"
      className="admin-link"
      title={t('onlyThis', { what: t(what) })}
      onClick={() => onFilter({ [what]: value })}
    >
      <bdi>{value}</bdi>
    </button>
  );
  return (
    <Dialog open size="drawer" title={t('entry', { id: event.event_id })} onClose={onClose} footer={footer}>
      <dl className="facts">
        <Fact name={t('when')}>
          <When full ms={event.event_time} />
        </Fact>
        <Fact name={t('principal')}>{only('principal', event.principal_name)}</Fact>
        <Fact name={t('action')}>{only('action', event.action_name)}</Fact>
        <Fact name={t('target')}>{only('target', event.target)}</Fact>
        <Fact name={t('source')}>
          <bdi>{event.source_ip_address || '–'}</bdi>
        </Fact>
        <Fact name={t('userAgent')}>
          <bdi>{event.user_agent || '–'}</bdi>
        </Fact>
        <Fact name={t('requestId')}>
          <code>{event.request_id || '–'}</code>
        </Fact>
      </dl>
      <Change key={event.event_id} event={event} />
    </Dialog>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

const context = 3; // lines around a change: an endpoint has hundreds that stay

function Change({ event: { before, after } }: { event: AuditEvent }) {
  const t = useAuditWords();
  const [whole, setWhole] = useState(false);
  if (before === undefined && after === undefined) return <p className="muted">{t('noContent')}</p>;
  const both = before !== undefined && after !== undefined;
  const same = both && JSON.stringify(before) === JSON.stringify(after);
  const label = both ? t('what') : t(after === undefined ? 'removed' : 'created');
  return (
    <div className="audit-change">
      <h2>{label}</h2>
      {same && <p className="muted">{t('unchanged')}</p>}
      {both && !same && <Switch label={t('whole')} checked={whole} onChange={setWhole} />}
      <JsonDiff label={label} before={before} after={after} context={both && !same && !whole ? context : undefined} />
    </div>
  );
}
