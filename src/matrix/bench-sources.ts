// The sources of a benchmark, inspected once each.

import type { Benchmark, Cell } from '#core/benchmark';
import type { SourceInfo } from '#core/source';
import { fileIdentity, inspectSourceOnce } from '#media/inspect-cache';
import type { CellProblems } from './cell-problems.ts';

export interface BenchSource {
  readonly info: SourceInfo;
  /** Of the file when it was inspected; null for a generated one. */
  readonly identity: string | null;
}

export interface InspectOptions {
  readonly benchmark: Benchmark;
  readonly lab: { readonly cacheFolder: string };
  readonly signal?: AbortSignal | undefined;
}

/** By the value of the setting `source`. */
export type BenchSources = ReadonlyMap<string, BenchSource>;

/** @throws UserError where one is refused */
export async function inspectSources({ benchmark, lab, signal }: InspectOptions): Promise<BenchSources> {
  const paths = new Set(
    benchmark.cells.flatMap(({ settings }) => (settings['source'] === undefined ? [] : [String(settings['source'])])),
  );
  const sources = new Map<string, BenchSource>();
  for (const path of paths) {
    const info = await inspectSourceOnce(path, lab.cacheFolder, { signal });
    sources.set(path, { info, identity: await fileIdentity(info.path) });
  }
  return sources;
}

/** The source of a cell; null where it told that there is none. */
export function sourceOf(cell: Cell, sources: BenchSources, problems: CellProblems): BenchSource | null {
  const source = sources.get(String(cell.settings['source']));
  if (source !== undefined) return source;
  problems.add(cell, {
    setting: 'source',
    what: 'this cell has no source',
    todo: 'write source: clip.mp4, a path relative to the file',
  });
  return null;
}
