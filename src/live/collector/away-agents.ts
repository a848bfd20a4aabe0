// Agents that go away while a recording goes on, and what of theirs is missing in it for that.

import { monotonicUs } from '#system/clock';
import type { Agent } from './agent.ts';

/** Agents with a line of their own; more are counted. */
const MAX_LINES = 20;

interface Away {
  /** Null where a collector before us knew it. */
  readonly instance: string | null;
  readonly sinceUs: number;
}

export class AwayAgents {
  readonly #isRecorded: (name: string) => boolean;
  readonly #away = new Map<string, Away>();
  /** Agents that came later and went again. */
  #passed = 0;

  /** @param isRecorded of an agent that was there from the start, or has a part */
  constructor(isRecorded: (name: string) => boolean) {
    this.#isRecorded = isRecorded;
  }

  get names(): Iterable<string> {
    return this.#away.keys();
  }

  has(name: string): boolean {
    return this.#away.has(name);
  }

  /** All of those have to come back: we are new here. */
  expect(names: readonly string[]): void {
    for (const name of names) this.#away.set(name, { instance: null, sinceUs: monotonicUs() });
  }

  lost({ name, instance }: Agent): void {
    if (this.#isRecorded(name)) this.#away.set(name, { instance, sinceUs: monotonicUs() });
    else this.#passed++;
  }

  /**
   * The same process brings what it kept; of another one in its place what was measured between is missing.
   * @returns since when that is; null where nothing is missing
   */
  arrived({ name, instance }: Agent): number | null {
    const away = this.#away.get(name);
    this.#away.delete(name);
    return away === undefined || away.instance === null || away.instance === instance ? null : away.sinceUs;
  }

  /** What is missing at the end, in a bounded number of lines. */
  missing(isHere: (name: string) => boolean, at: (timeUs: number) => string): string[] {
    const gone = [...this.#away].filter(([name]) => !isHere(name));
    const lines = gone
      .slice(0, MAX_LINES)
      .map(([name, { sinceUs }]) => `agent ${name}: it is away since ${at(sinceUs)}`);
    if (gone.length > MAX_LINES) lines.push(`agents: ${gone.length - MAX_LINES} more are away`);
    if (this.#passed > 0) lines.push(`agents: ${this.#passed} came while it was recorded, and went again`);
    return lines;
  }
}
