// What the looks of a scene stand for: a button each, its sign as in the plot.

import { paletteOf } from '#explore/scene/palette';
import type { LegendEntry, Scene } from '#explore/scene/scene';
import { addShape } from '#explore/scene/shapes';
import { SvgPath } from '#explore/scene/svg-path';
import { scheme } from '../shell/theme.ts';

/** Further entries are counted. */
const MOST_ENTRIES = 60;

export interface SceneLegendProps {
  readonly scene: Scene;
  readonly onLegend: (entry: LegendEntry) => void;
}

export function SceneLegend({ scene, onLegend }: SceneLegendProps) {
  const { legend, legendTitle } = scene;
  if (legend.length === 0) return null;
  return (
    <div class="scene-legend" role="group" aria-label={`Legend: ${legendTitle}`}>
      <span class="muted">{legendTitle}</span>
      {legend.slice(0, MOST_ENTRIES).map((entry) =>
        entry.property === null || entry.value === null ? (
          <span key={entry.title} class="scene-legend-entry">
            <LegendSign entry={entry} /> {entry.title}
          </span>
        ) : (
          <button
            key={entry.title}
            type="button"
            class="scene-legend-entry"
            title={`Only ${entry.title}`}
            onClick={() => onLegend(entry)}
          >
            <LegendSign entry={entry} /> {entry.title}
          </button>
        ),
      )}
      {legend.length > MOST_ENTRIES && <span class="muted">and {legend.length - MOST_ENTRIES} more</span>}
    </div>
  );
}

function LegendSign({ entry: { look, isArea } }: { entry: LegendEntry }) {
  const color = paletteOf(scheme.value)(look.ink);
  if (isArea === true) return <i class="scene-legend-step" style={{ background: color }} />;
  const path = new SvgPath();
  addShape(path, look.shape, 15, 6, 4);
  const isRing = look.shape === 'ring';
  return (
    <svg class="series-sign" viewBox="0 0 30 12" width="30" height="12" aria-hidden="true">
      <path d="M1 6H29" stroke={color} stroke-width="1.6" stroke-dasharray={look.dash.join(' ')} />
      <path d={path.text()} fill={isRing ? 'var(--surface)' : color} stroke={isRing ? color : 'none'} />
    </svg>
  );
}
