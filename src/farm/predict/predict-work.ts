// The best that can be said of a piece of work: by the lab's model, else by the machine's calibration, else a guess.

import type { Prediction, WorkFeatures } from '#core/shape';
import type { Calibration } from './calibration.ts';
import { predictCold } from './cold-start.ts';
import { predict, type ShapeModel, type Sibling } from './model.ts';

/** What there is to predict by. */
export interface PredictionBasis {
  readonly model: ShapeModel | null;
  readonly calibration: Calibration | null;
}

/** @param siblings finished pieces of the title of the same kind, the latest last; those of other kinds may be among them */
export function predictWork(basis: PredictionBasis, work: WorkFeatures, siblings: readonly Sibling[] = []): Prediction {
  const learned = basis.model === null ? null : predict(basis.model, work, siblings);
  if (learned === null) return predictCold(basis.calibration, work, siblings);
  if (learned.durationS !== null && learned.cpuS !== null && learned.memoryBytes !== null) return learned;
  // What was never measured in enough titles is filled in roughly; the basis is that of the rest.
  const cold = predictCold(basis.calibration, work, siblings);
  return {
    ...learned,
    durationS: learned.durationS ?? cold.durationS,
    cpuS: learned.cpuS ?? cold.cpuS,
    memoryBytes: learned.memoryBytes ?? cold.memoryBytes,
  };
}
