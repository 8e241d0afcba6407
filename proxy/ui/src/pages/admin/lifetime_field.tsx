import { SelectField, TextField } from '../../parts/field';
import { lifetimeDays, type Lifetime } from './lifetime';
import { useAdminWords } from './words';

interface Props {
  value: Lifetime;
  onChange: (value: Lifetime) => void;
  mostDays: number;
  endless: boolean; // whether it may have no end
  error: string | undefined;
}

export function LifetimeField({ value, onChange, mostDays, endless, error }: Props) {
  const t = useAdminWords();
  const other = value.choice === 'other';
  return (
    <div className="grid">
      <SelectField
        label={t('lifetime')}
        hint={value.choice === 'never' ? t('endlessHint') : undefined}
        error={other ? undefined : error}
        value={value.choice}
        onChange={(event) => onChange({ ...value, choice: event.target.value })}
      >
        {lifetimeDays
          .filter((days) => days <= mostDays)
          .map((days) => (
            <option key={days} value={days}>
              {t('lifetimeDays', { count: days })}
            </option>
          ))}
        {endless && <option value="never">{t('lifetimeNever')}</option>}
        <option value="other">{t('lifetimeOther')}</option>
      </SelectField>
      {other && (
        <TextField
          label={t('days')}
          inputMode="numeric"
          error={error}
          value={value.days}
          onChange={(event) => onChange({ ...value, days: event.target.value })}
        />
      )}
    </div>
  );
}
