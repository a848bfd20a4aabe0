// Charts that show the same time: one crosshair and one zoom for all.

import { signal, type Signal } from '@preact/signals';
import type uPlot from 'uplot';

export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

export class ChartGroup {
  /** Key by which uPlot shares the crosshair. */
  readonly key: string;
  /** Left of every plot; that of all charts where it is left out. */
  readonly axisPx: number | undefined;
  /** Seconds at the crosshair; null where it is off the charts. */
  readonly time: Signal<number | null> = signal(null);
  readonly #charts = new Set<uPlot>();

  constructor(key: string, axisPx?: number) {
    this.key = key;
    this.axisPx = axisPx;
  }

  add(chart: uPlot): () => void {
    this.#charts.add(chart);
    return () => this.#charts.delete(chart);
  }

  /** Puts the crosshair of every chart at a time, as the keyboard does. */
  setTime(seconds: number): void {
    this.time.value = seconds;
    for (const chart of this.#charts) {
      chart.setCursor({ left: chart.valToPos(seconds, 'x'), top: chart.over.clientHeight / 2 }, true);
    }
  }
}
