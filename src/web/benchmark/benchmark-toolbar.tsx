// How a benchmark is looked at: which metric, what goes across, which cells.

import type { RefObject } from 'preact';
import { setQuery } from '../shell/route.ts';
import type { MetricInfo } from './results.ts';

export interface BenchmarkToolbarProps {
  readonly metrics: readonly MetricInfo[];
  readonly metric: string | null;
  readonly properties: readonly string[];
  readonly across: readonly string[];
  readonly filter: string;
  /** Given the focus by a key. */
  readonly filterField: RefObject<HTMLInputElement | null>;
  /** Cells that the filter leaves, and all. */
  readonly shown: number;
  readonly cells: number;
}

export function BenchmarkToolbar(props: BenchmarkToolbarProps) {
  const { metrics, metric, properties, across, filter, filterField, shown, cells } = props;
  return (
    <div class="toolbar">
      <label>
        Metric
        <select
          value={metric ?? ''}
          onChange={(event) => setQuery({ metric: event.currentTarget.value })}
          disabled={metrics.length === 0}
        >
          {metrics.length === 0 && <option value="">none yet</option>}
          {metrics.map((one) => (
            <option key={one.name} value={one.name}>
              {one.name}
            </option>
          ))}
        </select>
      </label>
      {properties.length > 1 && (
        <fieldset class="segments">
          <legend title="each of these that is pressed makes columns of the matrix; all others make its rows">
            Across <span class="small">(one or several)</span>
          </legend>
          {properties.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={across.includes(name)}
              onClick={() => setQuery({ across: toggled(across, name, properties).join(',') })}
            >
              {name}
            </button>
          ))}
        </fieldset>
      )}
      <label class="filter">
        Filter
        <input
          ref={filterField}
          type="search"
          value={filter}
          placeholder="codec=x264 bitrate>400k -failed"
          onInput={(event) => setQuery({ filter: event.currentTarget.value })}
        />
      </label>
      <span class="muted count">{shown === cells ? `${shown} cells` : `${shown} of ${cells} cells`}</span>
    </div>
  );
}

/** At least one property stays on the rows. */
function toggled(across: readonly string[], name: string, names: readonly string[]): string[] {
  const next = across.includes(name) ? across.filter((one) => one !== name) : [...across, name];
  return next.length >= names.length ? [name] : names.filter((one) => next.includes(one));
}
