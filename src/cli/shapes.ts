// encodelab shapes list|show|export

import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import { PIECE_PHASES, WHOLE, wordParts } from '#core/shape';
import { ITEM_KINDS } from '#core/title';
import { UserError } from '#core/user-error';
import { compactShapes } from '#lab/shapes/compact-shapes';
import { exportShapes } from '#lab/shapes/export-shapes';
import { readShapes, shapeRow, type ShapesOf } from '#lab/shapes/read-shapes';
import { shapeGroups } from '#lab/shapes/shape-groups';
import type { ShapeFilter } from '#lab/shapes/shape-relation';
import { EXPORT_FORMATS, type ExportFormat } from '#recording/export';
import { labOption } from './lab-option.ts';
import { plainText } from './plain-text.ts';
import { groupTable, phaseTable, pieceTable } from './shape-tables.ts';
import { tellOnce } from './tell-once.ts';
import { withLab } from './with-lab.ts';

/** Pieces of one list. */
const DEFAULT_LIMIT = 50;
/** Words that are offered where one is not known. */
const MAX_WORDS = 20;
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
  readonly limit?: number;
  readonly json?: true;
}

export function addShapesCommands(program: Command): Command {
  const shapes = program.command('shapes').description('what pieces of work took: CPU, memory, disk and time by phase');
  withFilter(
    shapes.command('list', { isDefault: true }).description('pieces of work with what they took, the newest first'),
  )
    .option('--groups', 'by kind, codec, encoder and size: medians and 95th percentiles')
    .option('--limit <n>', `at most so many; ${DEFAULT_LIMIT} pieces where left out, and every group`, parseCount)
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
    .addOption(new Option('--kind <kind>', 'of the work').choices(ITEM_KINDS))
    .option('--codec <codec>', 'h264, hevc, vp9, av1 …; one of several outputs is enough')
    .option('--encoder <encoder>', 'libx264 …; one of several outputs is enough')
    .option('--engine <engine>', "bundled, or the executable's name")
    .option('--resolution <size>', 'of the largest output: 1280x720', parseSize)
    .option('--title <title>', 'id of a title')
    .option('--since <time>', 'ended at this time or later: 2026-11-01', parseTime)
    .addOption(
      new Option('--phase <phase>', `one phase; ${WHOLE} is the whole piece`).choices([...PIECE_PHASES, WHOLE]),
    );
}

/** What workers and benches have recorded since is merged first. */
function withMerged(options: { readonly lab: string }, use: (lab: ShapesOf) => Promise<void>): Promise<void> {
  return withLab(
    options.lab,
    async (lab) => {
      const tell = tellOnce();
      for (const why of (await compactShapes(lab)).leftOut) tell(why);
      await use({ path: lab.path, tell });
    },
    { existing: true },
  );
}

function filterOf(options: FilterOptions): ShapeFilter {
  const { kind, codec, encoder, engine, title, resolution, since, phase } = options;
  return { kind, codec, encoder, engine, isPartEnough: true, title, ...resolution, since, phase };
}

async function list(lab: ShapesOf, options: ListOptions): Promise<void> {
  if (options.groups === true) {
    const groups = await shapeGroups(lab, filterOf(options), options.limit);
    if (options.json === true) for (const group of groups) console.log(JSON.stringify(group));
    else console.log(groups.length === 0 ? await nothing(lab, options) : groupTable(groups));
    return;
  }
  const columns = await readShapes(lab, filterOf(options), { limit: options.limit ?? DEFAULT_LIMIT });
  const rows = columns.id.map((_, i) => shapeRow(columns, i));
  if (options.json === true) for (const row of rows) console.log(JSON.stringify(row));
  else console.log(rows.length === 0 ? await nothing(lab, options) : pieceTable(rows));
}

async function show(lab: ShapesOf, prefix: string, options: { readonly json?: true }): Promise<void> {
  if (prefix === '')
    throw new UserError({ what: 'an empty id is the beginning of every id', todo: 'encodelab shapes lists them' });
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
  else console.log(phaseTable(whole[0] ?? sorted[0]!, sorted));
}

/** Words that a filter may have missed, by the column that has them. */
const CHOSEN = ['kind', 'codec', 'encoder', 'engine'] as const;

/** Why a list is empty, and of the words that were asked for which there are. */
async function nothing(lab: ShapesOf, options: FilterOptions): Promise<string> {
  const there = await readShapes(lab, {}, { columns: CHOSEN });
  const pieces = there.kind.length;
  if (pieces === 0) return 'no shapes yet: encodelab encode and encodelab bench run leave them';
  const asked = CHOSEN.filter((name) => options[name] !== undefined);
  const words = asked.map((name) => {
    const known = [...new Set(there[name].flatMap((word) => wordParts(word)))].toSorted().slice(0, MAX_WORDS);
    return `\n  ${name}: ${plainText(known.join(', '))}`;
  });
  return `no piece of work matches: the lab has ${pieces}${words.length === 0 ? '' : ', with'}${words.join('')}`;
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
