// The timeline of workers on a canvas: a lane for each thing that is done at once, a block a try.

import type { TitleTimeline } from '#server/titles-wire';
import { formatDuration } from '#core/format-quantity';
import { niceTicks, tickTexts } from '#explore/scene/nice-ticks';
import { color, seriesColor } from '../shell/theme.ts';

export const LANE_PX = 22;
export const AXIS_PX = 22;
export const LABEL_PX = 168;
/** Narrowest block that is drawn, and the narrowest that may have words. */
const LEAST_PX = 1.5;
const WORDED_PX = 18;

export interface TimelineDrawing {
  readonly data: TitleTimeline;
  readonly width: number;
  /** Seconds after the first try. */
  readonly from: number;
  readonly to: number;
  /** Kind and rendition that alone is shown in full; -1 for all. */
  readonly isolated: number;
  readonly hovered: number;
  /** Stretch that is dragged over, pixels. */
  readonly dragged: readonly [number, number] | null;
}

export function timelineHeight(data: TitleTimeline): number {
  return data.slots.length * LANE_PX + AXIS_PX;
}

export function drawTimeline(context: CanvasRenderingContext2D, drawing: TimelineDrawing): void {
  const { data, width, from, to, isolated, hovered, dragged } = drawing;
  const height = timelineHeight(data);
  const scale = (width - LABEL_PX) / Math.max(0.001, to - from);
  const x = (seconds: number) => LABEL_PX + (seconds - from) * scale;
  context.clearRect(0, 0, width, height);
  context.font = '11px system-ui, sans-serif';
  context.textBaseline = 'middle';
  drawAxis(context, drawing, x);
  const bad = color('--bad');
  const ground = color('--surface');
  const text = color('--on-accent');
  const colors = data.works.map((_, work) => seriesColor(work));
  const nowS = (data.toMs - data.fromMs) / 1000;
  context.save();
  context.beginPath();
  context.rect(LABEL_PX, 0, width - LABEL_PX, height);
  context.clip();
  for (let i = 0; i < data.slot.length; i++) {
    const left = x(data.began[i]! / 1000);
    const right = x(data.ended[i]! < 0 ? nowS : data.ended[i]! / 1000);
    if (right < LABEL_PX || left > width) continue;
    const y = data.slot[i]! * LANE_PX + 2;
    const wide = Math.max(LEAST_PX, right - left - 0.5);
    const work = data.work[i]!;
    const end = data.ends[data.end[i]!]!;
    context.globalAlpha = isolated >= 0 && isolated !== work ? 0.15 : end === 'running' ? 0.55 : 1;
    context.fillStyle = colors[work]!.stroke;
    if (end === 'done' || end === 'running') {
      context.fillRect(left, y, wide, LANE_PX - 4);
      // Colours that come again are told apart as dashed lines are: by a light edge.
      context.fillStyle = ground;
      if (colors[work]!.dash.length > 0) context.fillRect(left, y + LANE_PX - 8, wide, 2);
    } else {
      // What came to nothing is an outline, and a failure has a cross.
      context.strokeStyle = end === 'failed' ? bad : colors[work]!.stroke;
      context.lineWidth = 1.5;
      context.strokeRect(left + 1, y + 1, Math.max(1, wide - 2), LANE_PX - 6);
      if (end === 'failed') {
        context.fillStyle = bad;
        context.fillText('✕', left + 3, y + (LANE_PX - 4) / 2, Math.max(4, wide));
      }
    }
    if (wide > WORDED_PX && (end === 'done' || end === 'running')) {
      context.fillStyle = end === 'running' ? color('--text') : text;
      const fitting = [blockWords(data, i), shortWords(data, i)].find(
        (each) => context.measureText(each).width < wide - 9,
      );
      if (fitting !== undefined) context.fillText(fitting, left + 5, y + (LANE_PX - 4) / 2 + 0.5);
    }
    if (i === hovered) {
      context.globalAlpha = 1;
      context.strokeStyle = color('--text');
      context.lineWidth = 1.5;
      context.strokeRect(left, y, wide, LANE_PX - 4);
    }
  }
  context.globalAlpha = 1;
  if (dragged !== null) {
    context.fillStyle = color('--marked');
    context.fillRect(dragged[0], 0, dragged[1] - dragged[0], height - AXIS_PX);
  }
  context.restore();
  context.fillStyle = ground;
  context.fillRect(0, 0, LABEL_PX - 1, height);
  context.fillStyle = color('--muted');
  for (const [slot, name] of data.slots.entries())
    context.fillText(name, 4, slot * LANE_PX + LANE_PX / 2, LABEL_PX - 14);
}

/** Block at a place of the canvas; -1 where there is none. */
export function blockAt({ data, width, from, to }: TimelineDrawing, px: number, py: number): number {
  const seconds = from + ((px - LABEL_PX) * (to - from)) / Math.max(1, width - LABEL_PX);
  const reachS = (2 * (to - from)) / Math.max(1, width);
  const slot = Math.floor(py / LANE_PX);
  const nowS = (data.toMs - data.fromMs) / 1000;
  if (px < LABEL_PX) return -1;
  for (let i = data.slot.length - 1; i >= 0; i--) {
    if (data.slot[i] !== slot) continue;
    const ended = data.ended[i]! < 0 ? nowS : data.ended[i]! / 1000;
    if (seconds >= data.began[i]! / 1000 - reachS && seconds <= ended + reachS) return i;
  }
  return -1;
}

/** `00007 v1-h264-720`, or `12 x v1-h264-720` of a block of several. */
export function blockWords({ works, work, chunk, count }: TitleTimeline, block: number): string {
  const { kind, group } = works[work[block]!]!;
  if (count[block]! > 1) return `${count[block]} x ${kind === 'encode' ? group : `${kind} ${group}`.trim()}`;
  return kind === 'encode' ? `${chunk[block]} ${group}` : `${kind} ${group}`.trim();
}

/** The chunk alone, or the kind. */
function shortWords({ works, work, chunk, count }: TitleTimeline, block: number): string {
  const { kind } = works[work[block]!]!;
  if (count[block]! > 1) return `${count[block]} x`;
  return kind === 'encode' ? String(chunk[block]) : kind;
}

function drawAxis(
  context: CanvasRenderingContext2D,
  { data, width, from, to }: TimelineDrawing,
  x: (s: number) => number,
) {
  const height = data.slots.length * LANE_PX;
  const ticks = niceTicks(from, to, Math.max(2, Math.floor((width - LABEL_PX) / 110)));
  const texts =
    to - from > 180 ? ticks.map((tick) => formatDuration(tick)) : tickTexts(ticks).map((text) => `${text} s`);
  context.fillStyle = color('--muted');
  context.strokeStyle = color('--grid');
  context.lineWidth = 1;
  context.textAlign = 'center';
  for (const [i, tick] of ticks.entries()) {
    const at = Math.round(x(tick)) + 0.5;
    context.beginPath();
    context.moveTo(at, 0);
    context.lineTo(at, height);
    context.stroke();
    if (at > LABEL_PX + 4 && at < width - 12) context.fillText(texts[i]!, at, height + AXIS_PX / 2);
  }
  context.textAlign = 'left';
  context.strokeStyle = color('--line');
  for (let slot = 1; slot <= data.slots.length; slot++) {
    context.beginPath();
    context.moveTo(0, slot * LANE_PX + 0.5);
    context.lineTo(width, slot * LANE_PX + 0.5);
    context.stroke();
  }
}
