// A scene on a canvas: what looks the same is drawn at once, and points that lie on each other once.

import type { Hit } from '#explore/scene/hit-index';
import type { Palette } from '#explore/scene/palette';
import type {
  Ink,
  LinesMark,
  BandsMark,
  Look,
  Mark,
  Panel,
  PointsMark,
  RectsMark,
  Scene,
  SceneText,
  SegmentsMark,
} from '#explore/scene/scene';
import { addShape } from '#explore/scene/shapes';
import { eachHatch } from '#explore/scene/hatches';
import { eachLookOfPoints } from '#explore/scene/thin-points';
import { CLIP_MARGIN, STAMPS_FROM, stampPoints } from './stamp-points.ts';

/** As in the style sheet of the page. */
const SCENE_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif";

/** Draws into the context's own pixels: whoever calls has set the transform for the device's pixel ratio, and cleared. */
export function drawScene(context: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  for (const mark of scene.marks) {
    context.save();
    const panel = scene.panels[mark.panel];
    if (panel !== undefined) clip(context, panel);
    if (mark.kind !== 'texts') context.globalAlpha = mark.opacity ?? 1;
    drawMark(context, mark, scene, palette);
    context.restore();
  }
}

function clip(context: CanvasRenderingContext2D, { x, y, width, height }: Panel): void {
  context.beginPath();
  context.rect(x - CLIP_MARGIN, y - CLIP_MARGIN, width + 2 * CLIP_MARGIN, height + 2 * CLIP_MARGIN);
  context.clip();
}

function drawMark(context: CanvasRenderingContext2D, mark: Mark, scene: Scene, palette: Palette): void {
  const { looks } = scene;
  switch (mark.kind) {
    case 'points':
      return drawPoints(context, mark, scene, palette);
    case 'lines':
      return drawLines(context, mark, looks, palette);
    case 'bands':
      return drawBands(context, mark, looks, palette);
    case 'rects':
      return drawRects(context, mark, looks, palette);
    case 'segments':
      return drawSegments(context, mark, looks, palette);
    case 'texts':
      return drawTexts(context, mark.texts, palette);
  }
}

/** Calls with the positions of the items of each look that occurs. */
function eachLook(of: Uint16Array, count: number, draw: (look: number, items: Uint32Array) => void): void {
  const counts = new Map<number, number>();
  for (let i = 0; i < count; i++) counts.set(of[i]!, (counts.get(of[i]!) ?? 0) + 1);
  const lists = new Map<number, Uint32Array>();
  for (const [look, size] of counts) lists.set(look, new Uint32Array(size));
  const filled = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const at = filled.get(of[i]!) ?? 0;
    lists.get(of[i]!)![at] = i;
    filled.set(of[i]!, at + 1);
  }
  for (const [look, items] of lists) draw(look, items);
}

function drawPoints(context: CanvasRenderingContext2D, mark: PointsMark, scene: Scene, palette: Palette): void {
  if (mark.x.length >= STAMPS_FROM) {
    stampPoints(context, mark, scene, palette);
    return;
  }
  eachLookOfPoints(mark, scene.width, scene.height, (at, items) => {
    const look = scene.looks[at]!;
    const path = new Path2D();
    for (const i of items) addShape(path, look.shape, mark.x[i]!, mark.y[i]!, mark.radius);
    const color = palette(look.ink);
    context.fillStyle = look.shape === 'ring' ? palette('surface') : color;
    context.fill(path);
    if (look.shape !== 'ring') return;
    context.strokeStyle = color;
    context.lineWidth = 1.5;
    context.stroke(path);
  });
}

function drawLines(context: CanvasRenderingContext2D, mark: LinesMark, looks: readonly Look[], palette: Palette): void {
  context.lineWidth = mark.width;
  context.lineJoin = 'round';
  eachLook(mark.looks, mark.first.length - 1, (at, items) => {
    const path = new Path2D();
    for (const line of items) {
      const end = mark.first[line + 1]!;
      for (let i = mark.first[line]!; i < end; i++) {
        if (i === mark.first[line]) path.moveTo(mark.x[i]!, mark.y[i]!);
        else path.lineTo(mark.x[i]!, mark.y[i]!);
      }
    }
    context.strokeStyle = palette(looks[at]!.ink);
    context.setLineDash([...looks[at]!.dash]);
    context.stroke(path);
  });
}

function drawBands(context: CanvasRenderingContext2D, mark: BandsMark, looks: readonly Look[], palette: Palette): void {
  for (let band = 0; band + 1 < mark.first.length; band++) {
    const [start, end] = [mark.first[band]!, mark.first[band + 1]!];
    context.beginPath();
    for (let i = start; i < end; i++) context.lineTo(mark.x[i]!, mark.high[i]!);
    for (let i = end - 1; i >= start; i--) context.lineTo(mark.x[i]!, mark.low[i]!);
    context.closePath();
    context.fillStyle = palette(looks[mark.looks[band]!]!.ink);
    context.fill();
  }
}

function drawRects(context: CanvasRenderingContext2D, mark: RectsMark, looks: readonly Look[], palette: Palette): void {
  eachLook(mark.looks, mark.x.length, (at, items) => {
    const color = palette(looks[at]!.ink);
    if (mark.hatched === true) {
      context.strokeStyle = color;
      context.lineWidth = 1;
      context.stroke(hatches(mark, items));
      return;
    }
    if (!mark.outlined) {
      context.fillStyle = color;
      for (const i of items) context.fillRect(mark.x[i]!, mark.y[i]!, mark.width[i]!, mark.height[i]!);
      return;
    }
    context.strokeStyle = color;
    context.lineWidth = 1.5;
    context.setLineDash([...looks[at]!.dash]);
    for (const i of items) context.strokeRect(mark.x[i]!, mark.y[i]!, mark.width[i]!, mark.height[i]!);
  });
}

function hatches(mark: RectsMark, items: Uint32Array): Path2D {
  const path = new Path2D();
  for (const i of items)
    eachHatch(mark.x[i]!, mark.y[i]!, mark.width[i]!, mark.height[i]!, (x1, y1, x2, y2) => {
      path.moveTo(x1, y1);
      path.lineTo(x2, y2);
    });
  return path;
}

function drawSegments(
  context: CanvasRenderingContext2D,
  mark: SegmentsMark,
  looks: readonly Look[],
  palette: Palette,
): void {
  context.lineWidth = mark.width;
  eachLook(mark.looks, mark.x1.length, (at, items) => {
    const path = new Path2D();
    for (const i of items) {
      if (Number.isNaN(mark.x1[i]! + mark.y1[i]! + mark.x2[i]! + mark.y2[i]!)) continue;
      path.moveTo(mark.x1[i]!, mark.y1[i]!);
      path.lineTo(mark.x2[i]!, mark.y2[i]!);
    }
    context.strokeStyle = palette(looks[at]!.ink);
    context.setLineDash([...looks[at]!.dash]);
    context.stroke(path);
  });
}

function drawTexts(context: CanvasRenderingContext2D, texts: readonly SceneText[], palette: Palette): void {
  let ink: Ink | null = null;
  let font = '';
  for (const one of texts) {
    if (one.ink !== ink) context.fillStyle = palette((ink = one.ink));
    const own = `${one.bold === true ? '600 ' : ''}${one.size}px ${SCENE_FONT}`;
    if (own !== font) context.font = font = own;
    context.textAlign = one.anchor === 'middle' ? 'center' : one.anchor;
    if (one.rotate === undefined) {
      context.fillText(one.text, one.x, one.y);
      continue;
    }
    context.save();
    context.translate(one.x, one.y);
    context.rotate((one.rotate * Math.PI) / 180);
    context.fillText(one.text, 0, 0);
    context.restore();
  }
}

export interface OverlayBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What lies above a scene and changes with every move of the pointer: brushed ranges, and the item that is read. */
export function drawOverlay(
  context: CanvasRenderingContext2D,
  scene: Scene,
  palette: Palette,
  boxes: readonly OverlayBox[],
  hit: Hit | null,
): void {
  context.fillStyle = context.strokeStyle = palette('accent');
  context.lineWidth = 1;
  for (const { x, y, width, height } of boxes) {
    context.globalAlpha = 0.13;
    context.fillRect(x, y, width, height);
    context.globalAlpha = 0.8;
    context.strokeRect(Math.round(x) + 0.5, Math.round(y) + 0.5, width - 1, height - 1);
  }
  context.globalAlpha = 1;
  const mark = hit === null ? undefined : scene.marks[hit.mark];
  if (hit === null || mark === undefined) return;
  context.strokeStyle = palette('text');
  context.lineWidth = 2;
  if (mark.kind === 'rects') {
    context.strokeRect(mark.x[hit.item]!, mark.y[hit.item]!, mark.width[hit.item]!, mark.height[hit.item]!);
    return;
  }
  context.beginPath();
  context.arc(hit.x, hit.y, (mark.kind === 'points' ? mark.radius : 3) + 3, 0, 2 * Math.PI);
  context.stroke();
  if (mark.kind !== 'lines') return;
  context.beginPath();
  for (let i = mark.first[hit.item]!; i < mark.first[hit.item + 1]!; i++) context.lineTo(mark.x[i]!, mark.y[i]!);
  context.stroke();
}
