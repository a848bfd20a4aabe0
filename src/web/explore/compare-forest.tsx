// The changes of a comparison as a picture and as a table.

import { useMemo, useState } from 'preact/hooks';
import { formatQuantity } from '#core/format-quantity';
import type { ChangeRow, Comparison } from '#explore/compare/compare-sides';
import { hasMedians, VERDICT_WORDS } from '#explore/compare/comparison-words';
import { forestScene } from '#explore/compare/forest-scene';
import { formatEffect, formatInterval, formatP } from '#explore/compare/format-change';
import { saveScenePng, saveSceneSvg } from './save-scene.ts';
import { SceneView } from './scene-view.tsx';

export interface CompareForestProps {
  /** Of the runs, by row. */
  readonly ids: readonly string[];
  readonly comparison: Comparison;
  /** One metric in every cell; null for every metric over all cells. */
  readonly metric: string | null;
  readonly onPick: (rows: Uint32Array) => void;
}

/** More rows are read when asked for. */
const FIRST_ROWS = 24;

export function CompareForest({ ids, comparison, metric, onPick }: CompareForestProps) {
  const [width, setWidth] = useState(640);
  const [showsAll, setShowsAll] = useState(false);
  const [showsTable, setShowsTable] = useState(false);
  const rowOf = useMemo(() => new Map(ids.map((id, row) => [id, row])), [ids]);
  const all = metric === null ? comparison.overall : comparison.cells.filter((row) => row.metric === metric);
  const rows = showsAll ? all : all.slice(0, FIRST_ROWS);
  const behind = (row: ChangeRow) => {
    const cells = row.cell === null ? comparison.cells.filter((cell) => cell.metric === row.metric) : [row];
    return [...new Set(cells.flatMap(({ runsA, runsB }) => [...runsA, ...runsB]))].flatMap((id) => rowOf.get(id) ?? []);
  };
  const label = (row: ChangeRow) => row.cell ?? row.metric;
  const scene = useMemo(
    () => forestScene({ rows, label, behind, width }),
    [comparison, metric, showsAll, width, rowOf],
  );
  const withMedians = hasMedians(rows);
  const title = `${comparison.b} against ${comparison.a}${metric === null ? '' : `, ${metric}`}`;
  if (all.length === 0) return <p class="muted pad">No cell of both sides has {metric}.</p>;
  return (
    <div class="pad">
      <p class="plot-actions explore-compare-actions">
        <button type="button" class="quiet" aria-pressed={showsTable} onClick={() => setShowsTable(!showsTable)}>
          Table
        </button>
        <button type="button" class="quiet" onClick={() => void saveScenePng(scene, title)}>
          PNG
        </button>
        <button type="button" class="quiet" onClick={() => saveSceneSvg(scene, title)}>
          SVG
        </button>
      </p>
      <SceneView scene={scene} brushes={[]} onWidth={setWidth} onOpen={onPick} onBrush={() => {}} onLegend={() => {}} />
      {all.length > FIRST_ROWS && (
        <button type="button" class="quiet" onClick={() => setShowsAll(!showsAll)}>
          {showsAll ? 'Fewer' : `${all.length - FIRST_ROWS} more`}
        </button>
      )}
      {showsTable && (
        <div class="table-scroll">
          <table class="data plain" aria-label={title}>
            <thead>
              <tr>
                <th>{metric === null ? 'metric' : 'cell'}</th>
                {withMedians && <th class="number">before</th>}
                {withMedians && <th class="number">after</th>}
                <th class="number">change</th>
                <th class="number">95 % interval</th>
                <th class="number">p</th>
                <th />
                <th class="number">repeats</th>
                <th />
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={`${row.metric} ${row.cell}`}>
                  <td>{label(row)}</td>
                  {withMedians && <td class="number">{row.a === null ? '' : formatQuantity(row.a, row.unit)}</td>}
                  {withMedians && <td class="number">{row.b === null ? '' : formatQuantity(row.b, row.unit)}</td>}
                  <td class="number">{formatEffect(row)}</td>
                  <td class="number">{formatInterval(row) ?? '–'}</td>
                  <td class="number">{formatP(row.adjustedP)}</td>
                  <td>{VERDICT_WORDS[row.verdict]}</td>
                  <td class="number">{row.cell === null ? `${row.countA} cells` : `${row.countA}, ${row.countB}`}</td>
                  <td>
                    <button type="button" class="quiet" onClick={() => onPick(Uint32Array.from(behind(row)))}>
                      runs
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
