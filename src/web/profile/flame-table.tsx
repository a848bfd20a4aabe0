// The functions of a flame graph by what each has: the same for who does not see the picture, and for who wants a list.

import { useMemo, useState } from 'preact/hooks';
import { callFunctions } from '#profile/call-functions';
import { matchLabels, parseSearch } from '#profile/call-search';
import type { CallTree } from '#profile/call-tree';
import { VirtualTable, type Sorting, type TableColumn } from '../shell/virtual-table.tsx';
import { formatWeight } from './flame-read-out.tsx';

interface FlameTableProps {
  readonly tree: CallTree;
  /** A function was chosen: its callers and callees are wanted. */
  readonly onFocus: (label: number) => void;
}

export function FlameTable(props: FlameTableProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="flame-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Functions as a table</summary>
      {isOpen && <Functions {...props} />}
    </details>
  );
}

function Functions({ tree, onFocus }: FlameTableProps) {
  const [sorting, setSorting] = useState<Sorting>({ key: 'self', descending: true });
  const [filter, setFilter] = useState('');
  const functions = useMemo(() => callFunctions(tree), [tree]);
  const { labels } = tree;
  const whole = tree.total[0]!;
  const before = tree.baseline?.total[0] ?? 0;
  const shareOf = (values: Float64Array | null, row: number, of: number) =>
    values === null || of === 0 ? 0 : values[row]! / of;
  const change = (row: number) => shareOf(functions.total, row, whole) - shareOf(functions.baselineTotal, row, before);
  const order = useMemo(() => {
    const { matches } = parseSearch(filter);
    const found = filter === '' || matches === null ? null : matchLabels(labels, matches);
    const rows = [...functions.label.keys()].filter((row) => found === null || found[functions.label[row]!] === 1);
    const byKey: Readonly<Record<string, (a: number, b: number) => number>> = {
      self: (a, b) => functions.self[a]! - functions.self[b]!,
      total: (a, b) => functions.total[a]! - functions.total[b]!,
      samples: (a, b) => functions.samples[a]! - functions.samples[b]!,
      change: (a, b) => change(a) - change(b),
      name: (a, b) => labels.rank[functions.label[a]!]! - labels.rank[functions.label[b]!]!,
      library: (a, b) => labels.library[functions.label[a]!]!.localeCompare(labels.library[functions.label[b]!]!),
    };
    const compare = byKey[sorting.key]!;
    return rows.sort((a, b) => (sorting.descending ? -compare(a, b) : compare(a, b)));
  }, [functions, sorting, filter]);
  const weight = (values: Float64Array) => (row: number) => {
    const value = values[order[row]!]!;
    return `${formatWeight(value, tree.unit)} · ${((100 * value) / whole).toFixed(1)} %`;
  };
  const right = { align: 'right', width: 150 } as const;
  const columns: TableColumn[] = [
    {
      key: 'name',
      title: 'function',
      width: 380,
      cell: (row) => {
        const label = functions.label[order[row]!]!;
        return (
          <button type="button" class="link" title="its callers and callees" onClick={() => onFocus(label)}>
            {labels.name[label]}
          </button>
        );
      },
    },
    { key: 'library', title: 'library', width: 190, cell: (row) => labels.library[functions.label[order[row]!]!] },
    { key: 'self', title: 'self', ...right, cell: weight(functions.self) },
    { key: 'total', title: 'total', ...right, cell: weight(functions.total) },
    {
      key: 'samples',
      title: tree.counted,
      align: 'right',
      width: 100,
      cell: (row) => functions.samples[order[row]!]!.toLocaleString('en'),
    },
  ];
  if (tree.baseline !== null) {
    columns.push({
      key: 'change',
      title: 'change of share',
      ...right,
      cell: (row) => `${change(order[row]!) < 0 ? '−' : '+'}${Math.abs(100 * change(order[row]!)).toFixed(2)} %`,
    });
  }
  return (
    <>
      <label class="flame-filter">
        <span class="muted">functions with</span>{' '}
        <input
          type="search"
          value={filter}
          placeholder="text or /expression/"
          onInput={(event) => setFilter(event.currentTarget.value)}
        />{' '}
        <span class="muted">{order.length.toLocaleString('en')}</span>
      </label>
      <VirtualTable
        label="Functions of the flame graph"
        columns={columns}
        rows={order.length}
        rowKey={(row) => String(functions.label[order[row]!])}
        sorting={sorting}
        onSort={(key) =>
          setSorting({
            key,
            descending: sorting.key === key ? !sorting.descending : key !== 'name' && key !== 'library',
          })
        }
      />
    </>
  );
}
