// What items will take: by the newest model of the lab, or the calibration of this machine, and by the finished items of the same title.

import type { Prediction, ShapeRow, WorkFeatures } from '#core/shape';
import { readCalibration } from '#farm/predict/calibration-file';
import { readModel } from '#farm/predict/model-file';
import { predictWork, type PredictionBasis } from '#farm/predict/predict-work';

/** Finished items of a title that its other items are predicted by, the latest. */
const MAX_SIBLINGS = 40;
/** Titles of which finished items are kept. */
const MAX_TITLES = 1_000;

export class ItemForecasts {
  readonly #lab: string;
  #basis: PredictionBasis = { model: null, calibration: null };
  readonly #siblings = new Map<string, ShapeRow[]>();

  /** @param lab its folder */
  constructor(lab: string) {
    this.#lab = lab;
  }

  /**
   * Reads what the lab has learned, at the beginning and again when there is more.
   * @returns what could not be read, a sentence each: another model or a guess stands in
   */
  async read(): Promise<readonly string[]> {
    const { model, problems } = await readModel(this.#lab);
    const calibration = await readCalibration(this.#lab);
    this.#basis = { model, calibration: calibration.calibration };
    return [...problems, ...calibration.problems];
  }

  readonly predict = (features: WorkFeatures, title: string): Prediction =>
    predictWork(this.#basis, features, this.#siblings.get(title));

  /** An item has ended well. */
  learn(whole: ShapeRow): void {
    if (whole.title === null || whole.outcome !== 'ok') return;
    const siblings = this.#siblings.get(whole.title) ?? [];
    siblings.push(whole);
    if (siblings.length > MAX_SIBLINGS) siblings.shift();
    // The title that was worked on last is the last to be forgotten.
    this.#siblings.delete(whole.title);
    this.#siblings.set(whole.title, siblings);
    if (this.#siblings.size > MAX_TITLES) this.#siblings.delete(this.#siblings.keys().next().value!);
  }
}
