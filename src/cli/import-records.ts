// Records of the 2020 tool: `.rec` files, alone or in archives, with the settings that their matrix.csv has.

import { basename, dirname, join, resolve } from 'node:path';
import { formatSettingValue, type Settings } from '#core/settings';
import { UserError } from '#core/user-error';
import type { Lab } from '#lab/lab';
import { cellLabel } from '#matrix/cell-draft';
import { MAX_REC_BYTES, parseRec } from '#recording/foreign/rec-file';
import { parseMatrix, settingsWithoutMatrix, type MatrixLine } from '#recording/foreign/rec-matrix';
import { recordingOf } from '#recording/foreign/rec-recording';
import { readTgz } from '#recording/foreign/tar';
import { importRecord, type ImportedRun } from '#run/import-record';
import { isStudy } from '#run/import-study';
import { decodeText, readBounded } from './read-bounded.ts';

/** Folders above a record in which its `matrix.csv` is looked for. */
const MATRIX_LEVELS = 4;
const MATRIX_FILE = 'matrix.csv';
const MAX_MATRIX_BYTES = 16 * 1024 * 1024;
const TOOL = 'record of 2020';
const RECORD = '`.rec` record';

/** A record, wherever it lay. */
export interface RecordEntry {
  readonly bytes: Uint8Array;
  /** For errors: `study.tgz:folder/name.rec`. */
  readonly where: string;
  /** `/` between its parts; its end is what the matrix has. */
  readonly path: string;
  readonly matrix: readonly MatrixLine[];
  readonly matrixFile: string | null;
  /** Name of the folder above those that the matrix names. */
  readonly study: (line: MatrixLine) => string | null;
}

export async function importEntry(lab: Lab, entry: RecordEntry): Promise<ImportedRun> {
  const { bytes, where, path } = entry;
  const record = parseRec(decodeText(bytes, where, RECORD), where);
  const recording = recordingOf(record);
  if (recording === null) throw new UserError({ what: 'the record holds nothing that was measured', where });
  const line = entry.matrix.find((each) => path === each.path || path.endsWith(`/${each.path}`));
  const settings = line?.settings ?? settingsWithoutMatrix(basename(path), record.messages);
  const name = line === undefined ? null : entry.study(line);
  const benchmark = name === null || (await isStudy(lab, name)) ? name : `${name} (imported)`;
  return importRecord(lab, { bytes, where, recording, settings, benchmark, cell: labelOf(settings), tool: TOOL });
}

/** Label of a cell that has these settings alone. */
export function labelOf(settings: Settings): string {
  return cellLabel(
    Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, formatSettingValue(value)])),
  );
}

/** @throws UserError where the file is none of them */
export async function entriesOf(file: string): Promise<RecordEntry[]> {
  const bytes = await readBounded(file, MAX_REC_BYTES);
  if (bytes === null) throw new UserError({ what: 'there is no such file', where: file });
  if (!/\.(tgz|tar|tar\.gz)$/.test(file)) {
    const path = resolve(file);
    const matrixFile = await matrixAbove(path);
    const matrix = matrixFile === null ? [] : await readMatrix(matrixFile);
    const study = () => basename(dirname(matrixFile!));
    return [{ bytes, where: file, path, matrix, matrixFile, study }];
  }
  const files = await readTgz(bytes, file);
  const inside = files.find(({ path }) => basename(path) === MATRIX_FILE);
  const beside = inside === undefined ? await matrixAbove(resolve(file)) : null;
  const where = inside === undefined ? beside : `${file}:${inside.path}`;
  const matrix =
    inside !== undefined
      ? parseMatrix(decodeText(inside.bytes, where!, RECORD), where!)
      : beside === null
        ? []
        : await readMatrix(beside);
  const records = files.filter(({ path }) => path.endsWith('.rec'));
  if (records.length === 0) throw new UserError({ what: 'the archive holds no `.rec` record', where: file });
  return records.map((record) => ({
    bytes: record.bytes,
    where: `${file}:${record.path}`,
    path: record.path,
    matrix,
    matrixFile: inside === undefined ? beside : file,
    study: (line) => {
      const above = record.path.slice(0, -line.path.length - 1);
      return above === '' ? basename(file).replace(/\.(tgz|tar|tar\.gz)$/, '') : basename(above);
    },
  }));
}

async function matrixAbove(path: string): Promise<string | null> {
  let folder = dirname(path);
  for (let level = 0; level < MATRIX_LEVELS; level++) {
    const candidate = join(folder, MATRIX_FILE);
    if ((await readBounded(candidate, MAX_MATRIX_BYTES)) !== null) return candidate;
    folder = dirname(folder);
  }
  return null;
}

async function readMatrix(path: string): Promise<MatrixLine[]> {
  return parseMatrix(decodeText((await readBounded(path, MAX_MATRIX_BYTES))!, path, RECORD), path);
}
