import { useEffect, useRef, type ReactNode } from 'react';
import * as Ariakit from '@ariakit/react';

export interface TabSpec<Id extends string> {
  id: Id;
  label: string;
  content: ReactNode | (() => ReactNode); // a function runs only while its tab is shown
}

interface TabsProps<Id extends string> {
  label: string;
  tabs: TabSpec<Id>[];
  selected: Id;
  onSelect: (id: Id) => void;
}

function bringIntoSight(list: HTMLElement, tab: HTMLElement): void {
  const end = tab.offsetLeft + tab.offsetWidth;
  if (tab.offsetLeft < list.scrollLeft) list.scrollLeft = tab.offsetLeft;
  else if (end > list.scrollLeft + list.clientWidth) list.scrollLeft = end - list.clientWidth;
}

export function Tabs<Id extends string>({ label, tabs, selected, onSelect }: TabsProps<Id>) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Where the window is narrow the selected one may lie outside of the list. The page itself stays where it is.
    const tab = list.current?.querySelector<HTMLElement>('[aria-selected="true"]');
    if (list.current && tab) bringIntoSight(list.current, tab);
  }, [selected]);
  return (
    <Ariakit.TabProvider selectedId={selected} selectOnMove={false}>
      <Ariakit.TabList ref={list} className="tabs" aria-label={label}>
        {tabs.map((each) => (
          <Ariakit.Tab
            key={each.id}
            id={each.id}
            className="tab"
            onClick={(event) => {
              event.preventDefault(); // the tab before stays until the caller has changed: Ariakit would drop what is typed in it
              if (each.id !== selected) onSelect(each.id);
            }}
          >
            {each.label}
          </Ariakit.Tab>
        ))}
      </Ariakit.TabList>
      {tabs.map((each) => (
        <Ariakit.TabPanel key={each.id} tabId={each.id} className="tab-panel" unmountOnHide>
          {each.id === selected && (typeof each.content === 'function' ? each.content() : each.content)}
        </Ariakit.TabPanel>
      ))}
    </Ariakit.TabProvider>
  );
}
