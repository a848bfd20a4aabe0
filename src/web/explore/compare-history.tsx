// How the first stat went over time in each cell, and where it changed. It is worked out when it is asked for.

import { useMemo, useState } from 'preact/hooks';
import { formatQuantity } from '#core/format-quantity';
import { formatP } from '#explore/compare/format-change';
import { histories, type History } from '#explore/compare/history';
import { historyScene } from '#explore/compare/history-scene';
import type { ComparePanelProps } from './compare-panel.tsx';
import { SceneView } from './scene-view.tsx';

/** Cells that are drawn: those that changed most come first. */
const MOST_DRAWN = 4;
/** Runs that are looked at: 2,000 in one series take a third of a second. */
const MOST_RUNS = 5_000;
const HEIGHT = 170;

export function CompareHistory({ store, onPick }: ComparePanelProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <div class="pad">
      <button type="button" class="opener" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        History of {store.shown.value!.stats[0]?.name ?? 'a metric'}
      </button>
      {isOpen && <Histories store={store} onPick={onPick} />}
    </div>
  );
}

function Histories({ store, onPick }: ComparePanelProps) {
  const shown = store.shown.value!;
  const { dataset } = shown;
  const { rows } = shown.filtered;
  const metric = shown.stats[0];
  const taken = useMemo(
    () =>
      Array.from(rows)
        .toSorted((a, b) => dataset.startedAtMs[a]! - dataset.startedAtMs[b]!)
        .slice(-MOST_RUNS),
    [rows, dataset],
  );
  const found = useMemo(
    () => (metric === undefined ? [] : histories({ ...dataset, metrics: [metric] }, taken, metric.name)),
    [dataset, taken, metric],
  );
  if (found.length === 0) return <p class="muted">No run of these has the metric.</p>;
  const changed = found.filter(({ changes }) => changes.length > 0).length;
  return (
    <>
      <p class="muted">
        {found.length} {found.length === 1 ? 'cell' : 'cells'}, {changed} with a change
        {taken.length < rows.length && `; the newest ${MOST_RUNS} runs were looked at`}
        {found.length > MOST_DRAWN && `; ${MOST_DRAWN} are drawn`}. Changes by E-divisive, kept where a t test of both
        sides has p of at most 0.001.
      </p>
      {found.slice(0, MOST_DRAWN).map((history) => (
        <HistoryChart key={history.cell} history={history} startedAtMs={dataset.startedAtMs} onPick={onPick} />
      ))}
    </>
  );
}

interface HistoryChartProps {
  readonly history: History;
  readonly startedAtMs: Float64Array;
  readonly onPick: (rows: Uint32Array) => void;
}

function HistoryChart({ history, startedAtMs, onPick }: HistoryChartProps) {
  const [width, setWidth] = useState(640);
  const scene = useMemo(() => historyScene(history, startedAtMs, width, HEIGHT), [history, startedAtMs, width]);
  return (
    <figure class="explore-history">
      <figcaption>{history.cell}</figcaption>
      <SceneView scene={scene} brushes={[]} onWidth={setWidth} onOpen={onPick} onBrush={() => {}} onLegend={() => {}} />
      {history.changes.length > 0 && (
        <ul class="small">
          {history.changes.map((change) => (
            <li key={change.at}>
              {new Date(change.timeMs).toISOString().slice(0, 16).replace('T', ' ')}:{' '}
              {formatQuantity(change.before, history.unit)} → {formatQuantity(change.after, history.unit)} (
              {change.verdict}, p {formatP(change.p)});{' '}
              {change.facts.length === 0
                ? 'no fact that is recorded changed there'
                : `changed there: ${change.facts.map((fact) => `${fact.name} ${fact.before} → ${fact.after}`).join('; ')}`}
            </li>
          ))}
        </ul>
      )}
    </figure>
  );
}
