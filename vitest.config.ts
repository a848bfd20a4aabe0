import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

const root = import.meta.dirname;

export default defineConfig({
  ssr: { resolve: { conditions: ['encodelab-source', 'module', 'node', 'default'] } },
  resolve: { conditions: ['encodelab-source', 'module', 'node', 'default'] },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'threads',
    isolate: false,
    maxWorkers: 2,
    // What is waited for comes in its time on a machine that has much else to do, too.
    testTimeout: 150_000,
    hookTimeout: 150_000,
    expect: { poll: { timeout: 30_000 } },
    sequence: { sequencer: LongestFirst },
    // Tests start some thousand processes of ours from the sources: what Node made of a module once, it takes from there.
    env: { NODE_COMPILE_CACHE: `${root}/build/compile-cache` },
  },
});
