import { useId } from 'react';
import { Button } from '../../parts/button';
import { Field, SelectField, TextField } from '../../parts/field';
import { isFiltered, knownActions, noFilter, ranges, type Filter, type Range } from './events';
import { useAuditWords } from './words';

interface Props {
  filter: Filter;
  onChange: (filter: Filter) => void;
}

const rangeNames: readonly Range[] = ['all', ...(Object.keys(ranges) as (keyof typeof ranges)[]), 'custom'];

export function Filters({ filter, onChange }: Props) {
  const t = useAuditWords();
  const actions = useId();
  const set = (changed: Partial<Filter>) => onChange({ ...filter, ...changed });
  return (
    <form className="audit-filters" role="search" aria-label={t('filters')} onSubmit={(event) => event.preventDefault()}>
      <SelectField
        label={t('range')}
        value={filter.range}
        onChange={(event) => set({ range: event.target.value as Range, from: '', to: '' })}
      >
        {rangeNames.map((each) => (
          <option key={each} value={each}>
            {t(each)}
          </option>
        ))}
      </SelectField>
      {filter.range === 'custom' && (
        <>
          <TimeField label={t('from')} value={filter.from} onChange={(from) => set({ from })} />
          <TimeField label={t('to')} value={filter.to} onChange={(to) => set({ to })} />
        </>
      )}
      <TextField
        label={t('principal')}
        placeholder={t('principalHint')}
        value={filter.principal}
        onChange={(event) => set({ principal: event.target.value })}
      />
      <TextField
        label={t('action')}
        placeholder={t('actionHint')}
        list={actions}
        value={filter.action}
        onChange={(event) => set({ action: event.target.value })}
      />
      <datalist id={actions}>
        {knownActions.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <TextField
        label={t('target')}
        placeholder={t('targetHint')}
        value={filter.target}
        onChange={(event) => set({ target: event.target.value })}
      />
      <Button look="quiet" disabled={!isFiltered(filter)} onClick={() => onChange(noFilter)}>
        {t('clear')}
      </Button>
    </form>
  );
}

function TimeField({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  return (
    <Field label={label}>
      {(wiring) => (
        <input {...wiring} type="datetime-local" value={value} onChange={(event) => onChange(event.target.value)} />
      )}
    </Field>
  );
}
