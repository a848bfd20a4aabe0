// What the search for findings is given, here or in a thread of its own.

import type { Dataset, DisplayNames } from '#explore/data/dataset';
import type { FrameColumn } from '#explore/findings/drifts';
import { findFindings, type Found } from '#explore/findings/find-findings';

export interface FindingsJob {
  readonly dataset: Dataset;
  readonly frames: readonly FrameColumn[];
  readonly names: DisplayNames;
}

/** Looks at all runs of the dataset. */
export function findInJob({ dataset, frames, names }: FindingsJob): Found {
  const rows = Uint32Array.from({ length: dataset.count }, (_, row) => row);
  return findFindings(dataset, rows, { frames, names });
}
