// One endpoint out of any number: a list with a search field, of which only the first matches are made.
import { useMemo, useRef, useState } from 'react';
import * as Ariakit from '@ariakit/react';
import { makeWords } from '../base/text';
import type { Endpoint } from '../base/types';
import { StateChip } from '../parts/chips';
import { leaveByTab } from '../parts/leave_by_tab';
import './endpoint_picker.css';

const useText = makeWords({
  en: {
    search: 'Search endpoints',
    choose: 'Choose an endpoint',
    none: 'No endpoint has this in its name.',
    more: '{count} more: type a part of the name.',
    gone: 'not in the list',
  },
  ko: {
    search: '엔드포인트 검색',
    choose: '엔드포인트 선택',
    none: '이름에 이 글자가 들어 있는 엔드포인트가 없습니다.',
    more: '{count}개 더 있습니다. 이름 일부를 입력하세요.',
    gone: '목록에 없음',
  },
});

const mostShown = 50;

export function matching(endpoints: Endpoint[], search: string): Endpoint[] {
  const wanted = search.trim().toLowerCase();
  return wanted ? endpoints.filter((each) => each.name.toLowerCase().includes(wanted)) : endpoints;
}

interface Props {
  label: string;
  labelHidden?: boolean;
  endpoints: Endpoint[];
  value: string;
  disabled?: boolean;
  onChange: (name: string) => void;
}

export function EndpointPicker({ label, labelHidden, endpoints, value, disabled, onChange }: Props) {
  const t = useText();
  const [search, setSearch] = useState('');
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const found = useMemo(() => matching(endpoints, search), [endpoints, search]);
  const chosen = endpoints.find((each) => each.name === value);
  return (
    <Ariakit.ComboboxProvider resetValueOnHide value={search} setValue={setSearch}>
      <Ariakit.SelectProvider
        value={value}
        setValue={(name: string) => name && name !== value && onChange(name)}
        open={open}
        setOpen={setOpen}
      >
        <div className="field picker">
          <Ariakit.SelectLabel className={labelHidden ? 'only-read' : 'picker-label'}>{label}</Ariakit.SelectLabel>
          <Ariakit.Select ref={button} className="choice" disabled={disabled ?? false}>
            {value ? <bdi className="picker-name">{value}</bdi> : <span className="picker-name muted">{t('choose')}</span>}
            {chosen && chosen.state.ready !== 'READY' && <StateChip state={chosen.state} />}
            {value && !chosen && <span className="hint">{t('gone')}</span>}
            <Ariakit.SelectArrow />
          </Ariakit.Select>
        </div>
        <Ariakit.SelectPopover
          className="menu picker-menu"
          gutter={4}
          sameWidth
          portal
          preserveTabOrder={false}
          unmountOnHide
          onKeyDown={(event) => leaveByTab(event, button.current, () => setOpen(false))}
        >
          <Ariakit.Combobox className="picker-search" autoSelect placeholder={t('search')} aria-label={t('search')} />
          <Ariakit.ComboboxList aria-label={label}>
            {found.slice(0, mostShown).map((each) => (
              <Ariakit.ComboboxItem
                key={each.name}
                value={each.name}
                setValueOnClick={false}
                className="menu-item picker-item"
                render={<Ariakit.SelectItem value={each.name} />}
              >
                <bdi className="picker-name">{each.name}</bdi>
                {each.state.ready !== 'READY' && <StateChip state={each.state} />}
              </Ariakit.ComboboxItem>
            ))}
            {found.length === 0 && (
              <p className="menu-note" role="option" aria-selected="false" aria-disabled="true">
                {t('none')}
              </p>
            )}
          </Ariakit.ComboboxList>
          <p className="only-read" role="status">
            {found.length === 0 ? t('none') : ''}
          </p>
          {found.length > mostShown && <p className="menu-note">{t('more', { count: found.length - mostShown })}</p>}
        </Ariakit.SelectPopover>
      </Ariakit.SelectProvider>
    </Ariakit.ComboboxProvider>
  );
}
