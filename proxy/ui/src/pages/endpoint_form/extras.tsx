// The head of the form, tags and notifications.
import { useState } from 'react';
import { Button } from '../../parts/button';
import { TextArea, TextField } from '../../parts/field';
import { SectionError, useField, useForm } from './context';
import { maxTags, newTag, type TagDraft } from './draft';
import { paths, tagPath } from './paths';
import { useFormWords } from './words';

export function General() {
  const t = useFormWords();
  const { draft, edit, before } = useForm();
  const bind = useField();
  const fixed = before !== null;
  return (
    <section className="card stack" aria-labelledby="form-general">
      <h2 id="form-general">{t('general')}</h2>
      <div className="grid form-fields">
        <TextField
          label={t('name')}
          required
          hint={fixed ? t('fixedHint') : t('nameHint')}
          {...bind(paths.name)}
          name="name"
          readOnly={fixed && draft.name === before.name}
          value={draft.name}
          onChange={(event) => edit(paths.name, (now) => ({ ...now, name: event.target.value }))}
        />
        <TextField
          label={t('description')}
          hint={fixed ? t('fixedHint') : undefined}
          {...bind(paths.description)}
          readOnly={fixed && draft.description === (before.description ?? '')}
          value={draft.description}
          onChange={(event) => edit(paths.description, (now) => ({ ...now, description: event.target.value }))}
        />
      </div>
    </section>
  );
}

export function Tags() {
  const t = useFormWords();
  const { draft, edit } = useForm();
  return (
    <section className="card stack" aria-labelledby="form-tags">
      <h2 id="form-tags">{t('tags')}</h2>
      <SectionError path={paths.tags} />
      {draft.tags.length === 0 && <p className="hint">{t('noTags')}</p>}
      {draft.tags.map((each, i) => (
        <TagRow key={each.id} tag={each} index={i} />
      ))}
      <div className="row">
        <Button
          disabled={draft.tags.length >= maxTags}
          onClick={() => edit(paths.tags, (now) => ({ ...now, tags: [...now.tags, newTag()] }))}
        >
          {t('addTag')}
        </Button>
      </div>
    </section>
  );
}

function TagRow({ tag, index }: { tag: TagDraft; index: number }) {
  const t = useFormWords();
  const { edit } = useForm();
  const bind = useField();
  const set = (part: Partial<TagDraft>, path: string) =>
    edit(path, (now) => ({ ...now, tags: now.tags.map((each) => (each.id === tag.id ? { ...each, ...part } : each)) }));
  const keyPath = `${tagPath(index)}.key`;
  const valuePath = `${tagPath(index)}.value`;
  return (
    <div className="form-tag">
      <TextField
        label={t('tagKey')}
        required
        autoFocus={!tag.key && !tag.value}
        {...bind(keyPath)}
        value={tag.key}
        onChange={(event) => set({ key: event.target.value }, keyPath)}
      />
      <TextField
        label={t('tagValue')}
        {...bind(valuePath)}
        value={tag.value}
        onChange={(event) => set({ value: event.target.value, valueGiven: true }, valuePath)}
      />
      <Button
        look="quiet"
        className="form-remove"
        aria-label={t('removeTag', { number: index + 1 })}
        onClick={() => edit(paths.tags, (now) => ({ ...now, tags: now.tags.filter((each) => each.id !== tag.id) }))}
      >
        ✕
      </Button>
    </div>
  );
}

export function Notifications() {
  const t = useFormWords();
  const { draft, edit, before } = useForm();
  const bind = useField();
  const fixed = before !== null;
  return (
    <section className="card stack" aria-labelledby="form-notifications">
      <h2 id="form-notifications">{t('more')}</h2>
      <div className="grid form-fields">
        <Addresses
          label={t('onSuccess')}
          path={paths.onSuccess}
          list={draft.onSuccess}
          onChange={(onSuccess) => edit(paths.onSuccess, (now) => ({ ...now, onSuccess }))}
        />
        <Addresses
          label={t('onFailure')}
          path={paths.onFailure}
          list={draft.onFailure}
          onChange={(onFailure) => edit(paths.onFailure, (now) => ({ ...now, onFailure }))}
        />
        <TextField
          label={t('budgetPolicy')}
          hint={fixed ? t('fixedHint') : undefined}
          {...bind(paths.budgetPolicy)}
          readOnly={fixed && draft.budgetPolicy === (before.budget_policy_id ?? '')}
          value={draft.budgetPolicy}
          onChange={(event) => edit(paths.budgetPolicy, (now) => ({ ...now, budgetPolicy: event.target.value }))}
        />
      </div>
    </section>
  );
}

interface AddressesProps {
  label: string;
  path: string;
  list: string[];
  onChange: (list: string[]) => void;
}

const split = (text: string) => text.split(/[,;\s]+/).filter(Boolean);

/** The text stays as it was typed as long as it says the same list. */
function Addresses({ label, path, list, onChange }: AddressesProps) {
  const t = useFormWords();
  const bind = useField();
  const [typed, setTyped] = useState('');
  const text = split(typed).join() === list.join() ? typed : list.join('\n');
  return (
    <TextArea
      label={label}
      hint={t('addressesHint')}
      rows={2}
      {...bind(path)}
      value={text}
      onChange={(event) => {
        setTyped(event.target.value);
        onChange(split(event.target.value));
      }}
    />
  );
}
