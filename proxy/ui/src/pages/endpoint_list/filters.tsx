import { useEffect, useRef, useState } from 'react';
import { Button } from '../../parts/button';
import { SelectField, TextField } from '../../parts/field';
import { providerLabel } from '../../parts/provider_icon';
import { useTaskName } from '../endpoint_page/task_name';
import type { Facets } from './rows';
import { sortKeys, stateKinds, type SortKey, type View } from './view';
import { useListWords } from './words';

const writeAfterMs = 200; // browsers refuse many changes of the address in a short time
const longestOption = 60;

interface Props {
  view: View;
  facets: Facets;
  onChange: (view: View) => void;
}

export function Filters({ view, facets, onChange }: Props) {
  const t = useListWords();
  const taskName = useTaskName();
  const set = (change: Partial<View>) => onChange({ ...view, ...change });
  const select = (name: 'task' | 'provider' | 'tag' | 'state', any: string, options: [string, string][]) => (
    <SelectField
      className="list-filter"
      label={t(name)}
      labelHidden
      value={view[name]}
      onChange={(event) => set({ [name]: event.target.value })}
    >
      <option value="">{any}</option>
      {withChosen(options, view[name]).map(([value, label]) => (
        <option key={value} value={value}>
          {label.slice(0, longestOption)}
        </option>
      ))}
    </SelectField>
  );
  return (
    <div className="list-filters" role="search" aria-label={t('filters')}>
      <SearchField value={view.search} onChange={(search) => set({ search })} />
      <Button look="quiet" className="list-mine" aria-pressed={view.mine} onClick={() => set({ mine: !view.mine })}>
        {t('mine')}
      </Button>
      {select('state', t('anyState'), stateKinds.map((each) => [each, t(`state_${each}`)]))}
      {select('task', t('anyTask'), facets.tasks.map((each) => [each, taskName(each)]))}
      {select('provider', t('anyProvider'), facets.providers.map((each) => [each, providerLabel(each)]))}
      {select('tag', t('anyTag'), facets.tags.map((each) => [each, each]))}
      <SortField view={view} onChange={onChange} />
    </div>
  );
}

/** A link may choose what no endpoint has just now. */
function withChosen(options: [string, string][], chosen: string): [string, string][] {
  return chosen === '' || options.some(([value]) => value === chosen) ? options : [...options, [chosen, chosen]];
}

function SearchField({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const t = useListWords();
  const [typed, setTyped] = useState(value);
  const sent = useRef(value);
  const latest = useRef(onChange);
  latest.current = onChange;
  useEffect(() => {
    if (value !== sent.current) setTyped(value); // changed elsewhere: cleared, or Back
    sent.current = value;
  }, [value]);
  useEffect(() => {
    if (typed === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = typed;
      latest.current(typed);
    }, writeAfterMs);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <TextField
      className="list-search"
      type="search"
      label={t('search')}
      labelHidden
      placeholder={t('searchHint')}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
    />
  );
}

/** Stands in for the heads of the columns where rows are cards. */
function SortField({ view, onChange }: { view: View; onChange: (view: View) => void }) {
  const t = useListWords();
  return (
    <div className="list-sort">
      <SelectField
        label={t('sortBy')}
        labelHidden
        value={view.sort}
        onChange={(event) => onChange({ ...view, sort: event.target.value as SortKey })}
      >
        {sortKeys.map((each) => (
          <option key={each} value={each}>
            {`${t('sortBy')}: ${t(each)}`}
          </option>
        ))}
      </SelectField>
      <Button
        aria-label={t(view.descending ? 'descending' : 'ascending')}
        onClick={() => onChange({ ...view, descending: !view.descending })}
      >
        {view.descending ? '↓' : '↑'}
      </Button>
    </div>
  );
}
