// encodelab shapes list|show|export

import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import { formatQuantity } from '#core/format-quantity';
import { WHOLE, type ShapeRow } from '#core/shape';
import { UserError } from '#core/user-error';
import { compactShapes } from '#lab/shapes/compact-shapes';
import { exportShapes } from '#lab/shapes/export-shapes';
import { readShapes, shapeRow } from '#lab/shapes/read-shapes';
import { shapeGroups, type ShapeGroup, type Spread } from '#lab/shapes/shape-groups';
import type { ShapeFilter } from '#lab/shapes/shape-relation';
import type { Lab } from '#lab/lab';
import { EXPORT_FORMATS, type ExportFormat } from '#recording/export';
import { labOption } from './lab-option.ts';
import { plainText } from './plain-text.ts';
import { textTable } from './text-table.ts';
import { withLab } from './with-lab.ts';

/** Rows of one answer to `show`: a title has thousands of items. */
const MAX_SHOWN = 10_000;

interface FilterOptions {
  readonly kind?: string;
  readonly codec?: string;
  readonly encoder?: string;
  readonly engine?: string;
  readonly title?: string;
  readonly resolution?: { readonly width: number; readonly height: number };
  readonly since?: number;
  readonly phase?: string;
  readonly lab: string;
}

interface ListOptions extends FilterOptions {
  readonly groups?: true;
  readonly limit: number;
  readonly json?: true;
}

export function addShapesCommands(program: Command): Command {
  const shapes = program.command('shapes').description('what pieces of work took: CPU, memory, disk and time by phase');
  withFilter(
    shapes.command('list', { isDefault: true }).description('pieces of work with what they took, the newest first'),
  )
    .option('--groups', 'by kind, codec, encoder and size: medians and 95th percentiles')
    .option('--limit <n>', 'at most so many', parseCount, 50)
    .option('--json', 'print one JSON object a line')
    .addOption(labOption())
    .action((options: ListOptions) => withMerged(options, (lab) => list(lab, options)));
  shapes
    .command('show')
    .addArgument(new Argument('<piece>', 'id of a piece or of a title, or the beginning of it'))
    .description('every phase of a piece, or every item of a title')
    .option('--json', 'print one JSON object a line')
    .addOption(labOption())
    .action((id: string, options: { json?: true; lab: string }) =>
      withMerged(options, (lab) => show(lab, id, options)),
    );
  withFilter(shapes.command('export').description('all rows, phases too, for a table of your own'))
    .addOption(new Option('--format <format>', 'how').choices(EXPORT_FORMATS).default('csv'))
    .option('-o, --output <file>', 'where to; - is standard output', '-')
    .addOption(labOption())
    .action((options: FilterOptions & { format: ExportFormat; output: string }) =>
      withMerged(options, async (lab) => {
        const to = options.output === '-' ? process.stdout : options.output;
        await exportShapes(lab, { ...filterOf(options), phase: options.phase ?? null }, options.format, to);
      }),
    );
  shapes.addHelpText(
    'after',
    '\nExamples:\n  encodelab shapes list --codec av1 --groups\n  encodelab shapes show 019c\n  encodelab shapes export --format parquet -o shapes.parquet',
  );
  return shapes;
}

function withFilter(command: Command): Command {
  return command
    .option('--kind <kind>', 'encode, inspect, audio, assemble …')
    .option('--codec <codec>', 'h264, hevc, vp9, av1 …')
    .option('--encoder <encoder>', 'libx264 …')
    .option('--engine <engine>', "bundled, or the executable's name")
    .option('--resolution <size>', 'of the largest output: 1280x720', parseSize)
    .option('--title <title>', 'id of a title')
    .option('--since <time>', 'ended at this time or later: 2026-11-01', parseTime)
    .option('--phase <phase>', `one phase; ${WHOLE} is the whole piece`);
}

/** What workers and benches have recorded since is merged first. */
function withMerged(options: { readonly lab: string }, use: (lab: Lab) => Promise<void>): Promise<void> {
  return withLab(
    options.lab,
    async (lab) => {
      const { leftOut } = await compactShapes(lab);
      for (const why of leftOut) console.error(`left out: ${why}`);
      await use(lab);
    },
    { existing: true },
  );
}

function filterOf(options: FilterOptions): ShapeFilter {
  const { kind, codec, encoder, engine, title, resolution, since, phase } = options;
  return { kind, codec, encoder, engine, title, ...resolution, since, phase };
}

async function list(lab: Lab, options: ListOptions): Promise<void> {
  if (options.groups === true) {
    const groups = await shapeGroups(lab, filterOf(options));
    if (options.json === true) for (const group of groups) console.log(JSON.stringify(group));
    else console.log(groups.length === 0 ? NOTHING : groupTable(groups));
    return;
  }
  const columns = await readShapes(lab, filterOf(options), { limit: options.limit });
  const rows = columns.id.map((_, i) => shapeRow(columns, i));
  if (options.json === true) for (const row of rows) console.log(JSON.stringify(row));
  else console.log(rows.length === 0 ? NOTHING : pieceTable(rows));
}

async function show(lab: Lab, prefix: string, options: { readonly json?: true }): Promise<void> {
  const columns = await readShapes(lab, { prefix, phase: null }, { limit: MAX_SHOWN });
  const rows = columns.id.map((_, i) => shapeRow(columns, i));
  if (rows.length === 0)
    throw new UserError({ what: `no piece of work has an id like "${prefix}"`, todo: 'encodelab shapes lists them' });
  const titles = new Set(rows.map(({ title, id }) => (title?.startsWith(prefix) === true ? title : id)));
  if (titles.size > 1)
    throw new UserError({
      what: `"${prefix}" is the beginning of several ids`,
      todo: [...titles].slice(0, 10).join(', '),
    });
  const sorted = rows.toSorted(
    (a, b) => a.endedAt - b.endedAt || Number(a.phase === WHOLE) - Number(b.phase === WHOLE) || (a.id < b.id ? -1 : 1),
  );
  if (options.json === true) {
    for (const row of sorted) console.log(JSON.stringify(row));
    return;
  }
  const whole = sorted.filter(({ phase }) => phase === WHOLE);
  if (new Set(rows.map(({ id }) => id)).size > 1) console.log(pieceTable(whole));
  else console.log(describe(whole[0] ?? sorted[0]!, sorted));
}

const NOTHING = 'no shapes yet: encodelab encode and encodelab bench run leave them';

const right = (title: string) => ({ title, align: 'right' as const });

function pieceTable(rows: readonly ShapeRow[]): string {
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

function groupTable(groups: readonly ShapeGroup[]): string {
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

function describe(whole: ShapeRow, rows: readonly ShapeRow[]): string {
  const known: readonly (readonly [string, string | number | null])[] = [
    ['kind', whole.kind],
    ['title', whole.title],
    ['item', whole.item],
    ['codec', whole.codec],
    ['encoder', whole.encoder],
    ['engine', whole.engine],
    ['preset', whole.preset],
    [whole.rateControl ?? 'rate', whole.rateValue],
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

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('a whole number from 1 on');
  return count;
}

function parseSize(text: string): { width: number; height: number } {
  const match = /^(\d{1,6})x(\d{1,6})$/.exec(text);
  if (match === null) throw new InvalidArgumentError('a size like 1280x720');
  return { width: Number(match[1]), height: Number(match[2]) };
}

function parseTime(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new InvalidArgumentError('a time like 2026-11-01 or 2026-11-01T12:00Z');
  return time;
}
