// One served entity.
import { useId, useState } from 'react';
import type { ProviderSchema } from '../../base/types';
import { Button } from '../../parts/button';
import { SelectField, TextField } from '../../parts/field';
import { prettyJson } from '../../parts/json_editor';
import { ProviderIcon, providerLabel } from '../../parts/provider_icon';
import { SectionError, useErrorAt, useField, useForm } from './context';
import { defaultEntityName, findSchema, removeEntity, withProvider, type EntityDraft } from './draft';
import { EntityDialog } from './entity_dialog';
import { keptBy } from './from_request';
import { entityPath, modelPath, sharePath } from './paths';
import { ProviderFields } from './provider_fields';
import { useFormWords } from './words';

interface Props {
  entity: EntityDraft;
  index: number;
  isKept: ReturnType<typeof keptBy>;
}

export function Entity({ entity, index, isKept }: Props) {
  const t = useFormWords();
  const { draft, schemas, edit } = useForm();
  const id = useId();
  const schema = findSchema(schemas, entity.provider);
  const change = (path: string, next: (entity: EntityDraft) => EntityDraft) =>
    edit(path, (now) => ({ ...now, entities: now.entities.map((each) => (each.id === entity.id ? next(each) : each)) }));
  return (
    <section className="form-entity" aria-labelledby={id}>
      <header className="form-entity-head">
        <h3 id={id}>{t('entityNumber', { number: index + 1 })}</h3>
        {draft.entities.length > 1 && (
          <Button
            look="quiet"
            aria-label={t('removeEntityOf', { number: index + 1 })}
            onClick={() => edit(entityPath(index), (now) => removeEntity(now, entity.id))}
          >
            {t('removeEntity')}
          </Button>
        )}
      </header>
      <SectionError path={entityPath(index)} />
      {entity.raw ? (
        <RawEntity raw={entity.raw} />
      ) : (
        <>
          <div className="form-pick">
            <EntityPicker entity={entity} index={index} change={change} />
            {draft.entities.length > 1 && <Share {...{ entity, index, change }} />}
          </div>
          {schema && <ModelFields {...{ entity, index, schema, change }} />}
          {schema && <ProviderFields {...{ entity, index, schema, isKept, change }} />}
        </>
      )}
      {entity.raw && draft.entities.length > 1 && <Share {...{ entity, index, change }} />}
    </section>
  );
}

function RawEntity({ raw }: { raw: object }) {
  const t = useFormWords();
  return (
    <>
      <p className="hint">{t('rawEntity')}</p>
      <pre tabIndex={0} aria-label={t('json')}>
        {prettyJson(raw)}
      </pre>
    </>
  );
}

interface PartProps {
  entity: EntityDraft;
  index: number;
  change: (path: string, next: (entity: EntityDraft) => EntityDraft) => void;
}

/** Looks like a select, opens the dialog. */
function EntityPicker({ entity, index, change }: PartProps) {
  const t = useFormWords();
  const { schemas } = useForm();
  const errorAt = useErrorAt();
  const id = useId();
  const [open, setOpen] = useState(false);
  const path = `${modelPath(index)}.provider`;
  const error = errorAt(path);
  const text = entity.provider ? t('externalOf', { provider: providerLabel(entity.provider) }) : t('selectEntity');
  const choose = (provider: string) => {
    const schema = findSchema(schemas, provider);
    setOpen(false);
    if (schema && provider !== entity.provider) change(path, (now) => withProvider(now, schema));
  };
  return (
    <div className="field" data-invalid={error ? true : undefined}>
      <span className="form-label" id={`${id}-label`}>
        {t('entity')}
        <span className="required" aria-hidden="true">
          {' *'}
        </span>
      </span>
      <button
        type="button"
        id={id}
        className="choice form-picker"
        aria-haspopup="dialog"
        aria-labelledby={`${id}-label ${id}`}
        aria-describedby={error ? `${id}-error` : undefined}
        onClick={() => setOpen(true)}
      >
        {entity.provider && <ProviderIcon provider={entity.provider} />}
        <span className={entity.provider ? undefined : 'muted'}>{text}</span>
      </button>
      {error && (
        <p className="error" role="alert" id={`${id}-error`}>
          {error}
        </p>
      )}
      <EntityDialog open={open} provider={entity.provider} onClose={() => setOpen(false)} onConfirm={choose} />
    </div>
  );
}

function ModelFields({ entity, index, schema, change }: PartProps & { schema: ProviderSchema }) {
  const t = useFormWords();
  const bind = useField();
  const path = modelPath(index);
  const set = (at: string, part: Partial<EntityDraft>) => change(at, (now) => ({ ...now, ...part }));
  const made = defaultEntityName(entity.model);
  const tasks = schema.tasks as string[];
  return (
    <div className="grid form-fields">
      <TextField
        label={t('modelName')}
        required
        {...bind(`${path}.name`)}
        value={entity.model}
        onChange={(event) => set(`${path}.name`, { model: event.target.value })}
      />
      <SelectField
        label={t('task')}
        required
        {...bind(`${path}.task`)}
        value={entity.task}
        onChange={(event) => set(`${path}.task`, { task: event.target.value })}
      >
        {!entity.task && <option value="">{schema.name === 'custom' ? t('noTask') : t('optionChoice')}</option>}
        {entity.task && !tasks.includes(entity.task) && <option>{entity.task}</option>}
        {schema.tasks.map((each) => (
          <option key={each} value={each}>
            {t(each)}
          </option>
        ))}
      </SelectField>
      <TextField
        label={t('entityName')}
        hint={made ? t('entityNameHint', { name: made }) : t('entityNameEmpty')}
        {...bind(`${entityPath(index)}.name`)}
        value={entity.name}
        onChange={(event) => set(`${entityPath(index)}.name`, { name: event.target.value })}
      />
    </div>
  );
}

function Share({ entity, index, change }: PartProps) {
  const t = useFormWords();
  const bind = useField();
  const path = sharePath(index);
  return (
    <TextField
      label={t('share')}
      className="form-share"
      inputMode="numeric"
      {...bind(path)}
      value={entity.traffic}
      onChange={(event) => change(path, (now) => ({ ...now, traffic: event.target.value.trim() }))}
    />
  );
}
