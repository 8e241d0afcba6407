// AI Gateway: usage tracking and rate limits; what this gateway does not have is shown, but cannot be switched on.
import { Button } from '../../parts/button';
import { SelectField, Switch, TextField } from '../../parts/field';
import { SectionError, useErrorAt, useField, useForm } from './context';
import { customLimits, maxLimits, newLimit, plainLimit, withPlainLimit, type LimitDraft } from './draft';
import { isObject } from './from_request';
import { limitPath, paths } from './paths';
import { useFormWords } from './words';

export function Gateway() {
  const t = useFormWords();
  const { draft, edit } = useForm();
  return (
    <section className="card stack" aria-labelledby="form-gateway">
      <div>
        <h2 id="form-gateway">{t('gateway')}</h2>
        <p className="hint">{t('gatewayHint')}</p>
      </div>
      <SectionError path={paths.gateway} />
      <div className="grid form-switches">
        <Switch
          label={t('usageTracking')}
          hint={t('usageTrackingHint')}
          checked={draft.usageTracking === true}
          onChange={(on) => edit(paths.gateway, (now) => ({ ...now, usageTracking: on ? true : null }))}
        />
        <NotBuilt label={t('inferenceTables')} member="inference_table_config" path={paths.inferenceTable} />
        <NotBuilt label={t('guardrails')} member="guardrails" path={paths.guardrails} />
        <NotBuilt label={t('fallbacks')} member="fallback_config" path={paths.fallback} />
      </div>
      <Limits />
    </section>
  );
}

/** Refused by the gateway as "not implemented" (proxy/control/endpoint_input_gateway.cpp). */
function NotBuilt({ label, member, path }: { label: string; member: string; path: string }) {
  const t = useFormWords();
  const { draft } = useForm();
  const given = draft.gatewayRest[member];
  return (
    <div>
      <Switch
        label={label}
        hint={t('notBuilt')}
        disabled
        checked={isObject(given) && given.enabled === true}
        onChange={() => {}}
      />
      <SectionError path={path} />
    </div>
  );
}

function Limits() {
  const t = useFormWords();
  const { draft, edit } = useForm();
  const custom = customLimits(draft);
  return (
    <div className="stack">
      <h3>{t('rateLimits')}</h3>
      <SectionError path={paths.limits} />
      <div className="grid">
        <PlainLimit limitKey="endpoint" title={t('limitOfEndpoint')} />
        <PlainLimit limitKey="user" title={t('limitOfUser')} />
      </div>
      <div>
        <h4 className="form-label">{t('customLimits')}</h4>
        <p className="hint">{t('customLimitsHint')}</p>
      </div>
      {draft.limits.map((each, i) => custom.includes(each) && <CustomLimit key={each.id} limit={each} index={i} />)}
      <div className="row">
        <Button
          disabled={draft.limits.length >= maxLimits}
          onClick={() => edit(paths.limits, (now) => ({ ...now, limits: [...now.limits, { ...newLimit('user_group') }] }))}
        >
          {t('addLimit')}
        </Button>
      </div>
    </div>
  );
}

function PlainLimit({ limitKey, title }: { limitKey: 'endpoint' | 'user'; title: string }) {
  const t = useFormWords();
  const { draft, edit, touch } = useForm();
  const errorAt = useErrorAt();
  const limit = plainLimit(draft, limitKey, 'calls');
  const path = limit ? `${limitPath(draft.limits.indexOf(limit))}.calls` : `limit-${limitKey}`;
  const tokens = plainLimit(draft, limitKey, 'tokens')?.tokens ?? '';
  const set = (unit: 'calls' | 'tokens') => (event: { target: { value: string } }) =>
    edit(path, (now) => withPlainLimit(now, limitKey, unit, event.target.value.trim()));
  return (
    <fieldset className="form-limit">
      <legend>{title}</legend>
      <TextField
        label={t('perMinute')}
        inputMode="numeric"
        placeholder={t('noLimit')}
        error={errorAt(path)}
        value={limit?.calls ?? ''}
        onChange={set('calls')}
        onBlur={() => touch(path)}
      />
      <Tokens value={tokens} onChange={set('tokens')} />
    </fieldset>
  );
}

/** Not built; but what the JSON brought can be taken out again. */
function Tokens({ value, onChange }: { value: string; onChange: (event: { target: { value: string } }) => void }) {
  const t = useFormWords();
  return (
    <TextField
      label={t('tokensPerMinute')}
      hint={t('notBuilt')}
      inputMode="numeric"
      disabled={!value}
      value={value}
      onChange={onChange}
    />
  );
}

const principalHints = {
  user: 'principalOfUser',
  user_group: 'principalOfGroup',
  service_principal: 'principalOfService',
} as const;
const principalTypes = Object.keys(principalHints) as (keyof typeof principalHints)[];

function CustomLimit({ limit, index }: { limit: LimitDraft; index: number }) {
  const t = useFormWords();
  const { edit } = useForm();
  const bind = useField();
  const path = limitPath(index);
  const set = (part: Partial<LimitDraft>, at: string) =>
    edit(at, (now) => ({ ...now, limits: now.limits.map((each) => (each.id === limit.id ? { ...each, ...part } : each)) }));
  const key = limit.key || 'endpoint';
  const isType = key in principalHints;
  return (
    <div className="form-custom-limit" role="group" aria-label={`${t('customLimits')} ${index + 1}`}>
      <SelectField
        label={t('principalType')}
        {...bind(`${path}.key`)}
        value={key}
        onChange={(event) => set({ key: event.target.value }, `${path}.key`)}
      >
        {!isType && <option value={key}>{key === 'endpoint' ? t('endpoint') : key}</option>}
        {principalTypes.map((each) => (
          <option key={each} value={each}>
            {t(each)}
          </option>
        ))}
      </SelectField>
      <TextField
        label={t(isType ? principalHints[key as keyof typeof principalHints] : 'principal')}
        required
        {...bind(`${path}.principal`)}
        value={limit.principal}
        onChange={(event) => set({ principal: event.target.value }, `${path}.principal`)}
      />
      <TextField
        label={t('perMinute')}
        inputMode="numeric"
        required
        {...bind(`${path}.calls`)}
        value={limit.calls}
        onChange={(event) => set({ calls: event.target.value.trim() }, `${path}.calls`)}
      />
      <Tokens value={limit.tokens} onChange={(event) => set({ tokens: event.target.value.trim() }, `${path}.calls`)} />
      <Button
        look="quiet"
        className="form-remove"
        aria-label={t('removeLimit', { number: index + 1 })}
        onClick={() => edit(paths.limits, (now) => ({ ...now, limits: now.limits.filter((each) => each.id !== limit.id) }))}
      >
        ✕
      </Button>
    </div>
  );
}
