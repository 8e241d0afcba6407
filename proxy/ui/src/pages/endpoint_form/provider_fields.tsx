// The fields of a provider's config block, made of the gateway's own description.
import { useId } from 'react';
import type { ProviderField, ProviderSchema } from '../../base/types';
import { SelectField, TextArea, TextField } from '../../parts/field';
import { useField, useForm } from './context';
import { applies, optionOf, shownFields, valueOf, type EntityDraft, type SecretDraft, type ShownField } from './draft';
import { keptBy } from './from_request';
import { fieldPath } from './paths';
import { SecretField } from './secret_field';
import { useFieldLabel, useFormWords } from './words';

interface Props {
  schema: ProviderSchema;
  entity: EntityDraft;
  index: number;
  isKept: ReturnType<typeof keptBy>;
  change: (path: string, next: (entity: EntityDraft) => EntityDraft) => void;
}

export function ProviderFields(props: Props) {
  const { schema, entity } = props;
  const shown = shownFields(schema, entity);
  const alone = shown.filter(({ field }) => !optionOf(schema, field.name));
  return (
    <>
      <div className="grid form-fields">
        {alone.map((each) => (
          <OneField key={each.field.name} {...props} shown={each} />
        ))}
      </div>
      {(schema.one_of ?? []).map((oneOf) => (
        <OneOf
          key={oneOf.name}
          {...props}
          name={oneOf.name}
          fields={shown.filter(({ field }) => optionOf(schema, field.name)?.oneOf === oneOf.name)}
        />
      ))}
    </>
  );
}

function OneOf(props: Props & { name: string; fields: ShownField[] }) {
  const { schema, entity, name, fields, change, index } = props;
  const label = useFieldLabel();
  const id = useId();
  const options = schema.one_of?.find((each) => each.name === name)?.options ?? [];
  const choose = (option: string) =>
    change(fieldPath(index, schema, name), (now) => ({ ...now, forced: [], options: { ...now.options, [name]: option } }));
  return (
    <fieldset className="form-one-of">
      <legend>{label(name)}</legend>
      <div className="form-modes">
        {options.map((each) => (
          <label key={each.name}>
            <input
              type="radio"
              name={id}
              checked={entity.options[name] === each.name}
              onChange={() => choose(each.name)}
            />
            {label(each.name)}
          </label>
        ))}
      </div>
      <div className="grid form-fields">
        {fields.map((each) => (
          <OneField key={each.field.name} {...props} shown={each} />
        ))}
      </div>
    </fieldset>
  );
}

/** Where no condition hangs on a field, what was forced stays; else it is seen anew what applies. */
function withValue(schema: ProviderSchema, entity: EntityDraft, name: string, value: string): EntityDraft {
  const next = { ...entity, values: { ...entity.values, [name]: value } };
  const decides = schema.fields.some((each) => each.only_if?.some((condition) => condition.field === name));
  const stays = (each: string) => each !== name || value !== '';
  const isShown = (each: string) => schema.fields.some((row) => row.name === each && applies(schema, next, row));
  next.forced = entity.forced.filter((each) => stays(each) && !(decides && isShown(each)));
  return next;
}

function OneField({ schema, entity, index, isKept, change, shown }: Props & { shown: ShownField }) {
  const { field, required, forced } = shown;
  const label = useFieldLabel()(field.name);
  const bind = useField();
  const { before } = useForm();
  const path = fieldPath(index, schema, field.name);
  if (field.secret) {
    const set = (secret: SecretDraft) =>
      change(path, (now) => ({
        ...now,
        secrets: { ...now.secrets, [field.name]: secret },
        forced: secret[secret.mode === 'plaintext' ? 'plaintext' : 'reference']
          ? now.forced
          : now.forced.filter((each) => each !== field.name),
      }));
    const keeps = before !== null && isKept(entity.name, entity.provider, field.name);
    return (
      <SecretField
        {...bind(path)}
        label={label}
        required={required}
        multiline={field.kind === 'multiline'}
        keeps={keeps}
        value={entity.secrets[field.name]}
        onChange={set}
      />
    );
  }
  const set = (value: string) => change(path, (now) => withValue(schema, now, field.name, value));
  return <PlainField {...{ schema, entity, field, label, required: required && !forced, path, set }} />;
}

interface PlainProps {
  schema: ProviderSchema;
  entity: EntityDraft;
  field: ProviderField;
  label: string;
  required: boolean;
  path: string;
  set: (value: string) => void;
}

function PlainField({ schema, entity, field, label, required, path, set }: PlainProps) {
  const t = useFormWords();
  const bind = useField();
  const shared = { label, required, ...bind(path) };
  const value = entity.values[field.name] ?? '';
  if (field.choices) {
    const shownValue = valueOf(schema, entity, field.name);
    return (
      <SelectField
        {...shared}
        value={shownValue}
        onChange={(event) => set(event.target.value === field.default ? '' : event.target.value)}
      >
        {!field.default && <option value="">{t('optionChoice')}</option>}
        {shownValue && !field.choices.includes(shownValue) && <option>{shownValue}</option>}
        {field.choices.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </SelectField>
    );
  }
  if (field.kind === 'multiline') {
    return <TextArea {...shared} rows={5} value={value} onChange={(event) => set(event.target.value)} />;
  }
  return (
    <TextField
      {...shared}
      inputMode={field.kind === 'url' ? 'url' : 'text'}
      placeholder={field.kind === 'url' ? 'https://' : undefined}
      value={value}
      onChange={(event) => set(event.target.value)}
    />
  );
}
