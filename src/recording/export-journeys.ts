// The export of frame journeys in bounded memory: long recordings are joined piece by piece.

import type { DuckDBConnection } from '@duckdb/node-api';
import { placesOf, roleOfFrames } from '#analysis/frame-teller';
import { agentOfRole } from './clocks.ts';
import { addFiles, type ExportSource } from './export-files.ts';
import { tableRelation } from './export-query.ts';
import { journeyQuery } from './journey-query.ts';
import { parquetPath } from './parquet-files.ts';
import { quoteText } from './sql-text.ts';

/** Rows of frames and steps that are joined at once: what that takes stays far below the reader's memory. */
const PIECE_ROWS = 60_000;

/** Recordings that follow one another, or a part of the frames of one. */
interface Piece {
  readonly sources: readonly ExportSource[];
  /** A condition on the rows; null takes all. */
  readonly where: string | null;
}

/** The query of the export, over what is gathered in temporary tables; those of `runs` and `files` are there already. */
export async function journeyExport(connection: DuckDBConnection, sources: readonly ExportSource[]): Promise<string> {
  const frames = new Set(await addFiles(connection, sources, 'frames'));
  const steps = new Set(await addFiles(connection, sources, 'steps'));
  const allSteps = tableRelation('steps', [...steps]);
  const told = await toldPlaces(connection, allSteps);
  const occurring = new Set(told.map(({ step }) => step));
  const isStream = sources.some(({ header }) => header.kind === 'stream');
  const clocks = isStream ? tableRelation('clocks', await addFiles(connection, sources, 'clocks')) : null;
  if (isStream) await addAgents(connection, sources, told);

  const relation = (table: 'frames' | 'steps', piece: Piece) => {
    const has = table === 'frames' ? frames : steps;
    const paths = piece.sources.map(({ folder }) => parquetPath(folder, table)).filter((path) => has.has(path));
    const rows = tableRelation(table, paths);
    return piece.where === null ? rows : `(SELECT * FROM ${rows} WHERE ${piece.where})`;
  };
  const query = (piece: Piece) =>
    journeyQuery({ frames: relation('frames', piece), steps: relation('steps', piece), clocks }, occurring);

  const pieces: Piece[] = [];
  for (const group of groups(sources)) {
    const whole: Piece = { sources: group, where: null };
    if (rowsOf(group) <= PIECE_ROWS) pieces.push(whole);
    else pieces.push(...(await parts(connection, group, relation('frames', whole), relation('steps', whole))));
  }
  if (pieces.length <= 1) return query(pieces[0] ?? { sources: [], where: null });
  for (const [i, piece] of pieces.entries())
    await connection.run(`${i === 0 ? 'CREATE TEMP TABLE journeys AS' : 'INSERT INTO journeys'} ${query(piece)}`);
  return 'FROM journeys';
}

interface ToldPlace {
  readonly position: number;
  readonly role: string;
  readonly step: string;
}

/** Which role told of which steps in each recording. */
async function toldPlaces(connection: DuckDBConnection, steps: string): Promise<ToldPlace[]> {
  const result = await connection.run(`SELECT DISTINCT position, role, step FROM ${steps}`);
  return (await result.getRows()).map(([position, role, step]) => ({
    position: Number(position),
    role: String(role),
    step: String(step),
  }));
}

/** As many as fit into a piece; a recording that is longer than that is alone. */
function groups(sources: readonly ExportSource[]): ExportSource[][] {
  const found: ExportSource[][] = [];
  for (const source of sources) {
    const last = found.at(-1);
    if (last !== undefined && rowsOf([...last, source]) <= PIECE_ROWS) last.push(source);
    else found.push([source]);
  }
  return found;
}

function rowsOf(sources: readonly ExportSource[]): number {
  return sources.reduce((sum, { header: { rows } }) => sum + (rows.frames ?? 0) + (rows.steps ?? 0), 0);
}

/** Ranges of frames of each stream, in the order of the export. */
async function parts(
  connection: DuckDBConnection,
  sources: readonly ExportSource[],
  frames: string,
  steps: string,
): Promise<Piece[]> {
  const result = await connection.run(
    `SELECT stream, min(frame), max(frame), CAST(count(*) AS DOUBLE)
     FROM (SELECT stream, frame FROM ${frames} UNION ALL SELECT stream, frame FROM ${steps}) GROUP BY stream ORDER BY stream`,
  );
  const streams = (await result.getRows()) as [stream: string, first: number, last: number, rows: number][];
  return streams.flatMap(([stream, first, last, rows]) => {
    const width = Math.ceil((last - first + 1) / Math.ceil(rows / PIECE_ROWS));
    return Array.from({ length: Math.ceil((last - first + 1) / width) }, (_, i) => {
      const from = first + i * width;
      return { sources, where: `stream = ${quoteText(stream)} AND frame BETWEEN ${from} AND ${from + width - 1}` };
    });
  });
}

/** Which agent's clock the steps of a role, and the frames, are timed with. */
async function addAgents(
  connection: DuckDBConnection,
  sources: readonly ExportSource[],
  told: readonly ToldPlace[],
): Promise<void> {
  await connection.run('CREATE TEMP TABLE agents (position INTEGER, role VARCHAR, agent VARCHAR)');
  const appender = await connection.createAppender('agents', 'main', 'temp');
  for (const [position, { header }] of sources.entries()) {
    const own = told.filter((place) => place.position === position);
    const roles = own.map(({ role }) => role);
    const places = placesOf(
      roles,
      own.map(({ step }) => step),
    );
    // A guest that only measures told no frame: nobody knows when those of a stock SPICE server were captured.
    for (const role of new Set([roleOfFrames(places), ...roles])) {
      const agent = agentOfRole(header, role);
      if (agent === null) continue;
      appender.appendInteger(position);
      appender.appendVarchar(role);
      appender.appendVarchar(agent);
      appender.endRow();
    }
  }
  appender.closeSync();
}
