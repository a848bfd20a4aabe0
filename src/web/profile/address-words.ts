// Words of a profile's address that nobody knows: they are told, as what is shown is not what they asked for.

import { FRAME_WAYS } from '#profile/frame-times';
import { unknownFlameWords } from './flame-choice.ts';
import { unknownHeatmapWords } from './heatmap-choice.ts';

/** The address may hold anything. */
const MAX_TOLD_CHARACTERS = 60;

/** By the names in the address: what is not known in its text. */
const UNKNOWN: Readonly<Record<string, (text: string) => readonly string[]>> = {
  way: (text) => unless(FRAME_WAYS, text),
  seen: (text) => unless(['all'], text),
  drag: (text) => unless(['zoom', 'choose'], text),
  heat: unknownHeatmapWords,
  flame: unknownFlameWords,
};

/** @returns a sentence; null where all is known */
export function unknownAddressWords(query: Pick<URLSearchParams, 'get'>): string | null {
  const told = Object.entries(UNKNOWN).flatMap(([name, unknownIn]) => {
    const unknown = unknownIn(query.get(name) ?? '').join(',');
    return unknown === '' ? [] : [`“${name}=${unknown.slice(0, MAX_TOLD_CHARACTERS)}”`];
  });
  return told.length === 0 ? null : `${told.join(', ')} in the address means nothing, and is left out`;
}

function unless(known: readonly string[], text: string): readonly string[] {
  return text === '' || known.includes(text) ? [] : [text];
}
