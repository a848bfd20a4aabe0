// Metrics that a program tells by itself: found in what it printed or wrote.

import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CommandMetric } from '#core/command';
import type { Metric } from '#core/metric';
import { parseNumber } from '../setting-value.ts';
import { MAX_JSON_BYTES, numberAt, parseJsonOutput } from './json-value.ts';
import { searchPatterns, type PatternTask } from './search-patterns.ts';

/** Kept of each stream, and read of the end of a file, for patterns. */
export const SEARCHED_BYTES = 256 * 1024;

/** What a program left behind. */
export interface CommandTraces {
  /** The ends of its streams, SEARCHED_BYTES at most. */
  readonly stdout: string;
  readonly stderr: string;
  /** Folder that relative paths are relative to. */
  readonly folder: string;
  /** A path of the benchmark with its placeholders filled. */
  readonly fill: (path: string) => string;
}

export interface ReadMetrics {
  readonly metrics: Readonly<Record<string, Metric>>;
  /** Metrics that were not found, and why: `reported fps: its pattern matches nothing in stderr`. */
  readonly absent: readonly string[];
}

/** Reads every metric that can be read. */
export async function readCommandMetrics(
  wanted: readonly CommandMetric[],
  traces: CommandTraces,
): Promise<ReadMetrics> {
  const metrics: Record<string, Metric> = {};
  const absent: string[] = [];
  const searches: { metric: CommandMetric; place: string; task: PatternTask }[] = [];
  const documents = new JsonDocuments();
  const keep = ({ name, unit, better }: CommandMetric, value: number | string) => {
    if (typeof value === 'number') metrics[name] = { value, unit, better };
    else absent.push(`${name}: ${value}`);
  };
  for (const metric of wanted) {
    const { origin, how } = metric;
    const place = origin.from === 'file' ? traces.fill(origin.path) : origin.from;
    const limit = 'json' in how ? MAX_JSON_BYTES : SEARCHED_BYTES;
    const text =
      origin.from === 'file' ? await readEnd(resolve(traces.folder, place), limit) : { text: traces[origin.from] };
    if ('why' in text) keep(metric, `${place} ${text.why}`);
    else if ('pattern' in how) searches.push({ metric, place, task: { pattern: how.pattern, text: text.text } });
    else keep(metric, readJson(documents, text.text, how.json, place));
  }
  const results = await searchPatterns(searches.map(({ task }) => task));
  for (const [i, { metric, place }] of searches.entries()) {
    const result = results[i]!;
    if ('failed' in result) keep(metric, `its pattern in ${place}: ${result.failed}`);
    else if (result.found === null) keep(metric, `its pattern matches nothing in ${place}`);
    else
      keep(
        metric,
        parseNumber(result.found) ?? `its pattern finds '${result.found.slice(0, 40)}' in ${place}, which is no number`,
      );
  }
  return { metrics, absent };
}

/** Several metrics stand in one document, which is parsed once. */
class JsonDocuments {
  readonly #parsed = new Map<string, unknown>();

  /** @throws SyntaxError where it is none */
  of(text: string): unknown {
    if (!this.#parsed.has(text)) this.#parsed.set(text, parseJsonOutput(text));
    return this.#parsed.get(text);
  }
}

function readJson(documents: JsonDocuments, text: string, path: string, place: string): number | string {
  try {
    const value = numberAt(documents.of(text), path);
    return typeof value === 'number' ? value : `${value} (${place})`;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return `${place} holds no JSON: ${error.message}`;
  }
}

/** The end of a file, as text. */
async function readEnd(path: string, limit: number): Promise<{ text: string } | { why: string }> {
  let file;
  try {
    // Not waiting for a writer: a pipe would never end.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await file.stat();
    if (!stat.isFile()) return { why: 'is no file' };
    const { size } = stat;
    const kept = Math.min(size, limit);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(kept), 0, kept, size - kept);
    return { text: buffer.toString('utf8', 0, bytesRead) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { why: code === 'ENOENT' ? 'is not there' : `can't be read: ${message}` };
  } finally {
    await file?.close();
  }
}
