// Numbers, times and names of threads as the sentences of findings have them.

import type { Diagnosis, Profile } from '#core/profile';

/** What a finding is called, on the page, the command line and in docs/diagnosis.md. */
export const DIAGNOSIS_NAMES: Readonly<Record<Diagnosis, string>> = {
  idle: 'idle',
  serial: 'serial',
  bursts: 'serial with bursts',
  saturated: 'all CPUs busy',
  oversubscribed: 'oversubscribed',
  throttled: 'throttled or stolen',
  'missing-data': 'missing data',
  'slow-frames': 'slow frames',
};

/** `35 %`, `0.4 %`. */
export function percent(share: number): string {
  const value = share * 100;
  return `${value < 9.95 && value > 0 ? value.toFixed(1) : value.toFixed(0)} %`;
}

/** `35 % (33 to 37 %)`. */
export function percentBetween(share: number, { low, high }: { low: number; high: number }): string {
  return `${percent(share)} (${percent(low).replace(' %', '')} to ${percent(high)})`;
}

/** `1.24 s`, `85 ms`. */
export function duration(ns: number): string {
  if (ns >= 99.5e9) return `${(ns / 1e9).toFixed(0)} s`;
  if (ns >= 1e9) return `${(ns / 1e9).toPrecision(3)} s`;
  return `${(ns / 1e6).toPrecision(ns >= 99.5e6 ? 3 : 2)} ms`;
}

/** `x264`, `enc0 of ffmpeg (4242)`. */
export function threadName({ threads }: Profile, position: number): string {
  const name = threads.name[position] ?? '';
  const process = threads.processName[position] ?? '';
  const number = threads.thread[position]!;
  const told = name === '' ? process : name === process || process === '' ? name : `${name} of ${process}`;
  return number > 0 ? `${told === '' ? 'thread' : told} (${number})` : told;
}

/** `a, b and c`. */
export function listed(parts: readonly string[]): string {
  return parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/**
 * Who else was busy, in sentences without a beginning; empty where that is below `least`.
 * @param others CPUs that all others kept busy, and of those the ones of the same run or process
 */
export function othersBusy({ header, threads }: Profile, others: number, siblings: number, least: number): string[] {
  const whose = header.processes === undefined ? 'process' : 'run';
  const told = [
    { who: `other threads of the same ${whose}`, cpus: siblings },
    { who: threads.process.includes(-1) ? 'other threads' : 'other programs', cpus: others - siblings },
  ].filter(({ cpus }) => cpus > least);
  return told.map(({ who, cpus }) => `${who} kept ${cpus.toFixed(2)} CPUs busy`);
}
