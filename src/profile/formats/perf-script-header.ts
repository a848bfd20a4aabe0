// What `perf script --header` writes before the samples: how they were recorded.

import { eventName } from './perf-script-lines.ts';

/** Header lines are long where there are many events; more is not looked at. */
const MAX_HEADER_CHARS = 10_000;

export class PerfScriptHeader {
  #version: string | null = null;
  #systemWide = false;
  /** Samples a second by event. */
  readonly #frequencyHz = new Map<string, number>();
  readonly #isEach = new Map<string, boolean>();

  /** @param line begins with `#` */
  read(line: string): void {
    const text = line.slice(0, MAX_HEADER_CHARS);
    this.#version = /^# perf version ?: (\S+)/.exec(text)?.[1] ?? this.#version;
    const command = /^# cmdline ?: (.*)/.exec(text)?.[1];
    if (command !== undefined) this.#systemWide = / (-a|--all-cpus)( |$)/.test(command.split(' -- ')[0]!);
    const event = /^# event ?: name = ([^,]+),/.exec(text)?.[1];
    const period = /\{ sample_period, sample_freq \} = (\d{1,15}),/.exec(text)?.[1];
    if (event === undefined || period === undefined) return;
    const name = eventName(event.trim());
    const isFrequency = / freq = 1,/.test(text);
    if (isFrequency) this.#frequencyHz.set(name, Number(period));
    this.#isEach.set(name, !isFrequency && Number(period) === 1);
  }

  get tool(): string {
    return this.#version === null ? 'perf script' : `perf ${this.#version}`;
  }

  get systemWide(): boolean {
    return this.#systemWide;
  }

  /** Whether an event was recorded each time that it happened; null where that is not told. */
  isEach(event: string): boolean | null {
    return this.#isEach.get(event) ?? null;
  }

  /** Samples a second of an event, as asked; null where that is not told. */
  frequencyHz(event: string): number | null {
    return this.#frequencyHz.get(event) ?? null;
  }
}
