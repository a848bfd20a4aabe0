// The statements of an export: the tables of one run or many as one, with the run in the first column.

import { STEPS, type RecordingTable, type Step } from '#core/recording';
import { quotePathToRead } from './sql-text.ts';
import { columnsOf, SQL_TYPES, TABLE_ORDER, type ColumnLayout } from './table-layout.ts';

/** Steps whose columns are there whether or not a frame went through them: encodes have them. */
const USUAL_STEPS: readonly Step[] = ['decode', 'scale', 'encode'];

/**
 * All rows of a table in the given Parquet files, as a relation with the columns of the table and the `position` of
 * its run in the export. Wants the temporary table `files (path, position)`.
 */
export function tableRelation(table: RecordingTable, paths: readonly string[]): string {
  const columns = columnsOf(table).filter(({ name }) => name !== 'run');
  if (paths.length === 0) {
    const empty = columns.map(({ name, kind }) => `CAST(NULL AS ${SQL_TYPES[kind]}) AS ${name}`);
    return `(SELECT 0 AS position, ${empty.join(', ')} WHERE false)`;
  }
  const names = columns.map(({ name, kind }) => (kind === 'text' ? `CAST(${name} AS VARCHAR) AS ${name}` : name));
  const list = paths.map(quotePathToRead).join(', ');
  return `(SELECT files.position AS position, ${names.join(', ')}
    FROM read_parquet([${list}], filename = true) AS rows JOIN files ON rows.filename = files.path)`;
}

/**
 * A table as it was recorded. Wants the temporary table `runs (position, run)` besides.
 * @param asJson JSON has no infinite numbers: the score of a picture that is the same as its source is the text "Infinity"
 */
export function tableQuery(table: RecordingTable, relation: string, asJson = false): string {
  const columns = columnsOf(table).filter(({ name }) => name !== 'run');
  const shown = ({ name, kind }: ColumnLayout) =>
    asJson && kind === 'double'
      ? `CASE WHEN isinf(${name}) THEN to_json('Infinity') ELSE to_json(${name}) END AS ${name}`
      : name;
  const order = TABLE_ORDER[table].replace('run, ', '');
  return `SELECT run, ${columns.map(shown).join(', ')}
    FROM ${relation} JOIN runs USING (position) ORDER BY position, ${order}`;
}

/** Series by the name of the indicator. Wants `indicators (position, indicator, name, unit)` besides. */
export function seriesQuery(relation: string): string {
  return `SELECT run, agent, name AS indicator, unit, time_us, value
    FROM ${relation} JOIN runs USING (position) JOIN indicators USING (position, indicator)
    ORDER BY position, agent, indicators.indicator, time_us`;
}

/**
 * The journey of each frame: what came out of the encoder, and beside it the time of every step. Frames that were
 * dropped on their way have their steps and nothing else.
 * @param occurring steps that occur in any of the runs: each brings three columns
 */
export function journeyQuery(frames: string, steps: string, occurring: ReadonlySet<string>): string {
  const shown = STEPS.filter((step) => USUAL_STEPS.includes(step) || occurring.has(step));
  const frameColumns = columnsOf('frames')
    .map(({ name }) => name)
    .filter((name) => !['run', 'stream', 'frame'].includes(name));
  const stepColumns = shown.flatMap((step) => STEP_TIMES.map((name) => `${step}_${name}`));
  return `WITH journeys AS (${stepsByFrame(steps, shown)})
    SELECT run, stream, frame, ${[...frameColumns, 'role', 'outcome', ...stepColumns].join(', ')}
    FROM ${frames} AS frames FULL JOIN journeys USING (position, stream, frame) JOIN runs USING (position)
    ORDER BY position, stream, frame`;
}

const STEP_TIMES = ['start_us', 'duration_us', 'busy_us'] as const;

/** One row for each frame. Where two roles took the same step (a decode at both ends), the first is shown. */
function stepsByFrame(steps: string, shown: readonly Step[]): string {
  const times = shown.flatMap((step) =>
    STEP_TIMES.map((name) => `arg_min(${name}, start_us) FILTER (step = '${step}') AS ${step}_${name}`),
  );
  return `SELECT position, stream, frame,
      coalesce(arg_min(role, start_us) FILTER (step = 'encode'), arg_min(role, start_us)) AS role,
      coalesce(max(CAST(outcome AS VARCHAR)) FILTER (outcome <> 'ok'), min(CAST(outcome AS VARCHAR))) AS outcome,
      ${times.join(', ')}
    FROM ${steps} GROUP BY position, stream, frame`;
}
