// A small collector and at most one agent in the test's own process, anew for each test.

import { afterEach, beforeEach } from 'vitest';
import type { AgentOptions } from '#live/agent/agent';
import { SmallCollector } from './small-collector.ts';
import { startAgent, type TestAgent } from './start-agent.ts';

export class AgentBench {
  collector = new SmallCollector();
  #agent: TestAgent | null = null;

  /** For all tests of a file. */
  static forEach(): AgentBench {
    const bench = new AgentBench();
    beforeEach(() => bench.#open());
    afterEach(() => bench.#close());
    return bench;
  }

  /** Of this test; it ends with it. */
  async start(options: Partial<AgentOptions> = {}): Promise<TestAgent> {
    this.#agent = await startAgent(this.collector, options);
    return this.#agent;
  }

  /** @returns names of what the agent left behind */
  async stop(): Promise<string[]> {
    const agent = this.#agent;
    this.#agent = null;
    return (await agent?.stop()) ?? [];
  }

  async #open(): Promise<void> {
    this.collector = new SmallCollector();
    await this.collector.open();
  }

  async #close(): Promise<void> {
    await this.stop();
    await this.collector.vanish();
  }
}
