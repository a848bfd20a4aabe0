// Thousands of points on a canvas: each look is drawn once, as a stamp of a few pixels, and the stamps are set into an image by hand.
// Paths of tens of thousands of circles take a browser hundreds of milliseconds, stamps a few. Points lie on each other in their own order.

import type { Palette } from '#explore/scene/palette';
import type { Look, PointsMark, Scene } from '#explore/scene/scene';
import { addShape } from '#explore/scene/shapes';

/** With fewer points paths are as fast, and sharper: stamps stand on whole pixels. */
export const STAMPS_FROM = 1_500;

/** Draws the points; the context's opacity and clip count for them. */
export function stampPoints(
  context: CanvasRenderingContext2D,
  mark: PointsMark,
  { width, height, looks, panels }: Scene,
  palette: Palette,
): void {
  const ratio = context.getTransform().a;
  const margin = Math.ceil(CLIP_MARGIN * ratio);
  const panel = panels[mark.panel] ?? { x: 0, y: 0, width, height };
  // Of its panel only: a picture as large as the scene for each of ten panels would cost more than the points.
  const [left, top] = [Math.floor(panel.x * ratio) - margin, Math.floor(panel.y * ratio) - margin];
  const across = Math.ceil(panel.width * ratio) + 2 * margin + 1;
  const down = Math.ceil(panel.height * ratio) + 2 * margin + 1;
  const image = new ImageData(across, down);
  const pixels = new Uint32Array(image.data.buffer);
  // What was stamped on a place last: the same stamp on the same place changes nothing.
  const last = new Uint16Array(across * down);
  // Looks that differ in what points don't have (a dash) are one stamp.
  const stamps: Stamp[] = [];
  const stampOf = looks.map((): number => NO_STAMP);
  const known = new Map<string, number>();
  for (let i = 0; i < mark.x.length; i++) {
    const [x, y] = [Math.round(mark.x[i]! * ratio) - left, Math.round(mark.y[i]! * ratio) - top];
    if (!(x >= 0 && x < across && y >= 0 && y < down)) continue;
    const look = mark.looks[i]!;
    let number = stampOf[look]!;
    if (number === NO_STAMP) {
      const { ink, shape } = looks[look]!;
      const key = `${ink} ${shape}`;
      number = known.get(key) ?? stamps.push(stampFor(looks[look]!, mark.radius * ratio, palette)) - 1;
      known.set(key, number);
      stampOf[look] = number;
    }
    const place = y * across + x;
    if (last[place] === number + 1) continue;
    last[place] = number + 1;
    setStamp(pixels, across, down, stamps[number]!, x, y);
  }
  const picture = new OffscreenCanvas(across, down);
  picture.getContext('2d')!.putImageData(image, 0, 0);
  context.drawImage(picture, left / ratio, top / ratio, across / ratio, down / ratio);
}

const NO_STAMP = -1;
/** Pixels of the page: a point on the frame of its panel is drawn whole. */
export const CLIP_MARGIN = 6;

interface Stamp {
  readonly size: number;
  /** As an ImageData holds it on the little-endian machines that browsers run on. */
  readonly pixels: Uint32Array;
}

/** By colours, shape and radius. To make one takes a millisecond: that of every frame together would be most of its time. */
const STAMPS = new Map<string, Stamp>();
/** There are as many as colours and shapes, for a few radii, light and dark. */
const MOST_STAMPS = 512;

function stampFor(look: Look, radius: number, palette: Palette): Stamp {
  const key = `${palette(look.ink)} ${look.shape === 'ring' ? palette('surface') : ''} ${look.shape} ${radius}`;
  let stamp = STAMPS.get(key);
  if (stamp === undefined) {
    if (STAMPS.size >= MOST_STAMPS) STAMPS.clear();
    STAMPS.set(key, (stamp = makeStamp(look, radius, palette)));
  }
  return stamp;
}

function makeStamp(look: Look, radius: number, palette: Palette): Stamp {
  const half = Math.ceil(radius * 1.4) + 1;
  const size = 2 * half + 1;
  const context = new OffscreenCanvas(size, size).getContext('2d', { willReadFrequently: true })!;
  context.beginPath();
  addShape(context, look.shape, half + 0.5, half + 0.5, radius);
  context.fillStyle = look.shape === 'ring' ? palette('surface') : palette(look.ink);
  context.fill();
  if (look.shape === 'ring') {
    context.strokeStyle = palette(look.ink);
    context.lineWidth = Math.max(1, radius * 0.4);
    context.stroke();
  }
  return { size, pixels: new Uint32Array(context.getImageData(0, 0, size, size).data.buffer) };
}

function setStamp(pixels: Uint32Array, across: number, down: number, stamp: Stamp, x: number, y: number): void {
  const half = stamp.size >> 1;
  const [fromX, toX] = [Math.max(0, x - half), Math.min(across - 1, x + half)];
  const [fromY, toY] = [Math.max(0, y - half), Math.min(down - 1, y + half)];
  for (let py = fromY; py <= toY; py++) {
    let from = (py - y + half) * stamp.size + fromX - x + half;
    let to = py * across + fromX;
    for (let px = fromX; px <= toX; px++, from++, to++) {
      const above = stamp.pixels[from]!;
      const opacity = above >>> 24;
      if (opacity === 0) continue;
      pixels[to] = opacity === 255 || pixels[to] === 0 ? above : blended(above, pixels[to]!, opacity / 255);
    }
  }
}

/** One colour over another (Porter and Duff 1984), neither multiplied by its opacity. */
function blended(above: number, below: number, share: number): number {
  const rest = ((below >>> 24) / 255) * (1 - share);
  const whole = share + rest;
  const part = (shift: number) =>
    Math.round((((above >>> shift) & 0xff) * share + ((below >>> shift) & 0xff) * rest) / whole) << shift;
  return ((Math.round(whole * 255) << 24) | part(16) | part(8) | part(0)) >>> 0;
}
