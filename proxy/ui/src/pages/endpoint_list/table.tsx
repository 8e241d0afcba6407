// The rows in sight of a list that may be very long. The window scrolls, not the table.
import { useCallback, useLayoutEffect, useRef, useState, type Ref } from 'react';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import type { Endpoint } from '../../base/types';
import { entitiesOf } from '../endpoint_page/entities';
import { EndpointCells, Resting, shownEntities } from './row';
import type { Item } from './rows';
import { sortedBy, sortKeys, type SortKey, type View } from './view';
import { useListWords } from './words';

interface Props {
  items: Item[];
  view: View;
  onView: (view: View) => void;
  onDelete: (endpoint: Endpoint) => void;
}

/** Near enough that nothing jumps when the row is measured. */
function estimated(item: Item | undefined, cards: boolean): number {
  if (item?.kind !== 'endpoint') return 45;
  const count = entitiesOf(item.endpoint).length;
  const lines = Math.max(1, Math.min(count, shownEntities) + (count > shownEntities ? 1 : 0));
  if (!cards) return 21 + 30 * lines;
  return 100 + 30 * lines + ((item.endpoint.tags?.length ?? 0) > 0 ? 32 : 0);
}

export const keyOf = (item: Item): string => (item.kind === 'endpoint' ? `e ${item.endpoint.name}` : `s ${item.id}`);

/** Where the rows begin, and whether they are cards; both change with the window. */
function usePlace() {
  const body = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ top: 0, cards: false });
  const measure = useCallback(() => {
    const element = body.current;
    if (!element) return;
    const top = Math.round(element.getBoundingClientRect().top + window.scrollY);
    const cards = getComputedStyle(element).getPropertyValue('--cards').trim() === '1';
    setPlace((now) => (now.top === top && now.cards === cards ? now : { top, cards }));
  }, []);
  useLayoutEffect(measure); // what is above the table may have changed its height
  useLayoutEffect(() => {
    window.addEventListener('resize', measure);
    return () => window.removeEventListener('resize', measure);
  }, [measure]);
  return { body, ...place };
}

export function EndpointTable({ items, view, onView, onDelete }: Props) {
  const t = useListWords();
  const { body, top, cards } = usePlace();
  return (
    <div className="list-table" role="table" aria-label={t('title')} aria-rowcount={items.length + 1}>
      <Head view={view} onView={onView} />
      <Body ref={body} items={items} top={top} cards={cards} onDelete={onDelete} />
    </div>
  );
}

interface BodyProps {
  ref: Ref<HTMLDivElement>;
  items: Item[];
  top: number;
  cards: boolean;
  onDelete: (endpoint: Endpoint) => void;
}

/** On its own, because each step of the scrolling draws it anew. */
function Body({ ref, items, top, cards, onDelete }: BodyProps) {
  const rows = useWindowVirtualizer({
    count: items.length,
    estimateSize: useCallback((index: number) => estimated(items[index], cards), [items, cards]),
    getItemKey: useCallback((index: number) => keyOf(items[index]!), [items]), // a new one has all rows placed again
    scrollMargin: top,
    overscan: 4,
    gap: cards ? 8 : 0,
  });
  return (
    <Resting value={!rows.isScrolling}>
      <div ref={ref} role="rowgroup" className="list-body" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((at) => {
          const item = items[at.index]!;
          return (
            <div
              key={at.key}
              ref={rows.measureElement}
              data-index={at.index}
              role="row"
              aria-rowindex={at.index + 2}
              className={item.kind === 'section' ? 'list-section' : 'list-row'}
              style={{ transform: `translateY(${at.start - top}px)` }}
            >
              {item.kind === 'endpoint' ? (
                <EndpointCells endpoint={item.endpoint} onDelete={onDelete} />
              ) : (
                <SectionCell item={item} />
              )}
            </div>
          );
        })}
      </div>
    </Resting>
  );
}

function SectionCell({ item }: { item: Item & { kind: 'section' } }) {
  const t = useListWords();
  return (
    <div role="cell" aria-colspan={sortKeys.length + 1}>
      <h2>
        {t(item.id)} <span className="muted">{item.count}</span>
      </h2>
    </div>
  );
}

function Head({ view, onView }: { view: View; onView: (view: View) => void }) {
  const t = useListWords();
  return (
    <div role="rowgroup" className="list-head">
      <div role="row" aria-rowindex={1} className="list-head-row">
        {sortKeys.map((key) => (
          <HeadCell key={key} column={key} view={view} onView={onView} />
        ))}
        <div role="columnheader">
          <span className="only-read">{t('menu')}</span>
        </div>
      </div>
    </div>
  );
}

function HeadCell({ column, view, onView }: { column: SortKey; view: View; onView: (view: View) => void }) {
  const t = useListWords();
  const sorts = view.sort === column;
  return (
    <div role="columnheader" aria-sort={sorts ? (view.descending ? 'descending' : 'ascending') : undefined}>
      <button type="button" className="list-head-button" onClick={() => onView(sortedBy(view, column))}>
        {t(column)}
        <span aria-hidden="true" className="list-arrow">
          {sorts ? (view.descending ? '↓' : '↑') : ''}
        </span>
      </button>
    </div>
  );
}
