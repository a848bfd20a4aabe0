// Rate-quality curves of a benchmark, and the BD-rate of each against one of them.

import { useEffect, useMemo, useRef } from 'preact/hooks';
import { ABSENT, formatNumber, formatQuantity } from '#core/format-quantity';
import type { CurvesPage } from '#server/curve-wire';
import { PlotFigure } from '../../chart/plot-figure.tsx';
import { api } from '../../shell/api.ts';
import { Failed, Skeleton } from '../../shell/messages.tsx';
import { resource } from '../../shell/resource.ts';
import { query, setQuery } from '../../shell/route.ts';
import { scheme } from '../../shell/theme.ts';
import { curvePlot, formatQuality } from './curve-plot.ts';
import { SeriesSign } from './legend.tsx';
import { PlotActions } from './plot-actions.tsx';
import { MAX_SERIES, seriesStyles } from './series-styles.ts';

export interface CurvesViewProps {
  readonly name: string;
  /** Grows with each change of the results. */
  readonly version: number;
}

/** While results come in, the curves are read again at most this often. */
const RELOAD_MS = 3_000;

export function CurvesView({ name, version }: CurvesViewProps) {
  const search = query.value;
  const [metric, against, hull] = ['quality', 'against', 'hull'].map((key) => search.get(key) ?? '');
  const curves = useMemo(
    () =>
      resource(() =>
        api.curves(name, {
          ...(metric !== '' && { metric: metric! }),
          ...(against !== '' && { against: against! }),
          ...(hull === '1' && { hull: '1' }),
        }),
      ),
    [name, metric, against, hull],
  );
  const read = useRef({ version, atMs: performance.now() });
  useEffect(() => {
    if (read.current.version === version) return;
    const wait = Math.max(0, read.current.atMs + RELOAD_MS - performance.now());
    const timer = setTimeout(() => {
      read.current = { version, atMs: performance.now() };
      void curves.reload();
    }, wait);
    return () => clearTimeout(timer);
  }, [version, curves]);
  // What was shown stays until the answer to another question is there.
  const kept = useRef<CurvesPage | null>(null);
  const loaded = curves.value.value;
  if (loaded.state === 'ready') kept.current = loaded.data;
  if (loaded.state === 'failed') return <Failed error={loaded.error} onRetry={() => void curves.reload()} />;
  if (kept.current === null) return <Skeleton rows={8} />;
  return <Curves name={name} page={kept.current} asked={metric ?? ''} hull={hull === '1'} />;
}

interface CurvesProps {
  readonly name: string;
  readonly page: CurvesPage;
  /** Metric in the address; empty where none is chosen. */
  readonly asked: string;
  readonly hull: boolean;
}

function Curves({ name, page, asked, hull }: CurvesProps) {
  const drawing = useRef<SVGSVGElement | null>(null);
  const styles = useMemo(() => seriesStyles(), [scheme.value]);
  const drawn = useMemo(() => page.curves.filter(({ points }) => points.length > 0).slice(0, MAX_SERIES), [page]);
  const spec = useMemo(
    () => (page.metric === null ? null : curvePlot(page.metric, drawn, styles, hull)),
    [page, drawn, styles, hull],
  );
  const hasTable = query.value.get('compare-table') !== null;
  const title = `${name}: ${page.metric?.name ?? ''} over bitrate`;
  return (
    <>
      <div class="toolbar compare-toolbar">
        <label>
          Quality
          <select
            value={page.metric?.name ?? asked}
            disabled={page.metrics.length === 0}
            onChange={(event) => setQuery({ quality: event.currentTarget.value })}
          >
            {page.metrics.length === 0 && <option value={asked}>none yet</option>}
            {page.metrics.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
        <label>
          Against
          <select
            value={page.reference ?? ''}
            disabled={page.curves.length === 0}
            onChange={(event) => setQuery({ against: event.currentTarget.value })}
          >
            {page.curves.map(({ label }) => (
              <option key={label} value={label}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label title="compares only the points of each curve that no line between two others passes above">
          <input
            type="checkbox"
            checked={hull}
            onChange={(event) => setQuery({ hull: event.currentTarget.checked ? '1' : null })}
          />
          hull only
        </label>
        <PlotActions
          drawing={drawing}
          title={title}
          series={spec?.series ?? []}
          hasTable={hasTable}
          onTable={() => setQuery({ 'compare-table': hasTable ? null : '1' })}
        />
      </div>
      {spec === null ? (
        <p class="muted compare-empty">{emptyWords(page, asked)}</p>
      ) : (
        <>
          <PlotFigure spec={spec} label={`${title}; the table below holds the comparison`} drawing={drawing} />
          <ComparisonTable page={page} drawn={drawn} styles={styles} />
          <p class="compare-note muted">{notes(page, drawn.length).join(' · ')}</p>
          {hasTable && <PointsTable page={page} />}
        </>
      )}
    </>
  );
}

function emptyWords(page: CurvesPage, asked: string): string {
  if (asked !== '' && page.metrics.length > 0) return `No run has the metric ${asked}.`;
  return page.metrics.length === 0
    ? 'No run has a picture quality yet. It is measured after each run, unless the benchmark file says quality: none.'
    : 'No cell has both a bitrate and a quality yet.';
}

function notes(page: CurvesPage, drawn: number): string[] {
  const all = ['BD-rate: bits at the same quality, as a mean over the range that both reach'];
  const faint = page.curves.some(({ label }) => refused(page, label));
  if (faint) all.push('dotted: no curve that can be compared');
  if (page.total > page.curves.length) all.push(`${page.curves.length} of ${page.total} curves are compared`);
  if (drawn < page.curves.filter(({ points }) => points.length > 0).length)
    all.push(`the first ${drawn} curves are drawn`);
  return all;
}

function refused(page: CurvesPage, label: string): boolean {
  return page.comparisons.some((one) => one.label === label && !one.rate.ok);
}

interface ComparisonTableProps {
  readonly page: CurvesPage;
  readonly drawn: CurvesPage['curves'];
  readonly styles: ReturnType<typeof seriesStyles>;
}

function ComparisonTable({ page, drawn, styles }: ComparisonTableProps) {
  const unit = page.metric!.unit;
  const name = page.metric!.name.replace(/^quality\./, '').toUpperCase();
  return (
    <div class="table-scroll">
      <table class="compare-table wide" aria-label="BD-rate">
        <thead>
          <tr>
            <th scope="col">curve</th>
            {['points', 'BD-rate', `BD-${name}`, 'CPU at same quality'].map((words) => (
              <th key={words} scope="col" class="number">
                {words}
              </th>
            ))}
            <th scope="col">compared over</th>
          </tr>
        </thead>
        <tbody>
          {page.curves.map((curve) => {
            const isReference = curve.label === page.reference;
            const comparison = page.comparisons.find(({ label }) => label === curve.label);
            const look = styles[drawn.indexOf(curve)];
            return (
              <tr key={curve.label} data-reference={isReference || undefined}>
                <th scope="row">
                  {look === undefined ? <i class="series-sign" /> : <SeriesSign series={look} />}{' '}
                  <button
                    type="button"
                    class="link"
                    title="compare the others with this one"
                    aria-pressed={isReference}
                    onClick={() => setQuery({ against: curve.label })}
                  >
                    {curve.label}
                  </button>
                </th>
                <td class="number">
                  {curve.points.length}
                  {curve.missing > 0 && <span class="muted"> of {curve.points.length + curve.missing}</span>}
                </td>
                {comparison === undefined ? (
                  <td colSpan={4} class="muted">
                    the reference
                  </td>
                ) : (
                  <ComparisonCells comparison={comparison} unit={unit} />
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function ComparisonCells({ comparison, unit }: { comparison: CurvesPage['comparisons'][number]; unit: string }) {
  const { rate, quality, cpuRatio } = comparison;
  if (!rate.ok)
    return (
      <>
        <td class="number muted">{ABSENT}</td>
        <td colSpan={3} class="reason">
          {rate.reason}
        </td>
      </>
    );
  const share = (value: number) => `${(value * 100).toFixed(0)} %`;
  return (
    <>
      <td class={`number ${rate.value < 0 ? 'good' : rate.value > 0 ? 'bad' : ''}`}>
        <b>{signed(rate.value * 100, (value) => `${value.toFixed(1)} %`)}</b>
      </td>
      <td class="number">{quality.ok ? signed(quality.value, (value) => formatQuality(value, unit)) : ABSENT}</td>
      <td class="number">{cpuRatio === null ? ABSENT : `× ${formatNumber(cpuRatio)}`}</td>
      <td>
        {formatQuality(rate.low, unit)} to {formatQuality(rate.high, unit)}{' '}
        <span class="muted">
          {share(rate.coverage.reference)} of the reference, {share(rate.coverage.test)} of this
        </span>
      </td>
    </>
  );
}

function PointsTable({ page }: { page: CurvesPage }) {
  const unit = page.metric!.unit;
  return (
    <div class="table-scroll">
      <table class="compare-table" aria-label="Points of the curves">
        <thead>
          <tr>
            <th scope="col">curve</th>
            <th scope="col">asked</th>
            {['bitrate', page.metric!.name, 'encode.fps', 'CPU a frame'].map((words) => (
              <th key={words} scope="col" class="number">
                {words}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {page.curves.flatMap((curve) =>
            curve.points.map((point) => (
              <tr key={point.cell}>
                <td>{curve.label}</td>
                <td>{point.asked}</td>
                <td class="number">{formatQuantity(point.rate, 'bit/s')}</td>
                <td class="number">{formatQuality(point.quality, unit)}</td>
                <td class="number">{formatQuantity(point.fps, 'frame/s')}</td>
                <td class="number">{formatQuantity(point.cpuMs, 'ms')}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </div>
  );
}

function signed(value: number, format: (value: number) => string): string {
  return `${value > 0 ? '+' : value < 0 ? '−' : ''}${format(Math.abs(value))}`;
}
