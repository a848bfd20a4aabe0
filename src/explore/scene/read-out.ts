// What an item says in words: where it stands, its number, and how many runs are behind it.

import { formatNumber, formatQuantity } from '#core/format-quantity';
import { valueScale } from './axis-scale.ts';
import { rowsBehind, type Hit } from './hit-index.ts';
import type { PlotAxis } from './plot-axis.ts';
import type { Scene } from './scene.ts';

/** Lines, the telling one first: `encode.fps 31.2 frame/s`, `preset medium`, `x265`, `5 runs`. */
export function readOut(scene: Scene, hit: Hit): string[] {
  const mark = scene.marks[hit.mark];
  if (mark === undefined || mark.kind === 'texts') return [];
  const panel = scene.panels[mark.panel];
  const lines: string[] = [];
  const value = mark.read?.values[hit.item];
  if (mark.read !== undefined && value !== undefined)
    lines.push(`${mark.read.title} ${formatQuantity(value, mark.read.unit)}`);
  if (panel !== undefined) {
    const { x, y, width, height, xAxis, yAxis } = panel;
    // The number was told: the height of a step in a stack is no second one.
    if (value === undefined || yAxis.kind === 'names') {
      const upright = yAxis.kind === 'names' ? valueScale(yAxis, y, y + height) : valueScale(yAxis, y + height, y);
      lines.push(axisText(yAxis, upright(hit.y)));
    }
    lines.push(axisText(xAxis, valueScale(xAxis, x, x + width)(hit.x)));
  }
  const look = scene.looks[mark.looks[hit.item]!];
  // A step of a ramp is the value again, only rounder.
  const entry = look?.ink.startsWith('ramp-') === true ? undefined : scene.legend.find((one) => one.look === look);
  if (entry !== undefined) lines.push(`${scene.legendTitle} ${entry.title}`.trim());
  if (panel?.title !== undefined) lines.push(panel.title);
  lines.push(...(mark.about?.(hit.item) ?? []));
  const runs = rowsBehind(scene, hit).length;
  lines.push(runs === 1 ? '1 run' : `${runs} runs`);
  return [...new Set(lines)].filter((line) => line !== '');
}

/** `preset medium`, `encode.time 12.4 ms`; empty of an axis without a name. */
function axisText(axis: PlotAxis, value: number): string {
  if (axis.label === '') return '';
  if (axis.kind === 'names') {
    const name = axis.names[value];
    return name === undefined ? '' : `${axis.label} ${name}`;
  }
  // A value of a setting is written as in its file: `4M`.
  const reach = axis.kind === 'log' ? Math.abs(value) * 1e-3 : (axis.high - axis.low) * 1e-3;
  const tick = axis.ticks.find(({ at }) => Math.abs(at - value) <= reach);
  const [name, unit] = axis.label.split(', ');
  const shown = tick?.text ?? formatNumber(value / divisorOf(axis));
  return unit === undefined ? `${name} ${shown}` : `${name} ${shown} ${unit}`;
}

/** What the axis divides its values by before it shows them, read from its own ticks. */
function divisorOf({ ticks }: Exclude<PlotAxis, { kind: 'names' }>): number {
  for (const { at, text } of ticks) {
    const shown = Number(text.replace('−', '-'));
    if (at !== 0 && shown !== 0 && Number.isFinite(shown)) return at / shown;
  }
  return 1;
}
