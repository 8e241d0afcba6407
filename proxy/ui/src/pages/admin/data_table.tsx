// A table that draws only the rows in sight, and turns into cards where the window is narrow.
import { useRef, type ReactNode } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import './admin.css';

export interface Column<Row> {
  id: string;
  title: string;
  cell: (row: Row) => ReactNode;
  look?: 'name' | 'wide' | 'tight' | 'menu'; // menu: the last column, at the right; tight: as narrow as it can be
}

interface Props<Row> {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  keyOf: (row: Row) => string;
  low?: boolean; // inside of a dialog: it takes less of the window's height
}

const drawAllUpTo = 60; // so few that the browser's own search should find them all

export function DataTable<Row>({ label, columns, rows, keyOf, low }: Props<Row>) {
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => 46,
    getItemKey: (i) => keyOf(rows[i]!),
    overscan: 8,
    enabled: rows.length > drawAllUpTo,
  });
  const all = rows.length <= drawAllUpTo;
  const items = virtual.getVirtualItems();
  const drawn = all ? rows.map((_, i) => i) : items.map((each) => each.index);
  const above = all ? 0 : (items[0]?.start ?? 0);
  const below = all ? 0 : virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <div
      ref={box}
      className={`table-box admin-table ${low ? 'low' : ''} ${all ? '' : 'long'}`}
      role="region"
      aria-label={label}
      tabIndex={0}
    >
      <table role="table" aria-label={label} aria-rowcount={rows.length + 1}>
        <thead role="rowgroup">
          <tr role="row" aria-rowindex={1}>
            {columns.map((each) => (
              <th key={each.id} role="columnheader" scope="col" className={each.look && `admin-${each.look}`}>
                {each.look === 'menu' ? <span className="only-read">{each.title}</span> : each.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          <Gap height={above} columns={columns.length} />
          {drawn.map((i) => (
            <tr
              key={keyOf(rows[i]!)}
              role="row"
              data-index={i}
              ref={all ? undefined : virtual.measureElement}
              aria-rowindex={i + 2}
            >
              {columns.map((each) => (
                <td key={each.id} role="cell" className={each.look && `admin-${each.look}`} data-title={each.title}>
                  {each.cell(rows[i]!)}
                </td>
              ))}
            </tr>
          ))}
          <Gap height={below} columns={columns.length} />
        </tbody>
      </table>
    </div>
  );
}

function Gap({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tr className="gap" aria-hidden="true">
      <td colSpan={columns} style={{ height }} />
    </tr>
  );
}
