// How a title's pieces wait for each other, where nothing more than their kinds is known.

import type { ItemKind } from '#core/title';

/** Those of a stage wait for all of the stage before. */
export const TITLE_STAGES: readonly (readonly ItemKind[])[] = [
  ['inspect'],
  ['encode', 'audio', 'text', 'thumbnails'],
  ['assemble'],
  ['package'],
  ['publish'],
];

/** Pieces of one title, stage by stage; stages without any are left out. What is of no known kind waits for nothing. */
export function inStages<T extends { readonly kind: string }>(pieces: readonly T[]): T[][] {
  const stageOf = ({ kind }: T) => TITLE_STAGES.findIndex((kinds) => kinds.some((known) => known === kind));
  return [...Map.groupBy(pieces, stageOf)].toSorted(([a], [b]) => a - b).map(([, stage]) => stage);
}
