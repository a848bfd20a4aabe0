// A plot as a file: its title, its legend and its drawing in one SVG, and that as PNG.

import { color } from '../shell/theme.ts';
import type { PlotSeries } from './plot-spec.ts';
import { saveBlob, saveText } from './save-file.ts';
import { addShape } from '#explore/scene/shapes';

const SVG = 'http://www.w3.org/2000/svg';
const PADDING = 16;
const TITLE_HEIGHT = 26;
const LEGEND_LINE = 20;
/** Pixels of a PNG for one of the page's: as sharp as print wants it. */
const PNG_SCALE = 2;

export interface PlotPicture {
  readonly drawing: SVGSVGElement;
  readonly title: string;
  readonly series: readonly PlotSeries[];
  /** Name of the file, without its ending. */
  readonly name: string;
}

export function savePlotSvg(picture: PlotPicture): void {
  saveText(new XMLSerializer().serializeToString(compose(picture)), `${picture.name}.svg`, 'image/svg+xml');
}

/** Resolves when the file was handed to the browser. */
export async function savePlotPng(picture: PlotPicture): Promise<void> {
  const svg = compose(picture);
  const address = URL.createObjectURL(
    new Blob([new XMLSerializer().serializeToString(svg)], { type: 'image/svg+xml' }),
  );
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = Number(svg.getAttribute('width')) * PNG_SCALE;
    canvas.height = Number(svg.getAttribute('height')) * PNG_SCALE;
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
    if (blob !== null) saveBlob(blob, `${picture.name}.png`);
  } finally {
    URL.revokeObjectURL(address);
  }
}

function compose({ drawing, title, series }: PlotPicture): SVGSVGElement {
  const width = Number(drawing.getAttribute('width'));
  const entries = layOutLegend(
    series.filter(({ name }) => name !== ''),
    width,
  );
  const legendHeight = entries.length === 0 ? 0 : (entries.at(-1)!.line + 1) * LEGEND_LINE + 6;
  const top = PADDING + TITLE_HEIGHT + legendHeight;
  const full = { width: width + 2 * PADDING, height: top + Number(drawing.getAttribute('height')) + PADDING };
  const svg = element('svg', { ...full, viewBox: `0 0 ${full.width} ${full.height}`, 'font-family': 'sans-serif' });
  svg.append(element('rect', { ...full, fill: color('--surface') }));
  svg.append(text(title, { x: PADDING, y: PADDING + 14, 'font-size': 14, 'font-weight': 600, fill: color('--text') }));
  for (const { series: one, x, line } of entries) {
    const y = PADDING + TITLE_HEIGHT + line * LEGEND_LINE + 8;
    svg.append(legendSign(one, PADDING + x, y));
    svg.append(text(one.name, { x: PADDING + x + SIGN_WIDTH, y: y + 4, 'font-size': 12, fill: color('--text') }));
  }
  const inner = drawing.cloneNode(true) as SVGSVGElement;
  // What the pointer shows is no part of the picture.
  for (const tip of inner.querySelectorAll('[aria-label="tip"]')) tip.remove();
  inner.setAttribute('x', String(PADDING));
  inner.setAttribute('y', String(top));
  inner.setAttribute('font-size', '12');
  inner.setAttribute('color', color('--muted'));
  svg.append(inner);
  return svg;
}

const SIGN_WIDTH = 34;
const BETWEEN = 18;

function layOutLegend(series: readonly PlotSeries[], width: number) {
  const pen = document.createElement('canvas').getContext('2d')!;
  pen.font = '12px sans-serif';
  let [x, line] = [0, 0];
  return series.map((one) => {
    const size = SIGN_WIDTH + pen.measureText(one.name).width;
    if (x > 0 && x + size > width) [x, line] = [0, line + 1];
    const placed = { series: one, x, line };
    x += size + BETWEEN;
    return placed;
  });
}

function legendSign({ stroke, dash, shape }: PlotSeries, x: number, y: number): SVGElement {
  const sign = element('g', {});
  sign.append(
    element('line', {
      x1: x,
      x2: x + 26,
      y1: y,
      y2: y,
      stroke,
      'stroke-width': 1.6,
      'stroke-dasharray': dash.join(' '),
    }),
    element('path', {
      d: shapePath(shape, x + 13, y, 4.2),
      fill: shape === 'ring' ? color('--surface') : stroke,
      stroke: shape === 'ring' ? stroke : 'none',
    }),
  );
  return sign;
}

/** The shape as the text of an SVG path; a circle as two arcs. */
export function shapePath(shape: PlotSeries['shape'], x: number, y: number, radius: number): string {
  const parts: string[] = [];
  addShape(
    {
      moveTo: (toX, toY) => parts.push(`M${toX} ${toY}`),
      lineTo: (toX, toY) => parts.push(`L${toX} ${toY}`),
      closePath: () => parts.push('Z'),
      rect: (left, top, width, height) => parts.push(`M${left} ${top}h${width}v${height}h${-width}Z`),
      arc: (centreX, centreY, r) =>
        parts.push(`M${centreX + r} ${centreY}a${r} ${r} 0 1 1 ${-2 * r} 0a${r} ${r} 0 1 1 ${2 * r} 0Z`),
    },
    shape,
    x,
    y,
    radius,
  );
  return parts.join('');
}

function element<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | number>>,
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

function text(content: string, attributes: Readonly<Record<string, string | number>>): SVGTextElement {
  const made = element('text', attributes);
  made.textContent = content;
  return made;
}
