// One's own charts: any series in any chart, in one's own order, saved in the lab under a name.

import { useEffect, useMemo, useState } from 'preact/hooks';
import type { LiveState } from '#core/live';
import { resource } from '../shell/resource.ts';
import { query, setQuery } from '../shell/route.ts';
import {
  EMPTY_LAYOUT,
  MOST_CHARTS,
  emptiedChart,
  isLayoutName,
  movedChart,
  parseLayout,
  renamedChart,
  toggledSeries,
  withChart,
  withoutChart,
  type Layout,
  type LayoutChart,
} from './layouts.ts';
import type { Live } from './live.ts';
import { liveApi } from './live-api.ts';
import { LiveChart } from './live-chart.tsx';
import { BUILT_IN, seriesKind } from './live-series.ts';
import type { ChartPlan } from './tab-charts.ts';
import { useAsking } from './use-asking.ts';

const USUAL_NAME = 'mine';

/** Charts of a layout: what nobody measures now has its place, and no line. */
export function layoutCharts(layout: Layout, state: LiveState | null): ChartPlan[] {
  return layout.charts.map((chart, position) => ({
    key: `${position}`,
    title: chart.title === '' ? `Chart ${position + 1}` : chart.title,
    unit: unitOf(chart, state) ?? '1',
    series: chart.series.map((id) => ({ id, label: labelOf(id, state) })),
  }));
}

function unitOf({ series }: LayoutChart, state: LiveState | null): string | undefined {
  return series.map((id) => seriesKind(id, state)?.unit).find((unit) => unit !== undefined);
}

/** A built-in series is named by its kind too: `encode` alone could be a rate or a time. */
function labelOf(id: string, state: LiveState | null): string {
  const kind = seriesKind(id, state);
  if (kind === null) return `${id} (not measured now)`;
  if (!BUILT_IN.has(id)) return kind.label;
  const [family, name] = id.split('.');
  if (kind.isRequested === true) return `${FAMILIES[family!]}: ${name}`;
  return `${FAMILIES[family!] ?? family}: ${kind.label}`;
}

const FAMILIES: Readonly<Record<string, string>> = {
  frames: 'size of',
  delta: 'time between',
  rate: 'rate',
  step: 'time',
  stack: 'stacked',
  requested: 'asked for',
};

export interface MyChartsProps {
  readonly live: Live;
  readonly state: LiveState | null;
  readonly layout: Layout;
  readonly onLayout: (layout: Layout) => void;
}

export function MyCharts({ live, state, layout, onLayout }: MyChartsProps) {
  const [editing, setEditing] = useState<number | null>(null);
  const charts = layoutCharts(layout, state);
  return (
    <>
      <LayoutBar layout={layout} onLayout={onLayout} />
      {charts.length === 0 && (
        <section class="panel pad my-empty">
          <p>
            No chart of your own yet. A chart may hold anything that is measured in one unit: indicators of any agent,
            sizes, rates and times of frames.
          </p>
        </section>
      )}
      {charts.map((plan, position) => (
        <div key={position} class="my-chart">
          <LiveChart
            live={live}
            plan={plan}
            actions={
              <>
                <button
                  type="button"
                  class="quiet"
                  aria-label={`${plan.title}: up`}
                  disabled={position === 0}
                  onClick={() => onLayout(movedChart(layout, position, -1))}
                >
                  ↑
                </button>
                <button
                  type="button"
                  class="quiet"
                  aria-label={`${plan.title}: down`}
                  disabled={position === charts.length - 1}
                  onClick={() => onLayout(movedChart(layout, position, 1))}
                >
                  ↓
                </button>
                <button
                  type="button"
                  class="quiet"
                  aria-pressed={editing === position}
                  onClick={() => setEditing(editing === position ? null : position)}
                >
                  edit
                </button>
                <button
                  type="button"
                  class="quiet"
                  onClick={() => {
                    setEditing(null);
                    onLayout(withoutChart(layout, position));
                  }}
                >
                  remove
                </button>
              </>
            }
          />
          {editing === position && (
            <ChartEditor
              chart={layout.charts[position]!}
              state={state}
              onTitle={(title) => onLayout(renamedChart(layout, position, title))}
              onToggle={(id) => onLayout(toggledSeries(layout, position, id))}
              onClear={() => onLayout(emptiedChart(layout, position))}
            />
          )}
        </div>
      ))}
      <p>
        <button
          type="button"
          disabled={layout.charts.length >= MOST_CHARTS}
          onClick={() => {
            onLayout(withChart(layout, { title: '', series: [] }));
            setEditing(layout.charts.length);
          }}
        >
          + Chart
        </button>
      </p>
    </>
  );
}

interface ChartEditorProps {
  readonly chart: LayoutChart;
  readonly state: LiveState | null;
  readonly onTitle: (title: string) => void;
  readonly onToggle: (id: string) => void;
  readonly onClear: () => void;
}

function ChartEditor({ chart, state, onTitle, onToggle, onClear }: ChartEditorProps) {
  const [filter, setFilter] = useState('');
  const unit = unitOf(chart, state);
  const all = useMemo(
    () => choices(state),
    [state?.agents.map(({ name, indicators }) => `${name} ${indicators.length}`).join()],
  );
  const words = filter.toLowerCase().split(/\s+/);
  const fits = all.filter((one) => unit === undefined || one.unit === unit || chart.series.includes(one.id));
  const shown = fits.filter(({ text }) => words.every((word) => text.toLowerCase().includes(word)));
  return (
    <section class="panel editor" aria-label="Series of the chart">
      <p>
        <label>
          Title{' '}
          <input
            type="text"
            class="value"
            value={chart.title}
            maxLength={80}
            onInput={(event) => onTitle(event.currentTarget.value)}
          />
        </label>
        <input
          type="search"
          placeholder="filter: guest cpu"
          aria-label="Filter of series"
          value={filter}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
        <span class="muted">
          {shown.length} of {fits.length}
          {unit !== undefined &&
            ` · a chart has one unit, and this one is in ${unit === '1' ? 'numbers without a unit' : unit}: ${all.length - fits.length} series of other units are left out`}
        </span>
        {unit !== undefined && (
          <button
            type="button"
            title="takes all series out of this chart, so that any unit can be chosen again"
            onClick={onClear}
          >
            Choose another unit
          </button>
        )}
      </p>
      <div>
        {shown.map((one) => {
          const isIn = chart.series.includes(one.id);
          return (
            <label key={one.id}>
              <input type="checkbox" checked={isIn} onChange={() => onToggle(one.id)} />
              {one.text} <span class="muted">{one.unit === '1' ? '' : one.unit}</span>
            </label>
          );
        })}
      </div>
    </section>
  );
}

function choices(state: LiveState | null) {
  const builtIn = [...BUILT_IN].filter(([, { draw }]) => draw !== 'stack');
  return [
    ...builtIn.map(([id, { unit }]) => ({ id, unit, text: labelOf(id, state) })),
    ...(state?.agents ?? []).flatMap(({ name, indicators }) =>
      indicators.map((one) => ({ id: `${name}/${one.name}`, unit: one.unit, text: `${name} ${one.name}` })),
    ),
  ];
}

/** Loads, saves and deletes layouts; the name is in the address. */
function LayoutBar({ layout, onLayout }: { layout: Layout; onLayout: (layout: Layout) => void }) {
  const list = useMemo(() => resource(() => liveApi.layouts()), []);
  const chosen = query.value.get('layout') ?? '';
  const [name, setName] = useState(chosen === '' ? USUAL_NAME : chosen);
  const [said, setSaid] = useState('');
  const { isBusy, problem, ask } = useAsking();
  const loaded = list.value.value;
  const names = loaded.state === 'ready' ? loaded.data : [];
  useEffect(() => {
    if (chosen === '') return;
    ask(async () => {
      const saved = parseLayout((await liveApi.layout(chosen)).layout);
      if (saved === null) throw new Error(`the layout ${chosen} is of another version`);
      onLayout(saved);
      setName(chosen);
    });
  }, [chosen]);
  const save = () =>
    ask(async () => {
      await liveApi.saveLayout(name, layout);
      await list.reload();
      setQuery({ layout: name });
      setSaid(`✓ saved as ${name}`);
    });
  return (
    <p class="panel layout-bar">
      <label>
        Layout{' '}
        <select
          value={names.includes(chosen) ? chosen : ''}
          onChange={(event) => {
            const next = event.currentTarget.value;
            if (next === '') onLayout(EMPTY_LAYOUT);
            setQuery({ layout: next });
          }}
        >
          <option value="">new …</option>
          {names.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      </label>
      <label>
        Name <input type="text" class="value" value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <button type="button" disabled={isBusy || !isLayoutName(name)} onClick={save}>
        Save
      </button>
      <button
        type="button"
        disabled={isBusy || !names.includes(chosen)}
        onClick={() =>
          ask(async () => {
            await liveApi.deleteLayout(chosen);
            await list.reload();
            setQuery({ layout: null });
          })
        }
      >
        Delete
      </button>
      <span class="muted" role="status">
        {said}
      </span>
      {problem !== null && <span class="bad">✕ {problem}</span>}
    </p>
  );
}
