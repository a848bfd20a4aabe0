// What a lab has learned, for the page of shapes: how well its model did on titles that it had not seen, and what it says of work done since.

import { readModel } from '#farm/predict/model-file';
import { predict, TARGET_NAMES, type ShapeModel } from '#farm/predict/model';
import { readShapes, shapeRow } from '#lab/shapes/read-shapes';
import type { LabView } from './lab-view.ts';
import type { ModelAccuracy, PredictedPoint, PredictedPoints } from './shapes-wire.ts';

/** Pieces that are compared, the newest. */
const MAX_POINTS = 1_500;

export interface LearnedShapes {
  readonly model: ModelAccuracy | null;
  readonly predicted: PredictedPoints | null;
}

/** Only of work that ended after the model was trained: what it learned from it would flatter it. */
export async function learnedShapes(lab: Pick<LabView, 'path'>): Promise<LearnedShapes> {
  const { model } = await readModel(lab.path);
  if (model === null) return { model: null, predicted: null };
  const filter = { outcome: 'ok', since: model.trainedAt + 1 };
  const columns = await readShapes(lab, filter, { limit: MAX_POINTS });
  let coverage = NaN;
  const points = columns.id.flatMap((id, i): PredictedPoint[] => {
    const row = shapeRow(columns, i);
    const said = predict(model, row);
    if (said === null || said.cpuS === null || row.cpuS === null || !(row.cpuS > 0)) return [];
    ({ coverage } = said);
    return [{ id: id!, codec: row.codec, truth: row.cpuS, ...said.cpuS }];
  });
  return { model: accuracyOf(model), predicted: points.length === 0 ? null : { coverage, points } };
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
