// An agent in the test's own process, as `encodelab agent` runs it.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAgent, type AgentEnd, type AgentOptions } from '#live/agent/agent';
import { readEnvironment } from '#measure/environment';
import { startPart } from '#session/start-part';
import type { SmallCollector } from './small-collector.ts';

export interface TestAgent {
  readonly news: string[];
  readonly ended: Promise<AgentEnd>;
  /** Names below the folder that it works in. */
  files: () => string[];
  /** @returns names of what it left behind there */
  stop(): Promise<string[]>;
}

/** @param at the collector, or its address where it takes any token */
export async function startAgent(at: SmallCollector | string, options: Partial<AgentOptions> = {}): Promise<TestAgent> {
  const collector = typeof at === 'string' ? { url: at, token: 'any' } : at;
  const folder = mkdtempSync(join(tmpdir(), 'agent-test-'));
  const ending = new AbortController();
  const news: string[] = [];
  const ended = runAgent(
    {
      role: 'guest',
      collector: collector.url,
      token: collector.token,
      intervalMs: 50,
      program: '0.0.0',
      environment: await readEnvironment({}),
      folder,
      startPart,
      onNews: (text) => news.push(text),
      ...options,
    },
    ending.signal,
  );
  return {
    news,
    ended,
    files: () => readdirSync(folder, { recursive: true, encoding: 'utf8' }),
    async stop() {
      ending.abort();
      await ended;
      const left = readdirSync(folder);
      rmSync(folder, { recursive: true });
      return left;
    },
  };
}
