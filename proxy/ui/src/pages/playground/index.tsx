// Chat with one to three endpoints side by side. The conversation lives in this page alone.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useSearchParams } from 'wouter';
import { useLiveEndpoints } from '../../base/live';
import { useSession } from '../../base/session';
import type { Endpoint } from '../../base/types';
import { useUnsaved } from '../../base/unsaved';
import { Button, LinkButton } from '../../parts/button';
import { CopyButton } from '../../parts/copy_button';
import { ConfirmDialog } from '../../parts/dialog';
import { Empty, Failed, Loading } from '../../parts/states';
import { EndpointPicker } from '../../query/endpoint_picker';
import { mayQuery, taskOf } from '../../query/tasks';
import { anyBusy, chatJson, faultOf, firstSettings, mostColumns, settingFaults, type Column, type Settings } from './chat';
import { Composer } from './composer';
import { SettingsPanel } from './settings_panel';
import { Announcements, Thread } from './thread';
import { useChat, type ChatControl } from './use_chat';
import { useStick } from './use_stick';
import { usePlaygroundWords } from './words';
import './playground.css';

export default function Playground() {
  const t = usePlaygroundWords();
  const { all, error } = useLiveEndpoints();
  const session = useSession();
  useEffect(() => {
    document.title = `${t('title')} · Sluice`;
  }, [t]);
  const endpoints = useMemo(
    () => all?.filter((each) => taskOf(each) === 'llm/v1/chat' && mayQuery(each)) ?? null,
    [all],
  );
  const [params] = useSearchParams();
  if (!endpoints) {
    return (
      <>
        <h1>{t('title')}</h1>
        {error ? <Failed error={error} /> : <Loading rows={8} />}
      </>
    );
  }
  if (!endpoints.length && !params.has('endpoint')) {
    return (
      <>
        <h1>{t('title')}</h1>
        <Empty title={t('noEndpoints')}>
          <p className="hint">{t('noEndpointsHint')}</p>
          {session.may_create && <LinkButton to="/ml/create-endpoint">{t('create')}</LinkButton>}
        </Empty>
      </>
    );
  }
  return <Bench all={all ?? []} endpoints={endpoints} />;
}

/** The endpoints of the address; without any, the first that is ready. */
function useColumns(endpoints: Endpoint[]): ChatControl {
  const [params, setParams] = useSearchParams();
  const named = params.getAll('endpoint').filter(Boolean).slice(0, mostColumns);
  const first = endpoints.find((each) => each.state.ready === 'READY') ?? endpoints[0];
  const control = useChat(named.length ? named : first ? [first.name] : []);
  const { setEndpoints } = control;

  const wanted = named.join('\n');
  const shown = control.chat.columns.map((each) => each.endpoint).join('\n');
  const written = useRef(wanted);
  useEffect(() => {
    if (wanted === shown) return;
    if (wanted && wanted !== written.current) {
      setEndpoints(wanted.split('\n')); // the address was changed: a link, or the way back
    } else {
      setParams(shown.split('\n').map((each) => ['endpoint', each]), { replace: true });
    }
    written.current = wanted && wanted !== written.current ? wanted : shown;
  }, [wanted, shown, setEndpoints, setParams]);
  return control;
}

function Bench({ all, endpoints }: { all: Endpoint[]; endpoints: Endpoint[] }) {
  const control = useColumns(endpoints);
  const { chat } = control;
  useUnsaved(chat.turns.length > 0, { inPage: true, what: 'conversation' });
  const [settings, setSettings] = useState<Settings>(firstSettings);
  const [settingsOpen, setSettingsOpen] = useState(() => window.matchMedia('(min-width: 64rem)').matches);
  return (
    <div className="playground" data-settings={settingsOpen || undefined}>
      <Head {...{ control, settings, settingsOpen }} onToggleSettings={() => setSettingsOpen(!settingsOpen)} />
      {settingsOpen && <SettingsPanel settings={settings} onChange={setSettings} />}
      <div className="playground-main">
        <Columns {...{ control, endpoints }} />
        <Unusable all={all} names={chat.columns.map((each) => each.endpoint)} />
        <Conversation {...{ control, settings }} />
      </div>
      <Announcements chat={chat} />
    </div>
  );
}

interface HeadProps {
  control: ChatControl;
  settings: Settings;
  settingsOpen: boolean;
  onToggleSettings: () => void;
}

function Head({ control, settings, settingsOpen, onToggleSettings }: HeadProps) {
  const t = usePlaygroundWords();
  const [clearing, setClearing] = useState(false);
  const isEmpty = control.chat.turns.length === 0;
  return (
    <div className="page-head playground-head">
      <h1>{t('title')}</h1>
      <div className="actions">
        {!isEmpty && <CopyButton text={() => chatJson(control.chat, settings)}>{t('copyJson')}</CopyButton>}
        {!isEmpty && (
          <Button look="quiet" onClick={() => setClearing(true)}>
            {t('clear')}
          </Button>
        )}
        <Button aria-expanded={settingsOpen} aria-controls="playground-settings" onClick={onToggleSettings}>
          {t('settings')}
        </Button>
      </div>
      <ConfirmDialog
        title={t('clearTitle')}
        open={clearing}
        onClose={() => setClearing(false)}
        action={t('clear')}
        onConfirm={async () => control.clear()}
      >
        <p>{t('clearText')}</p>
      </ConfirmDialog>
    </div>
  );
}

function Columns({ control, endpoints }: { control: ChatControl; endpoints: Endpoint[] }) {
  const t = usePlaygroundWords();
  const { columns } = control.chat;
  const [removing, setRemoving] = useState<Column | null>(null);
  const remove = (column: Column) => {
    if (control.chat.turns.some((turn) => turn.replies[column.id])) setRemoving(column);
    else control.removeColumn(column.id);
  };
  const names = columns.map((each) => each.endpoint);
  const unused = endpoints.find((each) => !names.includes(each.name)) ?? endpoints[0];
  return (
    <div className="playground-columns">
      <div className={`playground-pickers of-${columns.length}`}>
        {columns.map((column, i) => (
          <div className="playground-picker" key={column.id}>
            <EndpointPicker
              label={t('endpoint', { number: i + 1 })}
              labelHidden
              endpoints={endpoints}
              value={column.endpoint}
              onChange={(name) => control.setEndpoints(names.map((old, at) => (at === i ? name : old)))}
            />
            {columns.length > 1 && (
              <Button look="quiet" aria-label={t('remove', { name: column.endpoint })} onClick={() => remove(column)}>
                ✕
              </Button>
            )}
          </div>
        ))}
      </div>
      {columns.length < mostColumns && unused && (
        <Button onClick={() => control.setEndpoints([...names, unused.name])}>+ {t('add')}</Button>
      )}
      <ConfirmDialog
        title={t('removeTitle', { name: removing?.endpoint ?? '' })}
        open={removing !== null}
        onClose={() => setRemoving(null)}
        action={t('removeAction')}
        onConfirm={async () => removing && control.removeColumn(removing.id)}
      >
        <p>{t('removeText')}</p>
      </ConfirmDialog>
    </div>
  );
}

/** A link may lead to an endpoint that cannot answer here. */
function Unusable({ all, names }: { all: Endpoint[]; names: string[] }) {
  const t = usePlaygroundWords();
  const faults = [...new Set(names)].flatMap((name) => {
    const fault = faultOf(all, name);
    return fault ? [{ name, fault }] : [];
  });
  return (
    <div role="status" className="playground-faults">
      {faults.map(({ name, fault }) => (
        <p key={name} className="playground-fault">
          {t(fault, { name })}
        </p>
      ))}
    </div>
  );
}

function Conversation({ control, settings }: { control: ChatControl; settings: Settings }) {
  const t = usePlaygroundWords();
  const { chat, send, retry, stop } = control;
  const { scroller, content, stuck, toEnd } = useStick();
  const [editing, setEditing] = useState(false);
  const draft = useRef(''); // waits while the last message is edited
  const composer = useRef<HTMLDivElement>(null);
  const busy = anyBusy(chat);

  const now = useRef(settings); // a retry asks with the settings of then, and old turns need not be drawn anew for them
  now.current = settings;
  const onRetry = useCallback((turn: number, column: number) => retry(turn, column, now.current), [retry]);
  const onEdit = useCallback(() => setEditing(true), []);
  const focusField = () => composer.current?.querySelector('textarea')?.focus();
  const endEdit = () => {
    setEditing(false);
    setTimeout(focusField);
  };
  return (
    <>
      <div className="playground-scroller" ref={scroller} role="region" aria-label={t('conversation')} tabIndex={0}>
        <div ref={content}>
          {chat.turns.length ? (
            <Thread chat={chat} editable={!busy && !editing} onRetry={onRetry} onStop={stop} onEdit={onEdit} />
          ) : (
            <Empty title={t('start')}>
              <p className="hint">{t('startHint')}</p>
            </Empty>
          )}
        </div>
      </div>
      <div className="playground-below">
        {!stuck && (
          <Button className="playground-newest" onClick={toEnd}>
            ↓ {t('newest')}
          </Button>
        )}
        <Composer
          key={editing ? 'edit' : 'new'}
          box={composer}
          editing={editing}
          first={editing ? (chat.turns.at(-1)?.user ?? '') : draft.current}
          busy={busy}
          ready={chat.columns.length > 0 && settingFaults(settings).length === 0}
          onText={(text) => {
            if (!editing) draft.current = text;
          }}
          onSend={(text) => {
            send(text, settings, editing);
            if (editing) endEdit();
            toEnd();
          }}
          onStop={control.stopAll}
          onCancelEdit={endEdit}
        />
      </div>
    </>
  );
}
