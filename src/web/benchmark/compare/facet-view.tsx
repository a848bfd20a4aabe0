// The results of a benchmark with facets: what goes where is chosen, and kept in the address.

import { useMemo, useRef } from 'preact/hooks';
import { ABSENT, formatQuantity } from '#core/format-quantity';
import type { BenchmarkPage } from '#server/wire';
import { PlotFigure } from '../../chart/plot-figure.tsx';
import { query, setQuery } from '../../shell/route.ts';
import { scheme } from '../../shell/theme.ts';
import type { MetricInfo, Results } from '../results.ts';
import { choosePlace, facetChoice, scalingChoice, varyingProperties, type FacetChoice } from './facet-choice.ts';
import { facetPlot, type FacetPlot } from './facet-plot.ts';
import { Legend } from './legend.tsx';
import { PlotActions } from './plot-actions.tsx';
import { seriesStyles } from './series-styles.ts';

export interface FacetViewProps {
  readonly page: BenchmarkPage;
  readonly results: Results;
  readonly version: number;
  readonly metric: MetricInfo;
  readonly metrics: readonly MetricInfo[];
  /** Cells that the filter leaves. */
  readonly cells: readonly number[];
  readonly onIsolate: (property: string, value: string) => void;
}

const PLACES: readonly { readonly place: keyof FacetChoice; readonly title: string }[] = [
  { place: 'x', title: 'x axis' },
  { place: 'color', title: 'Colour' },
  { place: 'column', title: 'Columns' },
  { place: 'row', title: 'Rows' },
];

/** Rows of the table behind the plot. */
const MAX_ROWS_SHOWN = 500;

export function FacetView({ page, results, version, metric, metrics, cells, onIsolate }: FacetViewProps) {
  const { properties } = page.benchmark;
  const search = query.value;
  const choice = facetChoice(search, properties);
  const hasTable = search.get('compare-table') !== null;
  const drawing = useRef<SVGSVGElement | null>(null);
  const plot = useMemo(() => {
    const values = results.valuesOfCells(metric.name);
    return facetPlot({
      metric,
      properties,
      values: page.cells.properties,
      labels: page.cells.label,
      cells,
      repeats: (cell) => values[cell] ?? [],
      choice,
      styles: seriesStyles(),
    });
  }, [page, results, version, metric.name, cells, ...Object.values(choice), scheme.value]);
  const scaling = scalingChoice(properties);
  const title = `${page.benchmark.name}: ${metric.name}${choice.x === null ? '' : ` by ${choice.x}`}`;
  return (
    <>
      <div class="toolbar compare-toolbar">
        <label>
          y axis
          <select value={metric.name} onChange={(event) => setQuery({ metric: event.currentTarget.value })}>
            {metrics.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {PLACES.map(({ place, title: words }) => (
          <PlaceChoice key={place} place={place} words={words} choice={choice} properties={properties} />
        ))}
        {scaling !== null && (
          <button
            type="button"
            onClick={() => setQuery({ ...scaling, metric: 'encode.fps' })}
            title="frames a second by threads, encodes at once told apart, a facet for each encoder"
          >
            Codec scaling
          </button>
        )}
        <PlotActions
          drawing={drawing}
          title={title}
          series={plot?.spec.series ?? []}
          hasTable={hasTable}
          onTable={() => setQuery({ 'compare-table': hasTable ? null : '1' })}
        />
      </div>
      {plot === null ? (
        <p class="muted compare-empty">
          {cells.length === 0
            ? 'The filter leaves no cell.'
            : `No run has the metric ${metric.name} yet: its points come with the first result.`}
        </p>
      ) : (
        <>
          {choice.color !== null && (
            <Legend
              title={choice.color}
              series={plot.spec.series}
              onIsolate={(value) => onIsolate(choice.color!, value)}
            />
          )}
          <PlotFigure spec={plot.spec} label={`${title}; the table holds the same values`} drawing={drawing} />
          <p class="compare-note muted">
            {[
              facetWords(choice),
              unplacedWords(choice, properties),
              betterWords(metric),
              intervalWords(plot),
              ...plot.notes,
            ]
              .filter((words) => words !== '')
              .join(' · ')}
          </p>
          {hasTable && <FacetTable plot={plot} page={page} metric={metric} />}
        </>
      )}
    </>
  );
}

interface PlaceChoiceProps {
  readonly place: keyof FacetChoice;
  readonly words: string;
  readonly choice: FacetChoice;
  readonly properties: BenchmarkPage['benchmark']['properties'];
}

function PlaceChoice({ place, words, choice, properties }: PlaceChoiceProps) {
  const names = varyingProperties(properties).map(({ name }) => name);
  if (names.length === 0) return null;
  return (
    <label>
      {words}
      <select
        value={choice[place] ?? ''}
        onChange={(event) => setQuery(choosePlace(choice, place, event.currentTarget.value || null))}
      >
        {place !== 'x' && <option value="">–</option>}
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What makes several lines of one colour. */
function unplacedWords(choice: FacetChoice, properties: BenchmarkPage['benchmark']['properties']): string {
  const placed = Object.values(choice);
  const left = varyingProperties(properties).filter(({ name }) => !placed.includes(name));
  return left.length === 0 ? '' : `a line for each ${left.map(({ name }) => name).join(' and ')}`;
}

function betterWords({ better }: MetricInfo): string {
  return better === null ? '' : `${better} is better`;
}

function intervalWords({ rows }: FacetPlot): string {
  return rows.some(({ summary }) => summary.interval !== null)
    ? 'median of the runs with its 95 % interval, of fewer than 6 runs with their range'
    : 'one run a cell: how sure it is, repeats would tell';
}

function facetWords({ column, row }: FacetChoice): string {
  const parts = [column === null ? '' : `columns: ${column}`, row === null ? '' : `rows: ${row}`];
  return parts.filter((part) => part !== '').join(', ');
}

function FacetTable({ plot, page, metric }: { plot: FacetPlot; page: BenchmarkPage; metric: MetricInfo }) {
  const shown = plot.rows.slice(0, MAX_ROWS_SHOWN);
  const show = (value: number | undefined) => (value === undefined ? ABSENT : formatQuantity(value, metric.unit));
  return (
    <div class="table-scroll">
      <table class="compare-table">
        <thead>
          <tr>
            {page.benchmark.properties.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            {[metric.name, 'from', 'to', 'runs'].map((words) => (
              <th key={words} scope="col" class="number">
                {words}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map(({ cell, summary }) => (
            <tr key={cell}>
              {page.cells.properties.map((values, i) => (
                <td key={i}>{values[cell] ?? ABSENT}</td>
              ))}
              <td class="number">{show(summary.median)}</td>
              <td class="number">{show(summary.interval?.[0])}</td>
              <td class="number">{show(summary.interval?.[1])}</td>
              <td class="number">{summary.count}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < plot.rows.length && (
        <p class="muted compare-note">
          {shown.length} of {plot.rows.length} rows; the export as CSV holds all
        </p>
      )}
    </div>
  );
}
