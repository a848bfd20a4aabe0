// The legend of a scene as SVG: signs as they are in the plot, in as many lines as it takes.

import type { Palette } from './palette.ts';
import type { LegendEntry, Scene } from './scene.ts';
import { addShape } from './shapes.ts';
import { escaped } from './svg-escape.ts';
import { shapeSvg, SvgPath } from './svg-path.ts';
import { fitText, widthOfText } from './text-width.ts';

const LINE = 20;
const SIGN = 32;
const BETWEEN = 16;
const SIZE = 12;
/** Further ones are counted. */
const MOST_ENTRIES = 60;

/** The legend above a picture, its origin at the left top; of no height where there is none. */
export function layLegend(
  { legend, legendTitle }: Scene,
  palette: Palette,
  width: number,
): { readonly svg: string; readonly height: number } {
  if (legend.length === 0) return { svg: '', height: 0 };
  const parts: string[] = [];
  let [x, line] = [0, 0];
  const place = (size: number) => {
    if (x > 0 && x + size > width) [x, line] = [0, line + 1];
    const at = { x, y: line * LINE + 13 };
    x += size + BETWEEN;
    return at;
  };
  const text = (content: string, at: { x: number; y: number }, ink: 'text' | 'muted') =>
    parts.push(
      `<text x="${Math.round(at.x)}" y="${at.y}" font-size="${SIZE}" fill="${palette(ink)}">${escaped(content)}</text>`,
    );
  const title = fitText(legendTitle, SIZE, width);
  if (title !== '') text(title, place(widthOfText(title, SIZE)), 'muted');
  for (const entry of legend.slice(0, MOST_ENTRIES)) {
    const own = fitText(entry.title, SIZE, width - SIGN);
    const at = place(SIGN + widthOfText(own, SIZE));
    parts.push(signSvg(entry, at.x, at.y - 4, palette));
    text(own, { x: at.x + SIGN, y: at.y }, 'text');
  }
  if (legend.length > MOST_ENTRIES) {
    const rest = `and ${legend.length - MOST_ENTRIES} more`;
    text(rest, place(widthOfText(rest, SIZE)), 'muted');
  }
  return { svg: parts.join(''), height: (line + 1) * LINE + 4 };
}

/** A line and a shape; of what is an area in the plot a filled one. */
function signSvg({ look, isArea }: LegendEntry, x: number, y: number, palette: Palette): string {
  const path = new SvgPath();
  if (isArea === true) {
    path.rect(x, y - 7, 26, 14);
    // An outline: some areas are nearly as pale as the ground.
    return `<path d="${path.text()}" fill="${palette(look.ink)}" stroke="${palette('muted')}" stroke-width="0.75"/>`;
  }
  addShape(path, look.shape, x + 13, y, 4);
  const dashes = look.dash.length === 0 ? '' : ` stroke-dasharray="${look.dash.join(' ')}"`;
  return `<path d="M${x} ${y}h26" stroke="${palette(look.ink)}" stroke-width="1.6"${dashes}/>${shapeSvg(path, look, palette)}`;
}
