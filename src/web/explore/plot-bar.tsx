// Which kind of plot is drawn, and what that kind lets one choose.

import type { PlotOption } from '#explore/plots/plot';
import { PLOT_KINDS, type PlotKind } from '#explore/view';
import type { ExploreStore } from './explore-store.ts';

export const PLOT_TITLES: Readonly<Record<PlotKind, string>> = {
  bars: 'Bars',
  lines: 'Lines',
  scatter: 'Sorted scatter',
  distribution: 'Distribution',
  heatmap: 'Heatmap',
  regression: 'Regression',
  stack: 'Encoding stack',
  'frame-rate': 'Frame rate',
  report: 'Report',
  'rate-quality': 'Rate and quality',
  pareto: 'Pareto front',
  parallel: 'Parallel coordinates',
};

export function PlotBar({ store, options }: { store: ExploreStore; options: readonly PlotOption[] }) {
  const chosen = store.plot.value;
  const isOwn = store.view.value.plot !== null;
  return (
    <div class="explore-plot-bar" role="group" aria-label="Plot">
      <label>
        <span class="muted">Plot</span>
        <select
          data-shortcut="plot"
          value={isOwn ? chosen : ''}
          onChange={(event) => {
            const kind = event.currentTarget.value;
            store.change({ plot: kind === '' ? null : (kind as PlotKind) });
          }}
        >
          <option value="">{isOwn ? 'by itself' : `by itself: ${PLOT_TITLES[chosen].toLowerCase()}`}</option>
          {PLOT_KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {PLOT_TITLES[kind]}
            </option>
          ))}
        </select>
      </label>
      {options.map((option) => (
        <label key={option.name}>
          <span class="muted">{option.title}</span>
          <select value={option.chosen} onChange={(event) => store.setOption(option.name, event.currentTarget.value)}>
            {option.values.map(({ value, title }) => (
              <option key={value} value={value}>
                {title}
              </option>
            ))}
          </select>
        </label>
      ))}
    </div>
  );
}
