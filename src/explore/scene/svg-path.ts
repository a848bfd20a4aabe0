// The path of an SVG, written as a canvas draws it.

import type { Palette } from './palette.ts';
import type { Look } from './scene.ts';
import type { ShapePath } from './shapes.ts';

export class SvgPath implements ShapePath {
  readonly #parts: string[] = [];

  moveTo(x: number, y: number): void {
    this.#parts.push(`M${short(x)} ${short(y)}`);
  }

  lineTo(x: number, y: number): void {
    this.#parts.push(`L${short(x)} ${short(y)}`);
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.#parts.push(`M${short(x)} ${short(y)}h${short(width)}v${short(height)}h${short(-width)}z`);
  }

  closePath(): void {
    this.#parts.push('Z');
  }

  /** A whole circle, which is all that shapes draw, as two arcs. */
  arc(x: number, y: number, radius: number): void {
    const r = short(radius);
    this.#parts.push(`M${short(x + radius)} ${short(y)}a${r} ${r} 0 1 1 ${-2 * r} 0a${r} ${r} 0 1 1 ${2 * r} 0z`);
  }

  text(): string {
    return this.#parts.join('');
  }
}

/** A hundredth of a pixel is more than anybody sees. */
function short(pixel: number): number {
  return Math.round(pixel * 100) / 100;
}

/** A path of shapes: a ring is empty, everything else full. */
export function shapeSvg(path: SvgPath, { shape, ink }: Look, palette: Palette): string {
  return shape === 'ring'
    ? `<path d="${path.text()}" fill="${palette('surface')}" stroke="${palette(ink)}" stroke-width="1.5"/>`
    : `<path d="${path.text()}" fill="${palette(ink)}"/>`;
}
