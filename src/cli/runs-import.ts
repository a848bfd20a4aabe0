// encodelab runs import: records of other tools become runs of the lab.

import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { RunRecord } from '#core/run';
import { formatSettingValue, type Settings } from '#core/settings';
import { UserError } from '#core/user-error';
import type { Lab } from '#lab/lab';
import { cellLabel } from '#matrix/cell-draft';
import { MAX_REC_BYTES, parseRec } from '#recording/foreign/rec-file';
import { parseMatrix, settingsWithoutMatrix, type MatrixLine } from '#recording/foreign/rec-matrix';
import { recordingOf } from '#recording/foreign/rec-recording';
import { readTgz } from '#recording/foreign/tar';
import { importRecord } from '#run/import-record';
import { isStudy, saveStudy } from '#run/import-study';
import { EXIT, type ExitCode } from './exit-code.ts';
import { labOption } from './lab-option.ts';
import { plainText } from './plain-text.ts';
import { printError } from './print-error.ts';
import { runJson } from './run-json.ts';
import { withLab } from './with-lab.ts';

/** Folders above a record in which its `matrix.csv` is looked for. */
const MATRIX_LEVELS = 4;
const MATRIX_FILE = 'matrix.csv';
const MAX_MATRIX_BYTES = 16 * 1024 * 1024;
const TOOL = 'record of 2020';

export function addImportCommand(runs: Command, setExitCode: (code: ExitCode) => void): void {
  runs
    .command('import')
    .argument('<file...>', '.rec records of 2020, or .tgz archives of them')
    .description('import records of other tools as runs')
    .option('--json', 'print one JSON object a line for each run')
    .addOption(labOption())
    .addHelpText(
      'after',
      '\nSettings come from the matrix.csv in the archive, or in a folder above the file.\n\nExamples:\n  encodelab runs import study.tgz\n  encodelab runs import results/webgl/*.rec --json',
    )
    .action((files: string[], options: { json?: true; lab: string }) =>
      withLab(options.lab, async (lab) => setExitCode(await importFiles(lab, files, options.json === true))),
    );
}

/** The good ones are imported, whatever the others are. */
async function importFiles(lab: Lab, files: readonly string[], json: boolean): Promise<ExitCode> {
  let [added, known, bad] = [0, 0, 0];
  const studies = new Map<string, { file: string; runs: RunRecord[] }>();
  const told = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      printError(error);
      bad++;
    }
  };
  for (const file of files)
    await told(async () => {
      for (const entry of await entriesOf(file))
        await told(async () => {
          const { run, isNew } = await importEntry(lab, entry);
          if (isNew) added++;
          else known++;
          if (run.benchmark !== null) {
            const study = studies.get(run.benchmark) ?? { file: resolve(entry.matrixFile ?? file), runs: [] };
            studies.set(run.benchmark, study);
            study.runs.push(run);
          }
          if (json) console.log(JSON.stringify(runJson(run)));
          else console.log(`${run.id}  ${plainText(run.cell ?? '')}${isNew ? '' : '  (was there already)'}`);
        });
    });
  for (const [name, study] of studies) await saveStudy(lab, name, study.file, study.runs);
  console.error(`${added} imported, ${known} were there already, ${bad} could not be imported`);
  return bad > 0 ? EXIT.failed : EXIT.ok;
}

/** A record, wherever it lay. */
interface Entry {
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

async function importEntry(lab: Lab, entry: Entry) {
  const { bytes, where, path } = entry;
  const record = parseRec(decode(bytes, where), where);
  const recording = recordingOf(record);
  if (recording === null) throw new UserError({ what: 'the record holds nothing that was measured', where });
  const line = entry.matrix.find((each) => path === each.path || path.endsWith(`/${each.path}`));
  const settings = line?.settings ?? settingsWithoutMatrix(basename(path), record.messages);
  const name = line === undefined ? null : entry.study(line);
  const benchmark = name === null || (await isStudy(lab, name)) ? name : `${name} (imported)`;
  return importRecord(lab, { bytes, where, recording, settings, benchmark, cell: labelOf(settings), tool: TOOL });
}

function labelOf(settings: Settings): string {
  return cellLabel(
    Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, formatSettingValue(value)])),
  );
}

async function entriesOf(file: string): Promise<Entry[]> {
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
      ? parseMatrix(decode(inside.bytes, where!), where!)
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
  return parseMatrix(decode((await readBounded(path, MAX_MATRIX_BYTES))!, path), path);
}

/** Null where there is none. @throws UserError where it is no file, too large, or can't be read */
async function readBounded(path: string, maxBytes: number): Promise<Uint8Array | null> {
  let file: FileHandle | null = null;
  try {
    // A pipe that nobody writes to would be waited for.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const facts = await file.stat();
    if (!facts.isFile()) throw new UserError({ what: 'it is no regular file', where: path });
    if (facts.size > maxBytes)
      throw new UserError({ what: `the file has ${facts.size} bytes; at most ${maxBytes} are read`, where: path });
    return await file.readFile();
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new UserError({ what: `the file can't be read: ${(cause as Error).message}`, where: path }, { cause });
  } finally {
    await file?.close();
  }
}

function decode(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UserError({ what: 'this is no `.rec` record: it is no text', where: `${where}:1` }, { cause });
  }
}
