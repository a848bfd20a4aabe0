// The shape of one attempt of an item: every child that it starts is counted, and its stages are told as it goes.

import type { PhaseRow } from '#core/recording';
import { WHOLE, type ShapeOutcome, type ShapeRow, type WorkFeatures } from '#core/shape';
import { createRunGroup, type RunGroup } from '#measure/run-group';
import { watchChildren } from '#system/child-process';
import { monotonicUs, newId } from '#system/clock';
import { WorkMeter } from './work-meter.ts';
import { shapeRows } from './work-shape.ts';

export interface ItemOfTitle {
  readonly title: string;
  /** Its key. */
  readonly item: string;
}

export interface ItemShapeEnd {
  readonly features: WorkFeatures;
  readonly outcome: ShapeOutcome;
  /** SHA-256 of the source; null where it is not known. */
  readonly source: string | null;
  /** CPU seconds that its result tells; null where it does not. */
  readonly toldCpuS: number | null;
}

export class ItemShape {
  readonly #item: ItemOfTitle;
  readonly #keep: (rows: readonly ShapeRow[]) => Promise<void>;
  readonly #group: RunGroup;
  readonly #meter = new WorkMeter();
  readonly #stages: PhaseRow[] = [];
  #stage: { readonly phase: string; readonly startUs: number } | null = null;
  #engine: { readonly run: string; readonly phases: readonly PhaseRow[] } | null = null;

  private constructor(item: ItemOfTitle, keep: (rows: readonly ShapeRow[]) => Promise<void>, group: RunGroup) {
    this.#item = item;
    this.#keep = keep;
    this.#group = group;
  }

  /** @param keep puts the rows into a recording */
  static async begin(item: ItemOfTitle, keep: (rows: readonly ShapeRow[]) => Promise<void>): Promise<ItemShape> {
    return new ItemShape(item, keep, await createRunGroup(newId()));
  }

  /** Counts all children that this work starts, those excepted that are started under a group of their own (`followed`). */
  count<Result>(work: () => Promise<Result>): Promise<Result> {
    const group = this.#group;
    const began = (pid: number) => {
      group.add(pid, 'entered');
      this.#meter.follow(group, pid);
    };
    return watchChildren({ enter: (command, args) => group.enter(command, args), began }, work);
  }

  /** A process in a group of its own. */
  follow(group: RunGroup, pid: number): void {
    this.#meter.follow(group, pid);
  }

  /** The row of the whole, once it has ended and was kept. */
  whole: ShapeRow | null = null;

  /** Bytes that its processes have together, a moment ago; null where that is not known. */
  get memoryNow(): number | null {
    return this.#meter.memoryNow;
  }

  /** A stage of the item begins: `join`, `check` …; the one before has ended. */
  stage(phase: string): void {
    this.#endStage();
    this.#meter.sample();
    this.#stage = { phase, startUs: monotonicUs() };
  }

  /** An encoder told its phases; of several tries the last one's count. */
  engineEnded(run: string, phases: readonly PhaseRow[]): void {
    this.#engine = { run, phases };
  }

  /** To be called once, whatever happened; null keeps nothing, for it was broken off. */
  async end(end: ItemShapeEnd | null): Promise<void> {
    this.#endStage();
    this.#meter.stop();
    try {
      if (end === null) return;
      const rows = shapeRows(
        {
          ...end,
          ...this.#item,
          id: this.#engine?.run ?? newId(),
          phases: [...(this.#engine?.phases ?? []), ...this.#stages],
        },
        this.#meter,
      );
      await this.#keep(rows);
      this.whole = rows.find(({ phase }) => phase === WHOLE) ?? null;
    } finally {
      await this.#group.remove();
    }
  }

  #endStage(): void {
    if (this.#stage === null) return;
    this.#stages.push({ ...this.#stage, endUs: monotonicUs(), cpuS: null });
    this.#stage = null;
  }
}
