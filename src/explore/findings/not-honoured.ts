// What was asked for and did not come: bitrate, distance of keyframes, frame rate.

import { formatNumber, formatQuantity } from '#core/format-quantity';
import { median } from '#analysis/quantile';
import type { MetricColumn } from '../data/dataset.ts';
import { askedKind, type AskedKind } from './asked.ts';
import type { Evidence, Finding } from './finding.ts';
import { sharedSetting } from './shared-settings.ts';
import { runsByCell, type Factor, type Study } from './study.ts';
import * as words from './wording.ts';

/** By how much what came may differ from what was asked for, as a share of it. */
const TOLERANCE = {
  rateAbove: 0.15,
  rateBelow: 0.2,
  shortRate: 0.3,
  periodAbove: 0.1,
  periodBelow: 0.1,
  frames: 0.05,
} as const;
/** A rate control needs some seconds to settle: below this, three tenths are allowed. */
const SHORT_S = 10;
/** A period can be judged where so many of them would have fitted. */
const LEAST_PERIODS = 2;
/** Rates of two settings that differ by less are the same. */
const SAME_RATE = 0.1;
const NEVER = 'never';

interface Miss {
  readonly cell: number;
  readonly asked: number;
  /** What came; NaN where there was none at all. */
  readonly got: number;
  /** `above`, `below`, `auto`, `never`. */
  readonly way: string;
  /** Of a run so short that a rate control has not settled. */
  readonly isShort?: boolean;
}

export function findNotHonoured(study: Study): Finding[] {
  const factors = askingFactors(study);
  return factors.flatMap(({ factor, kind }) => {
    const misses = { bitrate: rateMisses, 'keyframe period': periodMisses, 'frame rate': frameMisses }[kind](
      study,
      factor,
    );
    const byWay = Map.groupBy(misses, ({ way }) => way);
    return [...byWay].map(([way, own]) => finding(study, factor, kind, way, own));
  });
}

interface Asking {
  readonly factor: Factor;
  readonly kind: AskedKind;
}

/** Settings that ask for something, varied or not. */
function askingFactors({ dataset, firstRow }: Study): Asking[] {
  return dataset.properties.flatMap(({ name, origin, values, numbers, codes }) => {
    const kind = origin === 'setting' ? askedKind(name) : null;
    if (kind === null || numbers === null) return [];
    const factor = {
      name,
      origin,
      levels: values,
      numbers,
      codes: Int32Array.from(firstRow, (row) => codes[row]!),
      together: [],
      inside: null,
    };
    return [{ factor, kind }];
  });
}

/** Of each cell the median of a metric. */
function middlesOf(study: Study, name: string): Float64Array | null {
  const column = study.dataset.metrics.find((metric) => metric.name === name);
  if (column === undefined) return null;
  return cellMedians(study, column);
}

function cellMedians(study: Study, { values }: MetricColumn): Float64Array {
  return Float64Array.from(runsByCell(study), (runs) =>
    median(Float64Array.from(runs, (run) => values[study.rows[run]!]!)),
  );
}

function askedOf({ numbers, codes }: Factor, cell: number): number {
  const code = codes[cell]!;
  return code < 0 ? NaN : numbers![code]!;
}

function rateMisses(study: Study, factor: Factor): Miss[] {
  const got = middlesOf(study, 'bitrate');
  if (got === null) return [];
  const bytes = middlesOf(study, 'bytes');
  return cellsOf(study).flatMap((cell) => {
    const asked = askedOf(factor, cell);
    const came = got[cell]!;
    if (!(asked > 0) || Number.isNaN(came)) return [];
    const seconds = bytes === null ? NaN : (bytes[cell]! * 8) / came;
    const isShort = seconds < SHORT_S;
    const above = isShort ? TOLERANCE.shortRate : TOLERANCE.rateAbove;
    const below = isShort ? TOLERANCE.shortRate : TOLERANCE.rateBelow;
    if (came > asked * (1 + above)) return [{ cell, asked, got: came, way: 'above', isShort }];
    if (came < asked * (1 - below))
      return [{ cell, asked, got: came, isShort, way: stoodStill(study, factor, cell, got) ? 'enough' : 'below' }];
    return [];
  });
}

/** True where a lower asked rate, all else equal, gave the same: then the encoder did not want more. */
function stoodStill(study: Study, factor: Factor, cell: number, got: Float64Array): boolean {
  return cellsOf(study).some(
    (other) =>
      askedOf(factor, other) < askedOf(factor, cell) &&
      Math.abs(got[other]! / got[cell]! - 1) < SAME_RATE &&
      study.factors.every(
        ({ name, codes, together }) =>
          name === factor.name || together.includes(factor.name) || codes[other] === codes[cell],
      ),
  );
}

function periodMisses(study: Study, factor: Factor): Miss[] {
  const period = middlesOf(study, 'keyframe.period');
  const keyframes = middlesOf(study, 'keyframes');
  const frames = middlesOf(study, 'frames');
  if (keyframes === null || frames === null) return [];
  return cellsOf(study).flatMap((cell) => {
    const asked = askedOf(factor, cell);
    const came = period?.[cell] ?? NaN;
    if (Number.isNaN(asked)) return [];
    if (asked <= 0) return came > 0 ? [{ cell, asked, got: came, way: 'auto' }] : [];
    if (!(frames[cell]! >= LEAST_PERIODS * asked)) {
      // So long a period does not fit into the run: only more keyframes than the first are seen.
      if (keyframes[cell]! <= 1)
        study.notes.add(
          `whether ${words.levelText(study, factor, factor.codes[cell]!)} was kept is not known: its runs of ${formatNumber(frames[cell]!)} frames are shorter than two periods and have no second keyframe`,
        );
      return came > 0 && came < asked * (1 - TOLERANCE.periodBelow) ? [{ cell, asked, got: came, way: 'below' }] : [];
    }
    if (keyframes[cell]! <= 1) return [{ cell, asked, got: NaN, way: NEVER }];
    if (came > asked * (1 + TOLERANCE.periodAbove)) return [{ cell, asked, got: came, way: 'above' }];
    // Frames hold as many whole periods as there must be keyframes, wherever the recording began.
    const least = Math.floor(frames[cell]! / (asked * (1 + TOLERANCE.periodAbove)));
    if (keyframes[cell]! < least) return [{ cell, asked, got: frames[cell]! / keyframes[cell]!, way: 'above' }];
    if (came < asked * (1 - TOLERANCE.periodBelow)) return [{ cell, asked, got: came, way: 'below' }];
    return [];
  });
}

function frameMisses(study: Study, factor: Factor): Miss[] {
  const got = middlesOf(study, 'stream.rate captured') ?? middlesOf(study, 'stream.rate encoded');
  if (got === null) return [];
  return cellsOf(study).flatMap((cell) => {
    const asked = askedOf(factor, cell);
    const came = got[cell]!;
    if (came < asked * (1 - TOLERANCE.frames)) return [{ cell, asked, got: came, way: 'below' }];
    if (came > asked * (1 + TOLERANCE.frames)) return [{ cell, asked, got: came, way: 'above' }];
    return [];
  });
}

const UNITS: Readonly<Record<AskedKind, string>> = {
  bitrate: 'bit/s',
  'keyframe period': 'frame',
  'frame rate': 'frame/s',
};
const METRICS: Readonly<Record<AskedKind, string>> = {
  bitrate: 'bitrate',
  'keyframe period': 'keyframe.period',
  'frame rate': 'stream.rate captured',
};
const MAX_LEVELS = 6;

function finding(study: Study, factor: Factor, kind: AskedKind, way: string, misses: readonly Miss[]): Finding {
  const unit = UNITS[kind];
  const levels = [...Map.groupBy(misses, ({ asked }) => asked)].toSorted(
    ([a], [b]) => badness(way, b, misses) - badness(way, a, misses),
  );
  const [asked, worst] = levels[0]!;
  const known = cellsOf(study).filter((cell) => !Number.isNaN(askedOf(factor, cell)));
  const cellsThatAsk = (value: number) => known.filter((cell) => askedOf(factor, cell) === value);
  /** Of the cells that asked for a value those that did not get it: `bitrate=2M with codec=vp9`. */
  const sharedBy = (value: number, own: readonly Miss[]) =>
    sharedSetting(
      study,
      own.map(({ cell }) => cell),
      cellsThatAsk(value),
    );
  const written = (value: number, own: readonly Miss[]) =>
    [words.levelText(study, factor, factor.numbers!.indexOf(value)), sharedBy(value, own).text]
      .filter((part) => part !== '')
      .join(' ');
  const apart = sharedBy(asked, worst).factor;
  return {
    kind: 'not-honoured',
    id: `not-honoured:${factor.name}:${way}`,
    title: titleOf(kind, way, {
      written: written(asked, worst),
      asked,
      got: worst.map(({ got }) => got).toSorted((a, b) => a - b),
      rate: rateOf(study, worst),
      frames: framesOf(study, worst),
    }),
    advice:
      misses.some(({ isShort }) => isShort) && way !== 'enough'
        ? `${ADVICE[kind][way]!} ${TOO_SHORT}`
        : ADVICE[kind][way]!,
    evidence: [
      ...levels.slice(0, MAX_LEVELS).map(([value, own]): Evidence => ({
        label: `got at ${written(value, own)}`,
        value: way === NEVER ? 0 : median(own.map(({ got }) => got)),
        unit: way === NEVER ? 'frame' : unit,
      })),
      { label: 'cells', value: `${misses.length} of ${known.length}`, unit: null },
    ],
    p: null,
    weight: way === 'auto' ? 0.5 : Math.min(1, Math.abs(badness(way, asked, misses)) / 2),
    view: { placed: words.placed(factor.name, apart?.name ?? null), stats: [METRICS[kind]] },
    runs: words.cellRuns(
      study,
      worst.map(({ cell }) => cell),
    ),
  };
}

/** How far off, as a logarithm: the farthest first. */
function badness(way: string, asked: number, misses: readonly Miss[]): number {
  if (way === 'auto') return 0;
  if (way === NEVER) return 2;
  const got = median(misses.filter((miss) => miss.asked === asked).map((miss) => miss.got));
  return Math.abs(Math.log(got / asked));
}

interface Facts {
  readonly written: string;
  readonly asked: number;
  /** Of each cell what came, ascending. */
  readonly got: readonly number[];
  /** Frames a second; NaN where it is not known. */
  readonly rate: number;
  readonly frames: number;
}

function titleOf(kind: AskedKind, way: string, { written, asked, got, rate, frames }: Facts): string {
  const middle = median(got);
  if (kind === 'keyframe period') {
    const seconds = Number.isNaN(rate) ? '' : ` (${formatNumber(middle / rate)} s)`;
    if (way === 'auto') return `${written} means a keyframe every ${formatNumber(middle)} frames${seconds}`;
    if (way === NEVER) return `${written} brought no second keyframe in ${formatNumber(frames)} frames`;
    return `${written} was not kept: a keyframe came every ${formatNumber(middle)} frames${seconds}`;
  }
  const wanted = formatQuantity(asked, UNITS[kind]);
  const [low, high] = [got[0]!, got.at(-1)!];
  const isRange = high > low * MUCH_APART;
  const text = (value: number) => formatQuantity(value, UNITS[kind]);
  const came = isRange ? `${text(low)} to ${text(high)}` : text(middle);
  const share = isRange
    ? `${words.percent(low / asked)} to ${words.percent(high / asked)} of it`
    : words.ratioText(middle / asked);
  if (way === 'enough') return `${written} asked for ${wanted}, the encoder used ${came}, and less asked gave as much`;
  return `${written} asked for ${wanted}, and got ${came} (${share})`;
}

/** Cells that differ by less are told by their median. */
const MUCH_APART = 1.1;

const TOO_SHORT = `Runs shorter than ${SHORT_S} s tell little of it: a rate control needs some seconds to settle.`;

const ADVICE: Readonly<Record<AskedKind, Readonly<Record<string, string>>>> = {
  bitrate: {
    above: 'The rate control misses its target: give it a limit (maxrate and bufsize), or count with what came.',
    below:
      'The encoder used less than it was allowed to: either the pictures need no more (its quantizer is then near its smallest), or its rate control is too careful.',
    enough:
      'The pictures need no more: a higher bitrate changes nothing here. Take the smallest one that gives as much.',
  },
  'keyframe period': {
    above: 'The encoder places fewer keyframes than asked: joining a stream and recovering from losses take longer.',
    below:
      'More keyframes than asked: scene cut detection, or a limit of the encoder. Where the period must be exact, turn scene cuts off.',
    auto: 'The encoder chooses by itself: this is what it chose. Write the number down if it matters.',
    never: 'The setting did not reach the encoder, or it goes by another name there.',
  },
  'frame rate': {
    above: 'More frames than asked for: the setting did not reach the source.',
    below: 'Source, capture or encoder did not keep up: look at the times of capture and encode.',
  },
};

function rateOf(study: Study, misses: readonly Miss[]): number {
  const rates = middlesOf(study, 'stream.rate encoded');
  if (rates !== null) return median(misses.map(({ cell }) => rates[cell]!));
  const setting = study.dataset.properties.find(({ name }) => name === 'framerate');
  const numbers = setting?.numbers ?? null;
  if (setting === undefined || numbers === null) return NaN;
  return median(misses.map(({ cell }) => numbers[setting.codes[study.firstRow[cell]!]!] ?? NaN));
}

function framesOf(study: Study, misses: readonly Miss[]): number {
  const frames = middlesOf(study, 'frames');
  return frames === null ? NaN : median(misses.map(({ cell }) => frames[cell]!));
}

function cellsOf({ cellCount }: Study): number[] {
  return Array.from({ length: cellCount }, (_, cell) => cell);
}
