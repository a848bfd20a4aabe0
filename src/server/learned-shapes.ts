// What a lab has learned, for the page of shapes: how well its model did on titles that it had not seen, and what it says of work done since.

import { readModels } from '#farm/predict/model-file';
import { predict, TARGET_NAMES, type ShapeModel } from '#farm/predict/model';
import { readShapes, shapeRow } from '#lab/shapes/read-shapes';
import type { LabView } from './lab-view.ts';
import type { ModelAccuracy, PredictedPoint, PredictedPoints } from './shapes-wire.ts';

/** Pieces that are compared, the newest. */
const MAX_POINTS = 1_500;
/** Models that held one after the other: what ended under an older one is further back than anybody looks. */
const MAX_MODELS = 8;

export interface LearnedShapes {
  readonly model: ModelAccuracy | null;
  readonly predicted: PredictedPoints | null;
}

/** Each piece by the model that held when it ended: what a model learned from would flatter it. */
export async function learnedShapes(lab: Pick<LabView, 'path'>): Promise<LearnedShapes> {
  const { models } = await readModels(lab.path, MAX_MODELS);
  const newest = models[0];
  const oldest = models.at(-1);
  if (newest === undefined || oldest === undefined) return { model: null, predicted: null };
  const filter = { outcome: 'ok', since: oldest.trainedAt + 1 };
  const columns = await readShapes(lab, filter, { limit: MAX_POINTS });
  let coverage = NaN;
  const points = columns.id.flatMap((id, i): PredictedPoint[] => {
    const row = shapeRow(columns, i);
    const held = models.find(({ trainedAt }) => trainedAt < row.endedAt);
    const said = held === undefined ? null : predict(held, row);
    if (said === null || said.cpuS === null || row.cpuS === null || !(row.cpuS > 0)) return [];
    ({ coverage } = said);
    return [{ id: id!, codec: row.codec, truth: row.cpuS, ...said.cpuS }];
  });
  return { model: accuracyOf(newest), predicted: points.length === 0 ? null : { coverage, points } };
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
