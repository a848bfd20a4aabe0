// Of a long list only the rows that can be seen are in the document; all have one height.

import type { ComponentChildren, RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Rows drawn beyond each edge, so that a quick scroll shows no gap. */
const OVERSCAN = 8;

/** Drawn before the height is known. */
const FIRST_ROWS = 28;

export interface Window {
  readonly first: number;
  readonly last: number;
}

/** Which rows a scrolled element shows. */
export function useVirtualRows(scroller: RefObject<HTMLElement | null>, count: number, rowHeight: number): Window {
  const [window, setWindow] = useState<Window>({ first: 0, last: Math.min(count, FIRST_ROWS) });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const update = () => {
      const first = Math.max(0, Math.floor(element.scrollTop / rowHeight) - OVERSCAN);
      const last = Math.min(count, Math.ceil((element.scrollTop + element.clientHeight) / rowHeight) + OVERSCAN);
      setWindow((before) => (before.first === first && before.last === last ? before : { first, last }));
    };
    update();
    element.addEventListener('scroll', update, { passive: true });
    const sizes = new ResizeObserver(update);
    sizes.observe(element);
    return () => {
      element.removeEventListener('scroll', update);
      sizes.disconnect();
    };
  }, [count, rowHeight]);
  return { first: Math.min(window.first, count), last: Math.min(window.last, count) };
}

export interface TableColumn {
  readonly key: string;
  readonly title: string;
  /** Said below the title. */
  readonly unit?: string | undefined;
  readonly description?: string | undefined;
  /** Pixels; fixed, so that nothing moves while values come in. */
  readonly width: number;
  readonly align?: 'left' | 'right' | undefined;
  readonly sortable?: boolean | undefined;
  readonly cell: (row: number) => ComponentChildren;
}

export interface Sorting {
  readonly key: string;
  readonly descending: boolean;
}

export interface VirtualTableProps {
  readonly label: string;
  readonly columns: readonly TableColumn[];
  readonly rows: number;
  readonly rowKey: (row: number) => string;
  readonly rowClass?: ((row: number) => string | undefined) | undefined;
  readonly sorting?: Sorting | null | undefined;
  readonly onSort?: ((key: string) => void) | undefined;
  /** Row with the keyboard's mark; -1 for none. */
  readonly active?: number | undefined;
  readonly onActivate?: ((row: number) => void) | undefined;
}

const ROW_HEIGHT = 30;

/** A table of any length: head and marked row stay in view. */
export function VirtualTable(props: VirtualTableProps) {
  const { columns, rows, active = -1 } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const { first, last } = useVirtualRows(scroller, rows, ROW_HEIGHT);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null || active < 0) return;
    const top = active * ROW_HEIGHT;
    const head = element.querySelector('thead')?.clientHeight ?? 0;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + ROW_HEIGHT + head > element.scrollTop + element.clientHeight)
      element.scrollTop = top + ROW_HEIGHT + head - element.clientHeight;
  }, [active]);
  const shown = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
  return (
    <div class="table-scroll" ref={scroller} tabIndex={0} role="region" aria-label={props.label}>
      <table
        class="data"
        aria-rowcount={rows + 1}
        style={{ width: `${columns.reduce((sum, column) => sum + column.width, 0)}px` }}
      >
        <colgroup>
          {columns.map((column) => (
            <col key={column.key} style={{ width: `${column.width}px` }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head key={column.key} column={column} sorting={props.sorting ?? null} onSort={props.onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer height={first * ROW_HEIGHT} />
          {shown.map((row) => (
            <tr
              key={props.rowKey(row)}
              aria-rowindex={row + 2}
              class={`${row === active ? 'active ' : ''}${row % 2 === 1 ? 'odd ' : ''}${props.rowClass?.(row) ?? ''}`}
              onClick={() => props.onActivate?.(row)}
            >
              {columns.map((column) => (
                <td key={column.key} class={column.align === 'right' ? 'number' : undefined}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
          <Spacer height={(rows - last) * ROW_HEIGHT} />
        </tbody>
      </table>
    </div>
  );
}

function Spacer({ height }: { height: number }) {
  return height <= 0 ? null : <tr class="spacer" aria-hidden="true" style={{ height: `${height}px` }} />;
}

interface HeadProps {
  column: TableColumn;
  sorting: Sorting | null;
  onSort: ((key: string) => void) | undefined;
}

function Head({ column, sorting, onSort }: HeadProps) {
  const sorted = sorting?.key === column.key ? (sorting.descending ? 'descending' : 'ascending') : undefined;
  const text = (
    <>
      <span class="title">{column.title}</span>
      <span class="unit">{column.unit ?? ''}</span>
    </>
  );
  return (
    <th
      scope="col"
      class={column.align === 'right' ? 'number' : undefined}
      aria-sort={sorted}
      title={column.description}
    >
      {column.sortable === false || onSort === undefined ? (
        text
      ) : (
        <button type="button" onClick={() => onSort(column.key)}>
          {text}
        </button>
      )}
    </th>
  );
}
