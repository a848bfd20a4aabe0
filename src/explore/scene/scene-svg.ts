// A scene as the text of an SVG: for reports and exports, with its title and its legend, and no id that could meet another picture's.

import { eachHatch } from './hatches.ts';
import type { Palette } from './palette.ts';
import type {
  BandsMark,
  LinesMark,
  Look,
  Mark,
  PointsMark,
  RectsMark,
  Scene,
  SceneText,
  SegmentsMark,
} from './scene.ts';
import { addShape } from './shapes.ts';
import { layLegend } from './svg-legend.ts';
import { escaped } from './svg-escape.ts';
import { shapeSvg, SvgPath } from './svg-path.ts';
import { eachLookOfPoints } from './thin-points.ts';

export interface SvgOptions {
  /** Above the picture; nothing where it is left out. */
  readonly title?: string | undefined;
}

/** Pixels around the picture. */
const PADDING = 12;
const TITLE_LINE = 26;
const TITLE_SIZE = 14;
/** A point on the frame is drawn whole. */
const CLIP_MARGIN = 6;

/**
 * A whole SVG element. With `variablePalette` it follows the colours of the page that it stands in, with `paletteOf` it has its own.
 */
export function sceneSvg(scene: Scene, palette: Palette, { title }: SvgOptions = {}): string {
  const legend = layLegend(scene, palette, scene.width);
  const above = title === undefined ? 0 : TITLE_LINE;
  const width = Math.ceil(scene.width + 2 * PADDING);
  const height = Math.ceil(scene.height + 2 * PADDING + above + legend.height);
  const name = title === undefined ? scene.description : `${title}. ${scene.description}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`,
    ` role="img" aria-label="${escaped(name)}" font-family="system-ui, sans-serif">`,
    `<rect width="${width}" height="${height}" fill="${palette('surface')}"/>`,
    title === undefined
      ? ''
      : `<text x="${PADDING}" y="${PADDING + TITLE_SIZE}" font-size="${TITLE_SIZE}" font-weight="600" fill="${palette('text')}">${escaped(title)}</text>`,
    `<g transform="translate(${PADDING} ${PADDING + above})">${legend.svg}</g>`,
    `<g transform="translate(${PADDING} ${PADDING + above + legend.height})">`,
    ...scene.marks.map((mark) => clipped(mark, scene, markSvg(mark, scene, palette))),
    '</g></svg>',
  ].join('');
}

function clipped(mark: Mark, scene: Scene, svg: string): string {
  const panel = scene.panels[mark.panel];
  if (panel === undefined || svg === '') return svg;
  const [x, y] = [panel.x - CLIP_MARGIN, panel.y - CLIP_MARGIN];
  const [width, height] = [panel.width + 2 * CLIP_MARGIN, panel.height + 2 * CLIP_MARGIN];
  // An inner picture is clipped without a clip path, which would need an id.
  return `<svg x="${x}" y="${y}" width="${width}" height="${height}" viewBox="${x} ${y} ${width} ${height}">${svg}</svg>`;
}

function markSvg(mark: Mark, scene: Scene, palette: Palette): string {
  const { looks } = scene;
  switch (mark.kind) {
    case 'points':
      return faded(mark, pointsSvg(mark, scene, palette));
    case 'lines':
      return faded(mark, linesSvg(mark, looks, palette));
    case 'bands':
      return faded(mark, bandsSvg(mark, looks, palette));
    case 'rects':
      return faded(mark, rectsSvg(mark, looks, palette));
    case 'segments':
      return faded(mark, segmentsSvg(mark, looks, palette));
    case 'texts':
      return mark.texts.map((text) => textSvg(text, palette)).join('');
  }
}

function faded({ opacity }: { readonly opacity?: number | undefined }, svg: string): string {
  return opacity === undefined || opacity === 1 || svg === '' ? svg : `<g opacity="${opacity}">${svg}</g>`;
}

function pointsSvg(mark: PointsMark, { looks, width, height }: Scene, palette: Palette): string {
  const parts: string[] = [];
  eachLookOfPoints(mark, width, height, (at, items) => {
    const path = new SvgPath();
    const look = looks[at]!;
    for (const i of items) addShape(path, look.shape, mark.x[i]!, mark.y[i]!, mark.radius);
    parts.push(shapeSvg(path, look, palette));
  });
  return parts.join('');
}

/** Strokes of the same look are one path. */
function strokes(
  of: Uint16Array,
  count: number,
  { looks, palette, width }: { readonly looks: readonly Look[]; readonly palette: Palette; readonly width: number },
  add: (path: SvgPath, item: number) => void,
): string {
  const paths = new Map<number, SvgPath>();
  for (let i = 0; i < count; i++) {
    const path = paths.get(of[i]!) ?? new SvgPath();
    paths.set(of[i]!, path);
    add(path, i);
  }
  return [...paths]
    .filter(([, path]) => path.text() !== '')
    .map(([at, path]) => {
      const { ink, dash } = looks[at]!;
      const dashes = dash.length === 0 ? '' : ` stroke-dasharray="${dash.join(' ')}"`;
      return `<path d="${path.text()}" fill="none" stroke="${palette(ink)}" stroke-width="${width}" stroke-linejoin="round"${dashes}/>`;
    })
    .join('');
}

function linesSvg(mark: LinesMark, looks: readonly Look[], palette: Palette): string {
  return strokes(mark.looks, mark.first.length - 1, { looks, palette, width: mark.width }, (path, line) => {
    for (let i = mark.first[line]!; i < mark.first[line + 1]!; i++) {
      if (i === mark.first[line]) path.moveTo(mark.x[i]!, mark.y[i]!);
      else path.lineTo(mark.x[i]!, mark.y[i]!);
    }
  });
}

function segmentsSvg(mark: SegmentsMark, looks: readonly Look[], palette: Palette): string {
  return strokes(mark.looks, mark.x1.length, { looks, palette, width: mark.width }, (path, i) => {
    if (Number.isNaN(mark.x1[i]! + mark.y1[i]! + mark.x2[i]! + mark.y2[i]!)) return;
    path.moveTo(mark.x1[i]!, mark.y1[i]!);
    path.lineTo(mark.x2[i]!, mark.y2[i]!);
  });
}

function bandsSvg(mark: BandsMark, looks: readonly Look[], palette: Palette): string {
  const parts: string[] = [];
  for (let band = 0; band + 1 < mark.first.length; band++) {
    const [start, end] = [mark.first[band]!, mark.first[band + 1]!];
    if (end - start < 2) continue;
    const path = new SvgPath();
    path.moveTo(mark.x[start]!, mark.high[start]!);
    for (let i = start + 1; i < end; i++) path.lineTo(mark.x[i]!, mark.high[i]!);
    for (let i = end - 1; i >= start; i--) path.lineTo(mark.x[i]!, mark.low[i]!);
    path.closePath();
    parts.push(`<path d="${path.text()}" fill="${palette(looks[mark.looks[band]!]!.ink)}"/>`);
  }
  return parts.join('');
}

function rectsSvg(mark: RectsMark, looks: readonly Look[], palette: Palette): string {
  const isStroked = mark.outlined || mark.hatched === true;
  if (isStroked)
    return strokes(mark.looks, mark.x.length, { looks, palette, width: mark.outlined ? 1.5 : 1 }, (path, i) => {
      const [x, y, width, height] = [mark.x[i]!, mark.y[i]!, mark.width[i]!, mark.height[i]!];
      if (mark.outlined) path.rect(x, y, width, height);
      else
        eachHatch(x, y, width, height, (x1, y1, x2, y2) => {
          path.moveTo(x1, y1);
          path.lineTo(x2, y2);
        });
    });
  const paths = new Map<number, SvgPath>();
  for (let i = 0; i < mark.x.length; i++) {
    const path = paths.get(mark.looks[i]!) ?? new SvgPath();
    paths.set(mark.looks[i]!, path);
    path.rect(mark.x[i]!, mark.y[i]!, mark.width[i]!, mark.height[i]!);
  }
  return [...paths].map(([at, path]) => `<path d="${path.text()}" fill="${palette(looks[at]!.ink)}"/>`).join('');
}

const ANCHORS = { start: '', middle: ' text-anchor="middle"', end: ' text-anchor="end"' } as const;

function textSvg({ x, y, text, anchor, size, ink, bold, rotate }: SceneText, palette: Palette): string {
  const turned = rotate === undefined ? '' : ` transform="rotate(${rotate} ${shortest(x)} ${shortest(y)})"`;
  const weight = bold === true ? ' font-weight="600"' : '';
  return `<text x="${shortest(x)}" y="${shortest(y)}" font-size="${size}"${ANCHORS[anchor]}${weight} fill="${palette(ink)}"${turned}>${escaped(text)}</text>`;
}

const shortest = (pixel: number) => Number(pixel.toFixed(2));
