// The tags of an endpoint; who may manage it edits them in place.
import { useEffect, useRef, useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { call } from '../../base/api';
import { makeWords } from '../../base/text';
import type { Endpoint, Tag } from '../../base/types';
import { useUnsaved } from '../../base/unsaved';
import { Button } from '../../parts/button';
import { TextField } from '../../parts/field';
import { ErrorNote } from '../../parts/states';
import { mayManage } from './entities';
import { endpointKey, endpointPath } from './paths';
import { rowsOfTags, tagChanges, tagFaults, type TagRow } from './tag_changes';

const useText = makeWords({
  en: {
    tags: 'Tags',
    none: 'No tags',
    edit: 'Edit tags',
    key: 'Key',
    value: 'Value',
    add: 'Add tag',
    remove: 'Remove tag {key}',
    save: 'Save tags',
    cancel: 'Cancel',
    empty: 'A tag needs a key.',
    twice: 'This key is there twice.',
  },
  ko: {
    tags: '태그',
    none: '태그 없음',
    edit: '태그 편집',
    key: '키',
    value: '값',
    add: '태그 추가',
    remove: '태그 {key} 제거',
    save: '태그 저장',
    cancel: '취소',
    empty: '태그에는 키가 필요합니다.',
    twice: '같은 키가 두 번 있습니다.',
  },
});

export function Tags({ endpoint }: { endpoint: Endpoint }) {
  const t = useText();
  const [editing, setEditing] = useState(false);
  const editButton = useRef<HTMLDivElement>(null);
  const edited = useRef(false);
  useEffect(() => {
    if (!editing && edited.current) editButton.current?.querySelector('button')?.focus();
    edited.current = editing;
  }, [editing]);
  const tags = endpoint.tags ?? [];
  if (editing) return <TagEditor endpoint={endpoint} tags={tags} onDone={() => setEditing(false)} />;
  return (
    <div className="endpoint-tags" role="group" aria-label={t('tags')} ref={editButton}>
      {tags.map((each) => (
        <span key={each.key} className="endpoint-tag">
          <bdi>{each.key}</bdi>
          {each.value && (
            <>
              <span className="muted">: </span>
              <bdi>{each.value}</bdi>
            </>
          )}
        </span>
      ))}
      {tags.length === 0 && <span className="muted">{t('none')}</span>}
      {mayManage(endpoint.permission_level) && (
        <Button look="quiet" onClick={() => setEditing(true)}>
          {t('edit')}
        </Button>
      )}
    </div>
  );
}

function TagEditor({ endpoint, tags, onDone }: { endpoint: Endpoint; tags: Tag[]; onDone: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const [rows, setRows] = useState<TagRow[]>(() => [...rowsOfTags(tags), { id: tags.length, key: '', value: '' }]);
  const [checked, setChecked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const askFirst = useUnsaved(tagChanges(tags, rows) !== null, { inPage: true });
  const faults = checked ? tagFaults(rows) : new Map<number, never>();
  const put = (id: number, change: Partial<TagRow>) =>
    setRows((now) => now.map((each) => (each.id === id ? { ...each, ...change } : each)));
  const addRow = () => setRows((now) => [...now, { id: Math.max(-1, ...now.map((each) => each.id)) + 1, key: '', value: '' }]);

  const save = async () => {
    setChecked(true);
    if (tagFaults(rows).size > 0) return;
    const changes = tagChanges(tags, rows);
    if (!changes) return onDone();
    setBusy(true);
    setError(null);
    try {
      const answer = await call<{ tags: Tag[] }>('PATCH', `${endpointPath(endpoint.name)}/tags`, { body: changes });
      queries.setQueryData<Endpoint>(endpointKey(endpoint.name), (now) => now && { ...now, tags: answer.tags });
      onDone();
    } catch (cause) {
      setError(cause);
      setBusy(false);
    }
  };
  return (
    <form
      className="endpoint-tag-form"
      aria-label={t('edit')}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !busy) askFirst(onDone);
      }}
    >
      {rows.map((each, i) => {
        const fault = faults.get(each.id);
        return (
          <div key={each.id} className="endpoint-tag-row">
            <TextField
              label={t('key')}
              labelHidden={i > 0}
              autoFocus={i === rows.length - 1}
              value={each.key}
              error={fault && t(fault)}
              onChange={(event) => put(each.id, { key: event.target.value })}
            />
            <TextField
              label={t('value')}
              labelHidden={i > 0}
              value={each.value}
              onChange={(event) => put(each.id, { value: event.target.value })}
            />
            <Button
              look="quiet"
              aria-label={t('remove', { key: each.key })}
              onClick={() => setRows((now) => now.filter((other) => other.id !== each.id))}
            >
              ✕
            </Button>
          </div>
        );
      })}
      {error !== null && <ErrorNote error={error} />}
      <div className="actions">
        <Button onClick={addRow}>{t('add')}</Button>
        <Button type="submit" look="primary" busy={busy}>
          {t('save')}
        </Button>
        <Button look="quiet" onClick={() => askFirst(onDone)} disabled={busy}>
          {t('cancel')}
        </Button>
      </div>
    </form>
  );
}
