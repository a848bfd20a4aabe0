// Results of other tools that are numbers without a recording: CSV, hyperfine, and result trees.

import { stat } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { UserError } from '#core/user-error';
import type { Lab } from '#lab/lab';
import { parseCsvResults } from '#recording/foreign/csv-results';
import type { ForeignResult, NamedMetric } from '#recording/foreign/foreign-result';
import { ownMetric } from '#recording/foreign/metric-words';
import { isHyperfine, parseHyperfine } from '#recording/foreign/hyperfine-results';
import { parseImportDescription, parseJsonFile } from '#recording/foreign/result-tree';
import { importResults } from '#run/import-results';
import type { ImportedRun } from '#run/import-record';
import { isStudy } from '#run/import-study';
import { readResultTree } from '#run/read-result-tree';
import { readText } from '#system/yaml/read-text';
import { ImportProgress } from './import-progress.ts';
import { labelOf } from './import-records.ts';
import { decodeText, readBounded } from './read-bounded.ts';

export const TABLE_KINDS = ['csv', 'hyperfine', 'tree'] as const;
export type TableKind = (typeof TABLE_KINDS)[number];

const MAX_TABLE_BYTES = 256 * 1024 * 1024;
/** Runs of the lab that tell which metrics there are, and which way they are better. */
const LATEST_RUNS = 1_000;

export interface TableOptions {
  readonly benchmark?: string | undefined;
  readonly metrics: readonly NamedMetric[];
  /** Columns of a CSV file that are settings. */
  readonly settings: readonly string[];
  /** Import description of a tree. */
  readonly describe?: string | undefined;
  readonly onProblem: (error: UserError) => void;
  /** Told of each file: what became a setting, and what a metric. */
  readonly onNote: (text: string) => void;
}

/** What a path is; null for what is no table of results. */
export async function tableKindOf(path: string): Promise<TableKind | null> {
  if ((await stat(path).catch(() => null))?.isDirectory() === true) return 'tree';
  const ending = extname(path).toLowerCase();
  return ending === '.csv' ? 'csv' : ending === '.json' ? 'hyperfine' : null;
}

/** Names that a sentence lists. */
const MOST_NAMED = 20;

function contents(results: readonly ForeignResult[]): string {
  const settings = new Set(results.flatMap((result) => Object.keys(result.settings)));
  const metrics = new Map(results.flatMap((result) => Object.entries(result.metrics)));
  const list = (names: readonly string[]) =>
    names.length === 0
      ? 'none'
      : `${names.slice(0, MOST_NAMED).join(', ')}${names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : ''}`;
  const words = [...metrics].map(([name, { unit, better }]) => {
    const parts = [unit === '1' ? '' : unit, better === null ? '' : `${better} is better`].filter(
      (part) => part !== '',
    );
    return parts.length === 0 ? name : `${name} (${parts.join(', ')})`;
  });
  return `settings: ${list([...settings])}; metrics: ${list(words)}`;
}

/** What runs lack that their description names, once for all runs that lack it. */
function* absentWords(results: readonly ForeignResult[]): Generator<string> {
  const lacking = new Map<string, { readonly first: string; more: number }>();
  for (const { absent, part } of results)
    for (const words of absent) {
      const known = lacking.get(words);
      if (known === undefined) lacking.set(words, { first: part, more: 0 });
      else known.more++;
    }
  for (const [words, { first, more }] of [...lacking].slice(0, MOST_NAMED))
    yield `${words} (${first}${more === 0 ? '' : ` and ${more} more`})`;
  if (lacking.size > MOST_NAMED) yield `and ${lacking.size - MOST_NAMED} more things that are absent`;
}

interface Table {
  readonly results: readonly ForeignResult[];
  readonly identity: Uint8Array;
  readonly tool: string;
  /** What the file calls its benchmark; null where it does not. */
  readonly name: string | null;
}

/** @throws UserError with what is wrong and where */
export async function importTable(
  lab: Lab,
  path: string,
  kind: TableKind,
  options: TableOptions,
): Promise<ImportedRun[]> {
  const { results, identity, tool, name } = await readTable(lab, path, kind, options);
  options.onNote(`${path}: ${contents(results)}`);
  if (kind === 'tree') for (const words of absentWords(results)) options.onNote(`${path}: ${words}`);
  const wanted = options.benchmark ?? name ?? basename(path).replace(/\.(csv|json)$/i, '');
  const benchmark = (await isStudy(lab, wanted)) ? wanted : `${wanted} (imported)`;
  const progress = new ImportProgress(path);
  const imported = importResults(lab, {
    identity,
    where: path,
    writtenAt: (await stat(path)).mtime.toISOString(),
    tool,
    benchmark,
    results,
    label: ({ settings }) => labelOf(settings),
    onProgress: (done) => progress.tell(done, results.length),
  });
  return imported.finally(() => progress.end());
}

async function readTable(lab: Lab, path: string, kind: TableKind, options: TableOptions): Promise<Table> {
  if (kind === 'tree') return readTree(path, options);
  const bytes = await readBounded(path, MAX_TABLE_BYTES);
  if (bytes === null) throw new UserError({ what: 'there is no such file', where: path });
  if (kind === 'csv') {
    const known = await knownMetrics(lab);
    const words = {
      metrics: options.metrics,
      settings: options.settings,
      known: (name: string) => known.get(name) ?? ownMetric(name),
      onNote: (text: string) => options.onNote(`${path}: ${text}`),
    };
    return {
      results: parseCsvResults(decodeText(bytes, path, 'CSV file'), path, words),
      identity: bytes,
      tool: 'CSV',
      name: null,
    };
  }
  const document = parseJsonFile(decodeText(bytes, path, 'JSON file'), path);
  if (!isHyperfine(document))
    throw new UserError({
      what: 'this JSON is none that `hyperfine --export-json` writes',
      where: path,
      todo: 'Results in other JSON files are imported as a tree: name its folder, and a description with --describe.',
    });
  return { results: parseHyperfine(document, path), identity: bytes, tool: 'hyperfine', name: null };
}

async function readTree(path: string, { describe, onProblem }: TableOptions): Promise<Table> {
  if (describe === undefined)
    throw new UserError({
      what: 'which numbers of this tree are metrics?',
      where: path,
      todo: 'Say so in an import description: --describe FILE.yaml (docs/import.md shows one).',
    });
  const description = parseImportDescription(await readText(describe, 'import description'), describe);
  const results = await readResultTree(path, description, onProblem);
  // The tree has no bytes of its own: its place and the folders in it are what stays the same.
  return { results, identity: Buffer.from(resolve(path)), tool: 'matrix-benchmarking', name: description.name };
}

/** Units and directions of the metrics that the latest runs have. */
async function knownMetrics(lab: Lab): Promise<Map<string, Omit<NamedMetric, 'name'>>> {
  const known = new Map<string, Omit<NamedMetric, 'name'>>();
  for (const { metrics } of await lab.catalogue.runs({ limit: LATEST_RUNS }))
    for (const [name, { unit, better }] of Object.entries(metrics)) known.set(name, { unit, better });
  return known;
}
