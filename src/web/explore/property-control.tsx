// One property: all of its values, one, several or a range; and what it and its values are called.

import { useMemo, useState } from 'preact/hooks';
import { ABSENT_TITLE, propertyTitle, valueTitle, type Property } from '#explore/data/dataset';
import { countValues } from '#explore/data/filter-rows';
import { readNumber, shortNumber } from '#explore/view-text';
import type { Filter } from '#explore/view';
import { same, type ExploreStore } from './explore-store.ts';
import { NameEditor } from './name-editor.tsx';

/** Values shown at once; the others are found by a search. */
const MAX_VALUES = 24;

interface ControlProps {
  readonly store: ExploreStore;
  readonly property: Property;
}

export function PropertyControl({ store, property }: ControlProps) {
  const [isNaming, setNaming] = useState(false);
  const [wanted, setWanted] = useState('');
  const names = store.names.value;
  // A filter of another property changes nothing here but the counts, which may come later.
  const filter = useMemo(
    () => same(() => store.filters.value.find((one) => one.property === property.name) ?? null),
    [store, property.name],
  ).value;
  const counts = useCounts(store, property);
  const title = propertyTitle(names, property.name);
  const chosen = filter?.kind === 'values' ? filter.values : [];
  const takesAbsent = filter?.kind === 'values' && filter.absent === true;
  const setValues = (values: readonly string[], absent: boolean) =>
    store.setFilter(
      property.name,
      values.length === 0 && !absent
        ? null
        : { kind: 'values', property: property.name, values, ...(absent ? { absent } : {}) },
    );
  const hasAbsent = useMemo(() => property.codes.includes(-1), [property]);
  const matching = property.values.filter(
    (value) => wanted === '' || `${value} ${valueTitle(names, property.name, value)}`.toLowerCase().includes(wanted),
  );
  const isRange = property.values.length > 2 && (property.numbers?.every((value) => !Number.isNaN(value)) ?? false);
  return (
    <div class="explore-property" role="group" aria-label={`Filter by ${title}`}>
      <div class="explore-property-head">
        <b title={title === property.name ? undefined : property.name}>{title}</b>
        <button
          type="button"
          class="quiet explore-rename"
          aria-label={`Names of ${title}`}
          aria-expanded={isNaming}
          title="Edit the names"
          onClick={() => setNaming(!isNaming)}
        >
          ✎
        </button>
      </div>
      {isNaming && <NameEditor store={store} property={property} onClose={() => setNaming(false)} />}
      {property.values.length > MAX_VALUES && (
        <input
          type="search"
          class="explore-value-search"
          aria-label={`Search values of ${title}`}
          placeholder={`search ${property.values.length} values`}
          value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value.toLowerCase())}
        />
      )}
      <div class="explore-values">
        <button type="button" aria-pressed={filter === null} onClick={() => store.setFilter(property.name, null)}>
          all
        </button>
        {matching.slice(0, MAX_VALUES).map((value) => {
          const isOn = chosen.includes(value);
          const next = isOn ? chosen.filter((one) => one !== value) : [...chosen, value];
          return (
            <ValueButton
              key={value}
              title={valueTitle(names, property.name, value)}
              count={counts[property.values.indexOf(value)]!}
              isOn={isOn}
              onClick={() => setValues(next, takesAbsent)}
            />
          );
        })}
        {hasAbsent && wanted === '' && (
          <ValueButton
            title={ABSENT_TITLE}
            count={counts[property.values.length]!}
            isOn={takesAbsent}
            onClick={() => setValues(chosen, !takesAbsent)}
          />
        )}
        {matching.length > MAX_VALUES && <span class="muted small">and {matching.length - MAX_VALUES} more</span>}
      </div>
      {isRange && <RangeFields property={property} filter={filter} title={title} store={store} />}
    </div>
  );
}

interface ValueButtonProps {
  readonly title: string;
  /** Runs that count, with those that do not where they are listed. */
  readonly count: number;
  readonly isOn: boolean;
  readonly onClick: () => void;
}

function ValueButton({ title, count, isOn, onClick }: ValueButtonProps) {
  return (
    <button type="button" aria-pressed={isOn} class={count === 0 ? 'explore-none' : undefined} onClick={onClick}>
      {title}
      <span class="muted" title={`${count} runs`}>
        {count}
      </span>
    </button>
  );
}

/** Before anything is shown, and of a dataset that has just come, of what there is now. */
function useCounts(store: ExploreStore, property: Property): Uint32Array {
  const shown = store.shown.value;
  const isOf = shown !== null && shown.dataset === store.dataset.value;
  const filters = isOf ? shown.filters : store.filters.peek();
  const filtered = isOf ? shown.filtered : store.filtered.peek();
  const { showInvalid } = isOf ? shown.view : store.view.peek();
  return useMemo(
    () => countValues(store.dataset.peek(), property, filters, filtered, showInvalid),
    [property, filters, filtered, showInvalid],
  );
}

interface RangeFieldsProps {
  readonly property: Property;
  readonly filter: Filter | null;
  readonly title: string;
  readonly store: ExploreStore;
}

function RangeFields({ property, filter, title, store }: RangeFieldsProps) {
  const range = filter?.kind === 'range' ? filter : null;
  const numbers = property.numbers!;
  const set = (end: 'low' | 'high', text: string): boolean => {
    const value = text.trim() === '' ? null : readNumber(text.trim());
    if (Number.isNaN(value)) return false;
    const next = { low: range?.low ?? null, high: range?.high ?? null, [end]: value };
    store.setFilter(
      property.name,
      next.low === null && next.high === null ? null : { kind: 'range', property: property.name, ...next },
    );
    return true;
  };
  return (
    <div class="explore-range">
      {(['low', 'high'] as const).map((end) => (
        <label key={end}>
          {end === 'low' ? 'from' : 'to'}
          <input
            type="text"
            inputMode="decimal"
            aria-label={`${title} ${end === 'low' ? 'from' : 'to'}`}
            placeholder={shortNumber(end === 'low' ? numbers[0]! : numbers.at(-1)!)}
            value={endText(range?.[end] ?? null)}
            onChange={(event) =>
              event.currentTarget.setAttribute('aria-invalid', String(!set(end, event.currentTarget.value)))
            }
          />
        </label>
      ))}
    </div>
  );
}

function endText(value: number | null): string {
  return value === null ? '' : shortNumber(value);
}
