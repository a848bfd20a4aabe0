// What narrows the picture, in one line: filters and brushes as chips that can be taken away.

import { formatQuantity } from '#core/format-quantity';
import { ABSENT_TITLE, propertyTitle, valueTitle, type DisplayNames } from '#explore/data/dataset';
import { shortNumber } from '#explore/view-text';
import type { Filter } from '#explore/view';
import { keepBrushed } from './keep-brushed.ts';
import type { ExploreStore } from './explore-store.ts';

export function SelectionBar({ store }: { store: ExploreStore }) {
  const filters = store.filters.value;
  const { brushes, showInvalid } = store.view.value;
  const { rows, invalid } = store.filtered.value;
  const selected = store.selected.value;
  const names = store.names.value;
  const metrics = store.metrics.value;
  const kept = brushes.length === 0 ? null : keepBrushed(store.dataset.value, rows, selected);
  return (
    <div class="explore-selection" role="group" aria-label="Selection">
      <span>
        <b>{rows.length}</b> {rows.length === 1 ? 'run' : 'runs'}
        {brushes.length > 0 && `, ${selected.length} brushed`}
      </span>
      {filters.map((filter) => (
        <span key={`f ${filter.property}`} class="explore-tag">
          {filterWords(filter, names)}
          <button
            type="button"
            class="quiet"
            aria-label={`Take the filter ${filterWords(filter, names)} away`}
            onClick={() => store.change({ filters: filters.filter((one) => one !== filter) })}
          >
            ✕
          </button>
        </span>
      ))}
      {brushes.map((brush) => {
        const unit = metrics.find(({ name }) => name === brush.metric)?.unit ?? '1';
        const words = `${brush.metric} ${formatQuantity(brush.low, unit)} to ${formatQuantity(brush.high, unit)}`;
        return (
          <span key={`b ${brush.metric}`} class="explore-tag" data-brush="">
            ▭ {words}
            <button
              type="button"
              class="quiet"
              aria-label={`Take the brush ${words} away`}
              onClick={() => store.change({ brushes: brushes.filter((one) => one !== brush) })}
            >
              ✕
            </button>
          </span>
        );
      })}
      {kept !== null && (
        <button
          type="button"
          disabled={kept.length === 0}
          title={kept.length === 0 ? 'No property tells the brushed runs from the others' : undefined}
          onClick={() => store.change({ filters: [...filters.filter(isOther(kept)), ...kept], brushes: [] })}
        >
          Keep as filter
        </button>
      )}
      <label class="explore-invalid">
        <input
          type="checkbox"
          checked={showInvalid}
          onChange={(event) => store.change({ showInvalid: event.currentTarget.checked })}
        />
        Show invalid runs <span class="muted">{invalid.length}</span>
      </label>
    </div>
  );
}

const isOther = (kept: readonly Filter[]) => (filter: Filter) =>
  kept.every(({ property }) => property !== filter.property);

/** `codec: x264, vp9`, `bitrate: 1M to 4M`. */
export function filterWords(filter: Filter, names: DisplayNames): string {
  const title = propertyTitle(names, filter.property);
  if (filter.kind === 'values') {
    const values = filter.values.map((value) => valueTitle(names, filter.property, value));
    return `${title}: ${[...values, ...(filter.absent === true ? [ABSENT_TITLE] : [])].join(', ')}`;
  }
  const { low, high } = filter;
  if (low === null) return `${title}: ${high === null ? 'any number' : `up to ${shortNumber(high)}`}`;
  return high === null ? `${title}: from ${shortNumber(low)}` : `${title}: ${shortNumber(low)} to ${shortNumber(high)}`;
}
