// A rung of a ladder among others: how it is called, what it may not set, and where it was read.

import { formatSettingValue, type Settings } from '#core/settings';
import type { Ladder } from '#core/title';

/** The one setting of a rung that no benchmark has: passes of the encoder over each chunk, 1 or 2. */
export const PASSES = 'passes';

const ALL_RUNGS = 'It is the same for all rungs: it belongs to the source or to the ladder.';
const STREAMS = 'It belongs to a real-time stream.';

/** Settings of a benchmark that a rung can't have, and why. */
export const FOREIGN_SETTINGS: Readonly<Record<string, string>> = {
  source: 'The source is named when a title is made.',
  frames: 'A title is the whole source.',
  framerate: ALL_RUNGS,
  gop: 'Seconds between keyframes are the same for all rungs: write gop: 2s beside rungs.',
  g: 'Seconds between keyframes are the same for all rungs: write gop: 2s beside rungs.',
  threads: 'The worker gives threads to its items.',
  concurrent: 'The worker decides how many items it encodes at once.',
  network: STREAMS,
  transport: STREAMS,
  adapt: STREAMS,
  stress: STREAMS,
  display: STREAMS,
};

/** `rung 2 (libx264 1280x720)` */
export function rungName(rung: Settings, number: number): string {
  const words = ['encoder', 'resolution'].map((name) => rung[name]).filter((value) => value !== undefined);
  return words.length === 0 ? `rung ${number}` : `rung ${number} (${words.map(formatSettingValue).join(' ')})`;
}

/** Places of the settings of rungs that were read from a file in this process. */
const places = new WeakMap<Settings, ReadonlyMap<string, string>>();

/** The key of the place at which a rung begins. */
export const WHOLE_RUNG = '';

export function keepPlaces(rung: Settings, ofSettings: ReadonlyMap<string, string>): void {
  places.set(rung, ofSettings);
}

/** `file:line:column` of a rung's setting where it was read in this process, else the ladder's name. */
export function rungPlace(ladder: Ladder, rung: Settings, setting: string | null): string {
  const known = places.get(rung);
  return known?.get(setting ?? WHOLE_RUNG) ?? known?.get(WHOLE_RUNG) ?? `ladder ${ladder.name}`;
}
