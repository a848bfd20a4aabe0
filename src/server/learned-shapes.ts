// What a lab has learned, for the page of shapes: how well its model did on titles that it had not seen, and what it says of work done since.

import type { Prediction, ShapeRow } from '#core/shape';
import type { Calibration } from '#farm/predict/calibration';
import { readCalibration } from '#farm/predict/calibration-file';
import { predictCold } from '#farm/predict/cold-start';
import { COVERAGE } from '#farm/predict/held-out';
import { readModels } from '#farm/predict/model-file';
import { predict, TARGET_NAMES, type ShapeModel } from '#farm/predict/model';
import { readShapes, shapeRow, type ShapesOf } from '#lab/shapes/read-shapes';
import type { ModelAccuracy, PredictedPoint, PredictedPoints } from './shapes-wire.ts';

/** Pieces that are compared, the newest. */
const MAX_POINTS = 1_500;
/** Models that held one after the other: what ended under an older one is further back than anybody looks. */
const MAX_MODELS = 8;

export interface LearnedShapes {
  readonly model: ModelAccuracy | null;
  readonly predicted: PredictedPoints | null;
}

/**
 * Each piece by the model that held when it ended: what a model learned from would flatter it. What no model knew was packed by the
 * machine's calibration, which is compared like that.
 */
export async function learnedShapes(lab: ShapesOf): Promise<LearnedShapes> {
  const { models } = await readModels(lab.path, MAX_MODELS);
  const { calibration } = await readCalibration(lab.path);
  const newest = models[0];
  const model = newest === undefined ? null : accuracyOf(newest);
  const began = [models.at(-1)?.trainedAt, calibration?.measuredAt].filter((time) => time !== undefined);
  if (began.length === 0) return { model, predicted: null };
  const filter = { outcome: 'ok', since: Math.min(...began) + 1 };
  const columns = await readShapes(lab, filter, { limit: MAX_POINTS });
  const points = columns.id.flatMap((_, i): PredictedPoint[] => {
    const row = shapeRow(columns, i);
    const { id, codec, cpuS: truth } = row;
    const said = predictedOf(row, models, calibration);
    if (said === null || said.cpuS === null || truth === null || !(truth > 0)) return [];
    const basis = said.basis === 'calibration' ? 'calibration' : 'model';
    return [{ id, codec, basis, truth, ...said.cpuS }];
  });
  return { model, predicted: points.length === 0 ? null : { coverage: COVERAGE, points } };
}

/** Null where only a guess was there, which nobody measured. @param models the newest first */
function predictedOf(row: ShapeRow, models: readonly ShapeModel[], calibration: Calibration | null): Prediction | null {
  const held = models.find(({ trainedAt }) => trainedAt < row.endedAt);
  const said = held === undefined ? null : predict(held, row);
  if (said !== null || calibration === null || calibration.measuredAt >= row.endedAt) return said;
  const cold = predictCold(calibration, row);
  return cold.basis === 'calibration' ? cold : null;
}

function accuracyOf({ number, trainedAt, rows: pieces, titles, targets }: ShapeModel): ModelAccuracy {
  const rows = TARGET_NAMES.flatMap((quantity) =>
    (targets[quantity]?.accuracy.after ?? []).map(({ siblings, mdape, covered, notAbove, reservedMedian }) => ({
      quantity,
      siblings,
      medianError: mdape,
      inside: covered,
      notAbove,
      reserved: reservedMedian,
    })),
  );
  return { number, trainedAt, pieces, titles, rows };
}
