// Shapes of work as tables for the terminal.

import { formatQuantity } from '#core/format-quantity';
import { WHOLE, type ShapeRow } from '#core/shape';
import type { ShapeGroup, Spread } from '#lab/shapes/shape-groups';
import { plainText } from './plain-text.ts';
import { textTable } from './text-table.ts';

const right = (title: string) => ({ title, align: 'right' as const });

/** A line for each row, which are whole pieces mostly. */
export function pieceTable(rows: readonly ShapeRow[]): string {
  return textTable(
    [
      { title: 'piece' },
      { title: 'ended (UTC)' },
      { title: 'what' },
      { title: 'encoder' },
      right('size'),
      right('frames'),
      right('threads'),
      right('took'),
      right('CPU'),
      right('cores'),
      right('peak'),
      right('memory'),
      { title: 'outcome' },
    ],
    rows.map((row) => [
      row.id,
      new Date(row.endedAt).toISOString().slice(0, 19).replace('T', ' '),
      plainText(row.item ?? row.kind) + (row.phase === WHOLE ? '' : ` ${plainText(row.phase)}`),
      plainText([row.encoder ?? row.codec ?? '', row.preset ?? ''].join(' ').trim()),
      row.width === null ? '' : `${row.width}x${row.height}`,
      String(row.frames ?? ''),
      String(row.threads ?? ''),
      quantity(row.durationS, 's'),
      quantity(row.cpuS, 's'),
      row.cpuS === null || row.durationS === 0 ? '' : (row.cpuS / row.durationS).toFixed(2),
      row.cpuPeak === null ? '' : row.cpuPeak.toFixed(2),
      quantity(row.memoryPeak, 'byte'),
      row.outcome,
    ]),
  );
}

/** A line for each sort of work. */
export function groupTable(groups: readonly ShapeGroup[]): string {
  const pair = (value: Spread | null, show: (number: number) => string) =>
    value === null ? '' : `${show(value.median)} / ${show(value.p95)}`;
  return textTable(
    [
      { title: 'kind' },
      { title: 'codec' },
      { title: 'encoder' },
      right('size'),
      right('pieces'),
      right('CPU s / Mpixel, median / p95'),
      right('took'),
      right('cores'),
      right('memory'),
    ],
    groups.map((group) => [
      plainText(group.kind),
      group.codec ?? '',
      plainText(group.encoder ?? ''),
      group.width === null ? '' : `${group.width}x${group.height}`,
      `${group.pieces}${group.failed === 0 ? '' : ` (${group.failed} failed)`}`,
      pair(group.cpuPerMpixel, (value) => value.toPrecision(3)),
      pair(group.durationS, (value) => formatQuantity(value, 's')),
      pair(group.cores, (value) => value.toFixed(2)),
      pair(group.memory, (value) => formatQuantity(value, 'byte')),
    ]),
  );
}

/** Everything of one piece. */
export function phaseTable(whole: ShapeRow, rows: readonly ShapeRow[]): string {
  const known: readonly (readonly [string, string | number | null])[] = [
    ['kind', whole.kind],
    ['title', whole.title],
    ['item', whole.item],
    ['codec', whole.codec],
    ['encoder', whole.encoder],
    ['engine', whole.engine],
    ['preset', whole.preset],
    whole.rateValue === null ? ['rate control', whole.rateControl] : [whole.rateControl ?? 'rate', whole.rateValue],
    ['size', whole.width === null ? null : `${whole.width}x${whole.height}`],
    ['outputs', whole.outputs],
    ['frames', whole.frames],
    ['frame rate', whole.frameRate],
    ['bit depth', whole.bitDepth],
    ['passes', whole.passes],
    ['spatial information', whole.spatial],
    ['temporal information', whole.temporal],
    ['bytes of a source frame', whole.sourceFrameBytes],
    ['threads', whole.threads],
    ['machine', whole.machine],
  ];
  return [
    `piece ${whole.id}: ${whole.outcome}`,
    '',
    textTable(
      [{ title: 'known before' }, { title: 'value' }],
      known.flatMap(([name, value]) =>
        value === null ? [] : [[name, typeof value === 'number' ? String(+value.toPrecision(6)) : plainText(value)]],
      ),
    ),
    '',
    textTable(
      [
        { title: 'phase' },
        ...['took', 'CPU', 'cores', 'peak', 'memory', 'disk read', 'disk written', 'network'].map(right),
      ],
      rows.map((row) => [
        plainText(row.phase),
        quantity(row.durationS, 's'),
        quantity(row.cpuS, 's'),
        row.cpuS === null || row.durationS === 0 ? '' : (row.cpuS / row.durationS).toFixed(2),
        row.cpuPeak === null ? '' : row.cpuPeak.toFixed(2),
        quantity(row.memoryPeak, 'byte'),
        quantity(row.diskRead, 'byte'),
        quantity(row.diskWritten, 'byte'),
        quantity(row.network, 'byte'),
      ]),
    ),
  ].join('\n');
}

function quantity(value: number | null, unit: 's' | 'byte'): string {
  return value === null ? '' : formatQuantity(value, unit);
}
