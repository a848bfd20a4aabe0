// `.rec`: the records of the tool behind the talks (2020). docs/import.md describes the format. Pure.

import { UserError } from '#core/user-error';
import { TIME_FIELDS } from './rec-columns.ts';

/** A longer file is none of these: 40 s are 0.5 MB. */
export const MAX_REC_BYTES = 256 * 1024 * 1024;
const MAX_TABLES = 1_000;
const MAX_FIELDS = 1_000;
const MAX_VALUES = 50_000_000;
/** Times of day are counted from 1970; nobody measured behind the year 2100. */
const MAX_TIME_US = 4.1e15;

export interface RecMessage {
  /** Microseconds; null where nobody told. */
  readonly timeUs: number | null;
  readonly source: string;
  readonly text: string;
}

export interface RecTable {
  /** guest, server, client … */
  readonly role: string;
  readonly name: string;
  /** Without the name of the table before them: `msg_ts`, `frame_size`. */
  readonly fields: readonly string[];
  readonly rows: number;
  /** By field; NaN where a value is absent. */
  readonly columns: ReadonlyMap<string, Float64Array>;
  readonly markers: readonly { readonly row: readonly (number | null)[]; readonly text: string }[];
}

export interface RecFile {
  /** As they lie in the file: the newest first. */
  readonly messages: readonly RecMessage[];
  readonly tables: readonly RecTable[];
}

/**
 * @param where name of the file, for errors
 * @throws UserError with the line where it is no such file, or cut off
 */
export function parseRec(text: string, where: string): RecFile {
  if (!text.startsWith('['))
    throw fault(where, 1, 'this is no `.rec` record: it does not begin with a list of messages');
  if (!text.endsWith('\n'))
    throw fault(where, text.split('\n').length, 'the record is cut off: its last line has no end');
  const lines = text.slice(0, -1).split('\n');
  if (lines.length > 1 + 3 * MAX_TABLES) throw fault(where, 1, `the record has more than ${MAX_TABLES} tables`);
  const messages = listOf(lines[0]!, where, 1).map((entry) => messageOf(entry, where));
  const tables: RecTable[] = [];
  const seen = new Set<string>();
  let values = 0;
  for (let line = 1; line < lines.length; line += 3) {
    const { role, name, fields } = headOf(lines[line]!, where, line + 1);
    if (seen.has(`${role}.${name}`)) throw fault(where, line + 1, `the table ${role}.${name} comes twice`);
    seen.add(`${role}.${name}`);
    if (line + 2 >= lines.length)
      throw fault(where, lines.length, `the record is cut off: the table ${role}.${name} has three lines`);
    const rows = listOf(lines[line + 1]!, where, line + 2);
    values += rows.length * fields.length;
    if (values > MAX_VALUES) throw fault(where, line + 2, `the record has more than ${MAX_VALUES} values`);
    tables.push({
      role,
      name,
      fields,
      rows: rows.length,
      columns: columnsOf(rows, fields, where, line + 2),
      markers: listOf(lines[line + 2]!, where, line + 3).map((entry) => markerOf(entry, fields, where, line + 3)),
    });
  }
  if (tables.length === 0) throw fault(where, lines.length, 'the record is cut off: it has no tables');
  return { messages, tables };
}

/** `#guest.mem|time;mem.free` */
function headOf(line: string, where: string, number: number) {
  const match = /^#([\w-]+)\.([\w.-]+)\|(.+)$/.exec(line);
  if (match === null) throw fault(where, number, 'here should be the head of a table, `#role.table|field;field;…`');
  const [, role, name, list] = match as unknown as [string, string, string, string];
  const fields = list.split(';').map((field) => (field.startsWith(`${name}.`) ? field.slice(name.length + 1) : field));
  if (fields.length > MAX_FIELDS || new Set(fields).size < fields.length || fields.includes(''))
    throw fault(where, number, `the fields of the table ${role}.${name} have no names of their own`);
  return { role, name, fields };
}

function listOf(line: string, where: string, number: number): readonly unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = withoutNumbersThatAreNone(line);
  }
  if (Array.isArray(value)) return value;
  throw fault(where, number, 'here should be a list in JSON');
}

/** Python writes NaN and Infinity where JSON has no word for them. */
function withoutNumbersThatAreNone(line: string): unknown {
  if (line.includes('"')) return null;
  try {
    return JSON.parse(line.replaceAll(/\bNaN\b|-?\bInfinity\b/g, 'null'));
  } catch {
    return null;
  }
}

function messageOf(entry: unknown, where: string): RecMessage {
  const [time, source, text] = Array.isArray(entry) ? (entry as unknown[]) : [];
  const isKnown = time === null || (typeof time === 'number' && isTime(time));
  if (!isKnown || typeof source !== 'string' || typeof text !== 'string')
    throw fault(where, 1, 'a message is [time or null, source, text]');
  // Scripts of that time wrote 0 for a time that they did not know.
  return { timeUs: time === null || time <= 0 ? null : Math.round(time), source, text };
}

function columnsOf(rows: readonly unknown[], fields: readonly string[], where: string, number: number) {
  const columns = fields.map(() => new Float64Array(rows.length));
  for (const [index, row] of rows.entries()) {
    if (!isRow(row, fields)) throw fault(where, number, `row ${index + 1} is no list of ${fields.length} numbers`);
    for (const [field, column] of columns.entries()) {
      const value = row[field] ?? NaN;
      if (!isTime(value * (TIME_FIELDS[fields[field]!] ?? 0)))
        throw fault(where, number, `row ${index + 1} has a time that is none: ${value}`);
      column[index] = value;
    }
  }
  return new Map(fields.map((field, index) => [field, columns[index]!]));
}

function markerOf(entry: unknown, fields: readonly string[], where: string, number: number) {
  const [row, text] = Array.isArray(entry) ? (entry as unknown[]) : [];
  const isMarker = isRow(row, fields) && row.every((value, i) => isTime((value ?? 0) * (TIME_FIELDS[fields[i]!] ?? 0)));
  if (!isMarker || typeof text !== 'string') throw fault(where, number, 'a marker is [row, text]');
  return { row, text };
}

/** Microseconds; true of NaN, which is absent. */
function isTime(value: number): boolean {
  return !(value < 0 || value > MAX_TIME_US);
}

function isRow(row: unknown, fields: readonly string[]): row is (number | null)[] {
  return (
    Array.isArray(row) &&
    row.length === fields.length &&
    row.every((value) => value === null || typeof value === 'number')
  );
}

function fault(where: string, line: number, what: string): UserError {
  return new UserError({ what, where: `${where}:${line}` });
}
