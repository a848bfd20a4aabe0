import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BENCHMARK_KEYS, parseBenchmark } from './parse-benchmark.ts';

const docs = readFileSync(new URL('../../docs/benchmark-file.md', import.meta.url), 'utf8');
const examples = Array.from(docs.matchAll(/```yaml\n([\s\S]*?)```/g), ([, text]) => text!);

test.each(examples)('an example of docs/benchmark-file.md is right: %s', (example) => {
  const source = example.includes('source:') ? '' : 'source: clip.mp4\n';
  const matrix = /^matrix:/m.test(example) ? '' : 'matrix: {tune: [film, grain]}\n';
  expect(parseBenchmark(`${example}${source}${matrix}`, 'example.yaml').cells.length).toBeGreaterThan(0);
});

test('the reference names every key', () => {
  const rows = docs.slice(docs.indexOf('## All keys'), docs.indexOf('A **duration**'));
  for (const key of BENCHMARK_KEYS) expect(rows).toContain(`[\`${key}\`]`);
});
