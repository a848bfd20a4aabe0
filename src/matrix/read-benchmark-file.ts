// A benchmark file from the disk.

import type { Benchmark } from '#core/benchmark';
import { readText } from '#system/yaml/read-text';
import { parseBenchmark, type ParseOptions } from './parse-benchmark.ts';

/**
 * Reads and parses a benchmark file. What is no ordinary file of reasonable size is refused before it is read.
 * @throws UserError with everything that is wrong
 */
export async function readBenchmarkFile(file: string, options: ParseOptions = {}): Promise<Benchmark> {
  return parseBenchmark(await readText(file, 'benchmark'), file, options);
}
