// What stands beside and below the plots: lists, counts, comparisons. They follow a change when its plots are painted, so that no plot waits
// for a list; where changes come faster than that, they follow the last one.

import { useComputed } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';
import type { Dataset, DisplayNames, MetricColumn } from '#explore/data/dataset';
import type { FilteredRows } from '#explore/data/filter-rows';
import type { Filter, View } from '#explore/view';
import type { ExploreStore } from './explore-store.ts';

/** All of one moment: rows of one dataset are none of another. */
export interface Shown {
  readonly dataset: Dataset;
  readonly metrics: readonly MetricColumn[];
  readonly names: DisplayNames;
  readonly view: View;
  readonly filters: readonly Filter[];
  readonly filtered: FilteredRows;
  readonly selected: Uint32Array;
  readonly stats: readonly MetricColumn[];
}

/**
 * Keeps `store.shown`. It is no property of components: old elements, which Preact may keep, would keep the rows of every change.
 * @returns whether the first plots are painted
 */
export function useShown(store: ExploreStore): boolean {
  const current = useComputed((): Shown => ({
    dataset: store.dataset.value,
    metrics: store.metrics.value,
    names: store.names.value,
    view: store.view.value,
    filters: store.filters.value,
    filtered: store.filtered.value,
    selected: store.selected.value,
    stats: store.stats.value,
  })).value;
  useLayoutEffect(() => {
    // One frame more: where the plots learn their width only now, theirs is the next one.
    let stop = afterPaint(() => {
      stop = afterPaint(() => (store.shown.value = current));
    });
    return () => stop();
  }, [current]);
  return useComputed(() => store.shown.value !== null).value;
}

/**
 * Calls once the frame that is due is painted.
 * @returns takes it back
 */
export function afterPaint(work: () => unknown): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const frame = requestAnimationFrame(() => {
    timer = setTimeout(work);
  });
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
