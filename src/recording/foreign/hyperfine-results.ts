// What `hyperfine --export-json` writes: a command for each set of parameters, with the time of each of its runs.

import type { Metric } from '#core/metric';
import type { SettingValue } from '#core/settings';
import { UserError } from '#core/user-error';
import { settingValue, type ForeignResult } from './foreign-result.ts';

const MOST_RUNS = 100_000;

/** Whether a JSON document is one of hyperfine's. */
export function isHyperfine(document: unknown): boolean {
  const results = field(document, 'results');
  return (
    Array.isArray(results) && results.length > 0 && results.every((one) => typeof field(one, 'command') === 'string')
  );
}

/**
 * Each measured time is a run of its own, with the exit code and the memory of that run where they are told. User and system time
 * are told as means over a command's runs only: they are named so, and the first run that ended well has them. In every run they
 * would look like repeats that agree.
 * @throws UserError with the place in the document
 */
export function parseHyperfine(document: unknown, where: string): ForeignResult[] {
  const found: ForeignResult[] = [];
  for (const [at, result] of (field(document, 'results') as unknown[]).entries()) {
    const place = `${where}: results[${at}]`;
    const settings: Record<string, SettingValue> = { command: String(field(result, 'command')) };
    for (const [name, value] of Object.entries((field(result, 'parameters') as object | undefined) ?? {}))
      settings[name] = settingValue(String(value));
    const times = numbers(field(result, 'times'), `${place}.times`);
    if (times === null || times.length === 0)
      throw new UserError({
        what: 'the times of the single runs are missing',
        where: place,
        todo: 'hyperfine writes them with --export-json; a mean alone has no spread to compare by.',
      });
    const codes = field(result, 'exit_codes');
    const memory = numbers(field(result, 'memory_usage_byte'), `${place}.memory_usage_byte`);
    const means = meansOf(result);
    let isTold = false;
    for (const [run, seconds] of times.entries()) {
      const code = Array.isArray(codes) ? (codes[run] as unknown) : 0;
      const isOk = code === 0;
      const bytes = memory?.[run];
      const tellsMeans = isOk && !isTold;
      isTold ||= isOk;
      found.push({
        settings,
        metrics: {
          wall: { value: seconds, unit: 's', better: 'lower' },
          ...(bytes === undefined ? {} : { 'memory.peak': { value: bytes, unit: 'byte', better: 'lower' } }),
          ...(tellsMeans ? means : {}),
        },
        outcome: isOk ? 'ok' : 'failed',
        reason: isOk
          ? null
          : code === null
            ? 'it was ended by a signal'
            : `it ended with exit code ${JSON.stringify(code)}`,
        startedAt: null,
        durationS: seconds,
        part: `${at}.${run}`,
        absent: Object.keys(means).length === 0 ? [] : [tellsMeans ? MEANS_HERE : MEANS_ELSEWHERE],
      });
      if (found.length > MOST_RUNS) throw new UserError({ what: `the file has more than ${MOST_RUNS} runs`, where });
    }
  }
  return found;
}

const MEANS_HERE = 'cpu.user, cpu.system: told as means over all runs of the command';
const MEANS_ELSEWHERE = `${MEANS_HERE}, which the first of them that ended well has`;

function meansOf(result: unknown): Record<string, Metric> {
  const means: Record<string, Metric> = {};
  for (const [name, key] of [
    ['cpu.user mean', 'user'],
    ['cpu.system mean', 'system'],
  ] as const) {
    const value = field(result, key);
    if (typeof value === 'number') means[name] = { value, unit: 's', better: 'lower' };
  }
  return means;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function numbers(value: unknown, where: string): number[] | null {
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value) || value.some((one) => typeof one !== 'number' || !Number.isFinite(one)))
    throw new UserError({ what: 'this is no list of numbers', where });
  return value as number[];
}
