// The frame-rate table: what was asked for against what was captured, encoded, received and presented, as a picture of a table.

import { formatNumber } from '#core/format-quantity';
import type { Behind, LegendEntry, Look, Mark, Panel, SceneText } from '../scene/scene.ts';
import { fitText, widthOfText } from '../scene/text-width.ts';
import { arrange, isBrushed, PALE, type Arranged } from './arranged.ts';
import { requestedRates, stations, type Station } from './frame-rates.ts';
import { mediansOf } from './group-medians.ts';
import { placeColumns } from './group-table.ts';
import { behindGroups } from './grouping.ts';
import { plainLook } from './looks.ts';
import type { MakePlot, TableColumn } from './plot.ts';

const LINE_PX = 24;
const HEAD_PX = 30;
const FOOT_PX = 8;
const TEXT_PX = 12;
const WIDEST_NAME = 320;
/** Bold letters are so much wider. */
const BOLD = 1.08;
const NARROWEST_COLUMN = 84;
/** Lines drawn; the table behind the plot has all. */
const MOST_LINES = 200;
/** A rate of this share of the requested one is as good as it; below the second it is told as bad. */
const KEPT = 0.98;
const MISSED = 0.9;
const [PLAIN, GOOD, BAD, RULE] = [0, 1, 2, 3] as const;
const LOOKS: readonly Look[] = [plainLook('series-0'), plainLook('good'), plainLook('bad'), plainLook('line')];

export const frameRate: MakePlot = (input) => {
  const { dataset, metrics, width } = input;
  const measured = stations(metrics, input.rows);
  const any = new Float64Array(dataset.count).fill(NaN);
  for (const { values } of measured)
    for (let row = 0; row < any.length; row++) if (!Number.isNaN(values[row]!)) any[row] = 0;
  const arranged = arrange({ ...input, metric: { name: 'frame rate', unit: 'frame/s', better: null, values: any } });
  if (!arranged.ok)
    return input.rows.length === 0
      ? arranged
      : {
          ok: false,
          why: 'None of these runs has a frame rate.',
          todo: 'Encodes and streams have one. Choose another plot.',
        };

  const { groups } = arranged;
  const requested = mediansOf(groups, requestedRates(dataset, metrics));
  const columns = measured.map((station) => ({ ...station, medians: mediansOf(groups, station.values) }));
  const titles = groupTitles(arranged);
  const shown = Math.min(groups.count, MOST_LINES);
  const nameRoom = Math.min(
    WIDEST_NAME,
    Math.max(
      60,
      ...[`${placeTitle(arranged)}  `, ...titles.slice(0, shown)].map((title) => widthOfText(title, TEXT_PX)),
    ) + 14,
  );
  const isRequested = !requested.every(Number.isNaN);
  const rates = [...(isRequested ? [requested] : []), ...columns.map(({ medians }) => medians)];
  const count = rates.length;
  const columnWidth = Math.max(NARROWEST_COLUMN, (width - nameRoom) / count);
  const sceneWidth = Math.max(width, nameRoom + count * columnWidth);
  const highest = rates.reduce(highestOf, 0);

  const head = [...(isRequested ? ['requested'] : []), ...columns.map(({ title }) => title)];
  const texts: SceneText[] = head.map((text, k) => cellText(text, nameRoom + k * columnWidth + 8, HEAD_PX - 12, true));
  if (titles[0] !== '')
    texts.push(cellText(fitText(placeTitle(arranged), TEXT_PX, (nameRoom - 12) / BOLD), 0, HEAD_PX - 12, true));
  for (let group = 0; group < shown; group++)
    texts.push(cellText(fitText(titles[group]!, TEXT_PX, nameRoom - 12), 0, lineAt(group) + 16, false));
  const marks: Mark[] = [rules(shown, sceneWidth)];
  for (const [k, medians] of rates.entries()) {
    const left = nameRoom + k * columnWidth + 8;
    const bars = rateBars(medians, medians === requested ? null : requested, shown, left, (columnWidth - 20) / highest);
    for (const isPale of [true, false]) {
      const chosen = bars.filter(({ group }) => isBrushed(input.brushed, groups, group) !== isPale);
      if (chosen.length > 0)
        marks.push(
          barMark(
            head[k]!,
            chosen,
            behindGroups(
              groups,
              chosen.map(({ group }) => group),
            ),
            isPale ? PALE : 1,
          ),
        );
    }
    for (const { group, rate, share } of bars) {
      const text = share === null || share >= KEPT ? formatNumber(rate) : `${formatNumber(rate)} · ${percent(share)}`;
      texts.push(cellText(text, left, lineAt(group) + 14, share !== null && share < MISSED));
    }
  }
  marks.push({ kind: 'texts', panel: -1, texts });
  const short = requested.filter((_, group) =>
    columns.some(({ medians }) => medians[group]! < KEPT * requested[group]!),
  ).length;
  const height = HEAD_PX + shown * LINE_PX + FOOT_PX;
  return {
    ok: true,
    scene: {
      width: sceneWidth,
      height,
      panels: [tablePanel(placeTitle(arranged), titles.slice(0, shown), head, nameRoom, sceneWidth, height)],
      looks: LOOKS,
      marks,
      legendTitle: isRequested ? 'against the requested rate' : '',
      legend: isRequested ? LEGEND : [],
      description: `Frame rates of ${groups.count} groups of ${groups.rows.length} runs, ${head.join(', ')}${isRequested ? `; ${short} are below what was requested` : ''}.`,
    },
    table: tableOf(arranged, requested, columns),
    notes: [
      ...arranged.notes,
      'rates are medians over the runs, in frame/s',
      isRequested
        ? `${short} of ${groups.count} groups stay below ${percent(KEPT)} of the requested rate somewhere`
        : 'no rate was requested: there is none to hold these against',
      ...(isRequested && requested.some(Number.isNaN) ? ['where nothing is requested the source gives the rate'] : []),
      ...(groups.count > shown ? [`the first ${shown} of ${groups.count} groups are drawn: the table has all`] : []),
    ],
    options: [],
  };
};

const LEGEND: readonly LegendEntry[] = [
  { title: `${percent(KEPT)} of it or more`, look: LOOKS[GOOD]! },
  { title: `below ${percent(MISSED)}, in bold`, look: LOOKS[BAD]! },
  { title: 'between them, or nothing was requested', look: LOOKS[PLAIN]! },
].map((entry) => ({ ...entry, property: null, value: null, isArea: true }));

interface RateBar {
  readonly group: number;
  readonly rate: number;
  /** Of the requested rate; null where there is none to hold it against. */
  readonly share: number | null;
  readonly x: number;
  readonly width: number;
}

function rateBars(
  medians: Float64Array,
  requested: Float64Array | null,
  shown: number,
  x: number,
  pxPerRate: number,
): RateBar[] {
  const bars: RateBar[] = [];
  for (let group = 0; group < shown; group++) {
    const rate = medians[group]!;
    if (Number.isNaN(rate)) continue;
    const share = requested !== null && requested[group]! > 0 ? rate / requested[group]! : null;
    bars.push({ group, rate, share, x, width: Math.max(1, rate * pxPerRate) });
  }
  return bars;
}

function barMark(station: string, bars: readonly RateBar[], behind: Behind, opacity: number): Mark {
  return {
    kind: 'rects',
    panel: 0,
    behind,
    read: { title: `frame rate ${station}`, unit: 'frame/s', values: Float64Array.from(bars, ({ rate }) => rate) },
    x: Float32Array.from(bars, ({ x }) => x),
    y: Float32Array.from(bars, ({ group }) => lineAt(group) + LINE_PX - 7),
    width: Float32Array.from(bars, ({ width }) => width),
    height: new Float32Array(bars.length).fill(4),
    looks: Uint16Array.from(bars, ({ share }) =>
      share === null ? PLAIN : share >= KEPT ? GOOD : share < MISSED ? BAD : PLAIN,
    ),
    outlined: false,
    opacity,
  };
}

function lineAt(line: number): number {
  return HEAD_PX + line * LINE_PX;
}

function cellText(text: string, x: number, y: number, bold: boolean): SceneText {
  return { x, y, text, anchor: 'start', size: TEXT_PX, ink: 'text', bold };
}

function rules(lines: number, width: number): Mark {
  const y = Float32Array.from({ length: lines + 1 }, (_, i) => lineAt(i) - 0.5);
  return {
    kind: 'segments',
    panel: -1,
    behind: null,
    x1: new Float32Array(lines + 1),
    y1: y,
    x2: new Float32Array(lines + 1).fill(width),
    y2: y,
    looks: new Uint16Array(lines + 1).fill(RULE),
    width: 1,
  };
}

/** Its upright axis names the lines; which station a column is the numbers say themselves. */
function tablePanel(
  lineTitle: string,
  lines: readonly string[],
  head: readonly string[],
  x: number,
  width: number,
  height: number,
): Panel {
  return {
    x,
    y: HEAD_PX,
    width: width - x,
    height: height - HEAD_PX - FOOT_PX,
    xAxis: { kind: 'names', label: '', names: head },
    yAxis: { kind: 'names', label: lineTitle, names: lines },
    xMetric: null,
    yMetric: null,
  };
}

/** All that is placed names a line: facets are lines here as well. */
function groupTitles(arranged: Arranged): string[] {
  const used = usedSplits(arranged);
  return Array.from({ length: arranged.groups.count }, (_, group) =>
    used.map(({ split, digits }) => split.titles[digits[group]!]!).join(', '),
  );
}

function placeTitle(arranged: Arranged): string {
  return usedSplits(arranged)
    .map(({ split }) => split.title)
    .join(', ');
}

function usedSplits({ groups, column, row, x, told }: Arranged) {
  return [column, row, x, ...told].flatMap((split, k) =>
    split.property === null ? [] : [{ split, digits: groups.digits[k]! }],
  );
}

function tableOf(
  arranged: Arranged,
  requested: Float64Array,
  columns: readonly (Station & { medians: Float64Array })[],
): TableColumn[] {
  const rates = (values: Float64Array) => Array.from(values, (rate) => (Number.isNaN(rate) ? null : rate));
  return [
    ...placeColumns(arranged),
    { title: 'requested', unit: 'frame/s', values: rates(requested) },
    ...columns.flatMap(({ title, medians }): TableColumn[] => [
      { title, unit: 'frame/s', values: rates(medians) },
      {
        title: `${title}, of requested`,
        unit: '1',
        values: rates(medians.map((rate, group) => rate / requested[group]!)),
      },
    ]),
  ];
}

function highestOf(most: number, rates: Float64Array): number {
  let high = most;
  for (const rate of rates) if (rate > high) high = rate;
  return high;
}

function percent(share: number): string {
  return `${formatNumber(Math.round(share * 1000) / 10)} %`;
}
