// Reads the merged shapes: columns of them, and what groups of them have in common.

import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { ShapeRow } from '#core/shape';
import { selectColumns } from '#recording/read-recording';
import { recordingError } from '#recording/recording-error';
import { withReader } from '#recording/reader';
import { columnsOf, type TableColumns } from '#recording/table-layout';
import { damagedFiles } from './damaged-files.ts';
import { readManifest, shapesFolder } from './shape-files.ts';
import { conditionOf, filesRelation, type ShapeFilter } from './shape-relation.ts';

export type ShapeColumns = TableColumns<'shapes'>;
export type ShapeColumnName = keyof ShapeColumns;

/** A lab whose shapes are read. */
export interface ShapesOf {
  /** Its folder. */
  readonly path: string;
  /** Told of each file that is left out because it can't be read, at every reading. */
  readonly tell?: ((text: string) => void) | undefined;
}

export interface ReadShapesOptions<Name extends string> {
  /** Only these: reading ids takes as long as all the rest. */
  readonly columns?: readonly Name[] | undefined;
  /** At most so many rows, the newest. */
  readonly limit?: number | undefined;
}

/** Files may be merged into others while they are read: then they are looked for anew, so many times. */
const TRIES = 4;
/** Held in memory, where they are read from again and again. */
const FEW_ROWS = 20_000;

/**
 * Columns of the rows that the filter lets through, in no order unless there is a limit: the newest first then. NULL is
 * NaN among numbers, and null among texts. What finished recordings have that was not merged yet is not in: `compactShapes` before.
 * @throws UserError where the list of the files is damaged; files that are damaged are left out
 */
export async function readShapes<Name extends ShapeColumnName = ShapeColumnName>(
  lab: ShapesOf,
  filter: ShapeFilter = {},
  options: ReadShapesOptions<Name> = {},
): Promise<Pick<ShapeColumns, Name>> {
  const wanted: readonly string[] | undefined = options.columns;
  const columns = columnsOf('shapes').filter(({ name }) => wanted === undefined || wanted.includes(name));
  return withShapes(lab, async (connection, relation) => {
    const names = columns.map(({ name }) => name).join(', ');
    const all = `SELECT ${names} FROM ${relation} WHERE ${conditionOf(filter)}`;
    const newest = options.limit === undefined ? '' : `ORDER BY ended_at DESC, id, phase LIMIT ${options.limit}`;
    // Few are found once: columns are looked at one after the other.
    await connection.run(`CREATE TEMP TABLE few AS ${all} ${newest || `LIMIT ${FEW_ROWS + 1}`}`);
    const [row] = await (await connection.run('SELECT CAST(count(*) AS DOUBLE) FROM few')).getRows();
    const isAll = newest !== '' || (row![0] as number) <= FEW_ROWS;
    return (await selectColumns(connection, isAll ? 'few' : `(${all})`, columns)) as Pick<ShapeColumns, Name>;
  });
}

/** Hands a connection and what to select from to `use`, again where a file went away meanwhile or can't be read: that one is left out. */
export async function withShapes<Result>(
  lab: ShapesOf,
  use: (connection: DuckDBConnection, relation: string) => Promise<Result>,
): Promise<Result> {
  const folder = shapesFolder(lab);
  let leftOut: ReadonlySet<string> = new Set();
  for (let tries = 1; ; tries++) {
    const { files } = await readManifest(folder);
    const read = files.filter(({ name }) => !leftOut.has(name));
    try {
      return await withReader((connection) =>
        use(connection, filesRelation(read.map(({ name }) => join(folder, name)))),
      );
    } catch (error) {
      const now = await readManifest(folder);
      const isSame = JSON.stringify(now.files) === JSON.stringify(files);
      if (!isSame && tries < TRIES) continue;
      const damaged = await withReader((connection) => damagedFiles(connection, folder, read));
      if (damaged.size === 0) throw recordingError("the shapes can't be read", folder, error);
      leftOut = new Set([...leftOut, ...damaged.keys()]);
      for (const why of damaged.values()) lab.tell?.(why);
    }
  }
}

/** One row of columns as an object: for few of them. */
export function shapeRow(columns: ShapeColumns, row: number): ShapeRow {
  const text = (name: TextName) => columns[name][row] ?? null;
  const number = (name: Exclude<ShapeColumnName, TextName>) => {
    const value = columns[name][row]!;
    return Number.isNaN(value) ? null : value;
  };
  return {
    id: text('id')!,
    phase: text('phase')!,
    title: text('title'),
    item: text('item'),
    source: text('source'),
    endedAt: number('ended_at')!,
    outcome: text('outcome') as ShapeRow['outcome'],
    kind: text('kind')!,
    codec: text('codec'),
    encoder: text('encoder'),
    engine: text('engine'),
    preset: text('preset'),
    rateControl: text('rate_control'),
    rateValue: number('rate_value'),
    width: number('width'),
    height: number('height'),
    outputs: number('outputs')!,
    outputPixels: number('output_pixels'),
    sourcePixels: number('source_pixels'),
    frameRate: number('frame_rate'),
    frames: number('frames'),
    bitDepth: number('bit_depth'),
    passes: number('passes')!,
    spatial: number('spatial'),
    temporal: number('temporal'),
    sourceFrameBytes: number('source_frame_bytes'),
    threads: number('threads'),
    machine: text('machine')!,
    durationS: number('duration_s')!,
    cpuS: number('cpu_s'),
    cpuPeak: number('cpu_peak'),
    memoryPeak: number('memory_peak'),
    diskRead: number('disk_read'),
    diskWritten: number('disk_written'),
    network: number('network'),
  };
}

type TextName = {
  [Name in ShapeColumnName]: ShapeColumns[Name] extends Float64Array ? never : Name;
}[ShapeColumnName];
