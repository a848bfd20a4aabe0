// Keys of a YAML file with a plain value: whole numbers, durations, choices, switches.

import { nearestName } from '#core/nearest-name';
import { quoteName, type ProblemList } from './problem-list.ts';
import type { YamlEntry } from './yaml-tree.ts';

/** Reads the plain keys of a file: each absent key has its default, and so has each wrong one, after telling. */
export class Fields {
  readonly #sections: ReadonlyMap<string, YamlEntry>;
  readonly #problems: ProblemList;

  constructor(sections: ReadonlyMap<string, YamlEntry>, problems: ProblemList) {
    this.#sections = sections;
    this.#problems = problems;
  }

  /** A whole number within bounds, both included. */
  count<T extends number | null>(key: string, absent: T, min: number, max: number): number | T {
    return this.#read(key, absent, `a whole number from ${min} to ${max}`, `${key}: ${absent ?? min}`, (value) =>
      typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max ? value : null,
    );
  }

  /** `90s`, `5m`, `1h`, `500ms`, in milliseconds; a number without a unit counts in `bare` milliseconds, or is wrong. */
  duration<T extends number | null>(key: string, absent: T, limits: DurationLimits): number | T {
    const { minMs, maxMs, bareMs } = limits;
    const wanted = `a duration from ${formatMs(minMs)} to ${formatMs(maxMs)}${bareMs === null ? ', with its unit' : ''}`;
    return this.#read(key, absent, wanted, `${key}: ${limits.example}`, (value, text) => {
      const durationMs = parseDurationMs(text, bareMs);
      return typeof value !== 'boolean' && durationMs !== null && durationMs >= minMs && durationMs <= maxMs
        ? durationMs
        : null;
    });
  }

  choice<T extends string>(key: string, absent: T, choices: readonly T[]): T {
    const entry = this.#sections.get(key);
    const nearest = entry?.value.kind === 'scalar' ? nearestName(entry.value.text, choices) : null;
    const todo = nearest === null ? `${key}: ${choices[0]}` : `did you mean ${quoteName(nearest)}?`;
    return this.#read(key, absent, choices.join(', ').replace(/, ([^,]*)$/, ' or $1'), todo, (value) =>
      choices.includes(value as T) ? (value as T) : null,
    );
  }

  flag(key: string, absent: boolean): boolean {
    return this.#read(key, absent, 'true or false', `${key}: ${!absent}`, (value) =>
      typeof value === 'boolean' ? value : null,
    );
  }

  #read<V, T>(
    key: string,
    absent: T,
    wanted: string,
    todo: string,
    parse: (value: string | number | boolean, text: string) => V | null,
  ): V | T {
    const entry = this.#sections.get(key);
    if (entry === undefined) return absent;
    const { value } = entry;
    const parsed = value.kind === 'scalar' && value.value !== null ? parse(value.value, value.text) : null;
    if (parsed !== null) return parsed;
    const shown = value.kind === 'scalar' && value.value !== null ? `, not ${quoteName(value.text)}` : '';
    this.#problems.add(value.at, `${key} must be ${wanted}${shown}`, `write ${todo}`.replace('write did', 'did'));
    return absent;
  }
}

export interface DurationLimits {
  readonly minMs: number;
  readonly maxMs: number;
  /** Milliseconds that a number without a unit counts in; null where it needs one. */
  readonly bareMs: number | null;
  readonly example: string;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 };

function parseDurationMs(text: string, bareMs: number | null): number | null {
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*(ms|s|m|min|h)?$/.exec(text.trim());
  if (match === null) return null;
  const unitMs = match[2] === undefined ? bareMs : UNIT_MS[match[2]]!;
  return unitMs === null ? null : Number((Number(match[1]) * unitMs).toPrecision(12));
}

function formatMs(ms: number): string {
  const unit = ['h', 'm', 's'].find((name) => ms >= UNIT_MS[name]! && ms % UNIT_MS[name]! === 0) ?? 'ms';
  return `${ms / UNIT_MS[unit]!}${unit}`;
}
