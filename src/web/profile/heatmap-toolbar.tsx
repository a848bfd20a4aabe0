// How a heatmap is looked at: folded or in a line, which rows, how fine, a periodic choice, and play.

import { useState } from 'preact/hooks';
import { formatQuantity } from '#core/format-quantity';
import { ROW_KINDS, type RowKind } from '#profile/heatmap-rows';
import type { OccupancyRow } from '#profile/occupancy';
import type { HeatmapChoice } from './heatmap-choice.ts';
import { shownName } from './heatmap-scene.ts';
import { FOLDED_ROWS, FORMS, type HeatmapForm } from './heatmap-layout.ts';

const FORM_WORDS: Readonly<Record<HeatmapForm, string>> = { folded: 'Seconds folded', linear: 'One line' };
const ROW_WORDS: Readonly<Record<RowKind, string>> = {
  all: 'All CPUs',
  cpu: 'CPU',
  thread: 'Thread',
  process: 'Process',
  phase: 'Phase',
};
const SPEEDS = [1, 2, 5, 10, 60] as const;

interface HeatmapToolbarProps {
  readonly choice: HeatmapChoice;
  readonly onChoice: (choice: HeatmapChoice) => void;
  readonly rows: readonly OccupancyRow[];
  readonly hasPhases: boolean;
  /** Shorter cells hold too few samples, seconds. */
  readonly shortestS: number;
  readonly isPlaying: boolean;
  readonly onPlay: () => void;
  readonly speed: number;
  readonly onSpeed: (speed: number) => void;
  /** Milliseconds. */
  readonly onPeriodic: (every: number, held: number) => void;
}

export function HeatmapToolbar(props: HeatmapToolbarProps) {
  const { choice, onChoice, rows, shortestS } = props;
  const change = (next: Partial<HeatmapChoice>) => onChoice({ ...choice, ...next });
  return (
    <div class="heatmap-toolbar">
      <fieldset class="segments">
        <legend>Show</legend>
        {FORMS.map((form) => (
          <button key={form} type="button" aria-pressed={form === choice.form} onClick={() => change({ form })}>
            {FORM_WORDS[form]}
          </button>
        ))}
      </fieldset>
      <fieldset class="segments">
        <legend>{choice.form === 'folded' ? 'of a' : 'by'}</legend>
        {ROW_KINDS.filter((kind) => kind !== 'phase' || props.hasPhases).map((kind) => (
          <button
            key={kind}
            type="button"
            aria-pressed={kind === choice.rows}
            onClick={() => change({ rows: kind, row: null })}
          >
            {ROW_WORDS[kind]}
          </button>
        ))}
      </fieldset>
      {choice.form === 'folded' && rows.length > 1 && (
        <select
          aria-label={`Which ${ROW_WORDS[choice.rows]}`}
          value={choice.row ?? rows[0]!.name.replaceAll(',', ' ')}
          title={rows.some(({ isOwn }) => isOwn) ? '●: of the run itself' : undefined}
          onChange={(event) => change({ row: event.currentTarget.value })}
        >
          {rows.map((row) => (
            <option key={row.name} value={row.name.replaceAll(',', ' ')}>
              {shownName(row)}
            </option>
          ))}
        </select>
      )}
      {choice.form === 'folded' && (
        <fieldset class="segments">
          <legend>Cells of</legend>
          {FOLDED_ROWS.map((cells) => {
            const isShort = 1 / cells < shortestS * (1 - 1e-9);
            return (
              <button
                key={cells}
                type="button"
                aria-pressed={cells === choice.cells}
                data-weak={isShort ? '' : undefined}
                title={
                  isShort
                    ? `too few samples: ${formatQuantity(shortestS, 's')} is the shortest to be relied on`
                    : undefined
                }
                onClick={() => change({ cells })}
              >
                {formatQuantity(1 / cells, 's')}
                {isShort && ' ?'}
              </button>
            );
          })}
        </fieldset>
      )}
      <span class="heatmap-play">
        <button type="button" aria-pressed={props.isPlaying} onClick={props.onPlay}>
          {props.isPlaying ? '❚❚ Stop' : '▶ Play'}
        </button>
        <select
          aria-label="Speed of playing"
          value={props.speed}
          onChange={(event) => props.onSpeed(Number(event.currentTarget.value))}
        >
          {SPEEDS.map((speed) => (
            <option key={speed} value={speed}>
              {speed === 1 ? 'real time' : `${speed} ×`}
            </option>
          ))}
        </select>
      </span>
      <Periodic onPeriodic={props.onPeriodic} />
    </div>
  );
}

function Periodic({ onPeriodic }: Pick<HeatmapToolbarProps, 'onPeriodic'>) {
  const [every, setEvery] = useState(1000);
  const [held, setHeld] = useState(100);
  const field = (value: number, set: (value: number) => void, label: string) => (
    <input
      type="number"
      min={1}
      step={1}
      value={value}
      aria-label={label}
      onInput={(event) => set(Math.max(1, event.currentTarget.valueAsNumber || 1))}
    />
  );
  return (
    <form
      class="heatmap-periodic"
      onSubmit={(event) => {
        event.preventDefault();
        onPeriodic(every, held);
      }}
    >
      <span class="muted">Every</span>
      {field(every, setEvery, 'Period, milliseconds')}
      <span class="muted">ms for</span>
      {field(held, setHeld, 'Held of each period, milliseconds')}
      <span class="muted">ms</span>
      <button type="submit" title="from the crosshair on, within the selection or what is in view">
        Choose
      </button>
    </form>
  );
}
