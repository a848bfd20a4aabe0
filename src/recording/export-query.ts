// The statements of an export: the tables of one run or many as one, with the run in the first column.

import type { RecordingTable } from '#core/recording';
import { quotePathToRead } from './sql-text.ts';
import { columnsOf, SQL_TYPES, TABLE_ORDER, type ColumnLayout } from './table-layout.ts';

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
