// A workload and a seed → the work to be simulated. The same seed draws the same work.

import { randomBelow, seededRandom, type Random } from '#analysis/random';
import { RESOURCES, type NeedVector } from '#core/packing';
import type { ShapeRow } from '#core/shape';
import { UserError } from '#core/user-error';
import type { Machine } from '../packed-admission.ts';
import { drawExponential, drawLogNormal } from './draws.ts';
import { narrowed } from './narrow-shape.ts';
import { inStages } from './title-stages.ts';
import { usableShapes, type UsableShape } from './usable-shapes.ts';
import { emptyItems, type Work } from './work.ts';
import type { Arrivals, PredictionError, Quantity, TitleKind, WorkClass, Workload } from './workload.ts';

/** Items of one simulation: what fits into a gigabyte of memory. */
const MAX_ITEMS = 5_000_000;
/** Memory is reserved for the bound that holds 95 % of the truth: so many standard deviations above the median. */
const UPPER_BOUND_Z = 1.6449;
/** Name of the chunks that are replayed. */
const REPLAYED = 'encodes of the lab';
const S_PER_HOUR = 3600;
const R = RESOURCES.length;
const MEMORY = RESOURCES.indexOf('memory');

/** Measured shapes by the filter that chose them. */
export type ShapesByFilter = ReadonlyMap<string, readonly ShapeRow[]>;

/**
 * @param largest capacity of the largest worker: nothing that fits is reserved more than that
 * @throws UserError where it comes to too many items, or a filter chose no shape that can be used
 */
export function drawWork(workload: Workload, seed: number, shapes: ShapesByFilter, largest: NeedVector): Work {
  // Before they are drawn: millions of titles would take long to be refused.
  checkCount(workload, expectedItems(workload));
  const random = seededRandom(seed);
  const machine: Machine = { cores: largest[0]!, memoryBytes: largest[MEMORY]! };
  const titles = [...drawTitles(workload, random), ...replayed(workload, shapes, machine)];
  const groups = titles.flatMap(({ stages }) => stages);
  const count = groups.reduce((sum, parts) => sum + parts.reduce((items, part) => items + part.count, 0), 0);
  checkCount(workload, count);
  const empty = emptyItems(count);
  const work: Work = {
    ...empty,
    chunks: { ...empty.chunks, names: [...workload.classes.map(({ name }) => name), REPLAYED] },
    groups: {
      count: groups.length,
      first: new Int32Array(groups.length + 1),
      comesS: new Float64Array(groups.length),
      follows: new Uint8Array(groups.length),
    },
    titles: titles.length,
  };
  const draws = workload.classes.map((one, i) => drawOf(one, i, shapes, machine));
  const reserve = reservation(work, workload.prediction, largest, random);
  let group = 0;
  let item = 0;
  for (const [number, title] of titles.entries())
    for (const [stage, parts] of title.stages.entries()) {
      work.groups.first[group] = item;
      work.groups.comesS[group] = title.comesS;
      work.groups.follows[group] = stage > 0 ? 1 : 0;
      for (const part of parts)
        for (let i = 0; i < part.count; i++, item++) {
          work.items.title[item] = number;
          work.items.priority[item] = title.priority;
          work.items.deadlineS[item] = title.deadlineS;
          if (part.row === null) draws[part.class]!(work, item, part.count, random);
          else setShape(work, item, part.row, part.class);
          reserve(item);
        }
      work.groups.first[++group] = item;
    }
  return work;
}

/** Of titles of median length. */
function expectedItems({ titles }: Workload): number {
  return titles.reduce(
    (sum, { count, stages }) => sum + count * stages.flat().reduce((items, part) => items + part.count, 0),
    0,
  );
}

function checkCount({ name }: Workload, count: number): void {
  if (count <= MAX_ITEMS) return;
  throw new UserError({
    what: `the workload has ${count} items, more than the ${MAX_ITEMS} of a simulation`,
    where: name,
    todo: 'lower its counts',
  });
}

interface DrawnTitle {
  readonly comesS: number;
  readonly priority: number;
  readonly deadlineS: number;
  readonly stages: readonly (readonly DrawnPart[])[];
}

interface DrawnPart {
  /** Into the workload's classes; their number where it is replayed. */
  readonly class: number;
  readonly count: number;
  /** What it is, where it is not drawn from a class. */
  readonly row: UsableShape | null;
}

function drawTitles({ titles }: Workload, random: Random): DrawnTitle[] {
  return titles.flatMap((kind) => {
    let atS = 0;
    return Array.from({ length: kind.count }, (_, i) => {
      atS = nextArrival(kind.arrivals, atS, i, random);
      return drawTitle(kind, atS, random);
    });
  });
}

function nextArrival(arrivals: Arrivals, beforeS: number, i: number, random: Random): number {
  if (arrivals.kind === 'poisson') return beforeS + drawExponential(random, S_PER_HOUR / arrivals.perHour);
  return arrivals.kind === 'every' ? i * arrivals.seconds : 0;
}

function drawTitle({ priority, deadlineS, sigma, stages }: TitleKind, comesS: number, random: Random): DrawnTitle {
  const factor = drawLogNormal(random, 1, sigma);
  return {
    comesS,
    priority,
    deadlineS: deadlineS === null ? Infinity : comesS + deadlineS,
    stages: stages.map((parts) =>
      parts.map((part) => ({
        class: part.class,
        count: part.count === 1 ? 1 : Math.max(1, Math.round(part.count * factor)),
        row: null,
      })),
    ),
  };
}

/** Every shape an item; those of one title are one title again, in its stages. All titles are there at once. */
function replayed({ replay, classes }: Workload, shapes: ShapesByFilter, machine: Machine): DrawnTitle[] {
  if (replay === null) return [];
  const rows = usableShapes(shapes.get(replay.filter) ?? [], replay.filter);
  const once = [...Map.groupBy(rows, ({ title }) => title).values()].map((pieces) => {
    const encodes = pieces.filter(({ threads }) => threads !== null).length;
    const part = (row: UsableShape): DrawnPart => ({
      class: classes.length,
      count: 1,
      row: narrowed(row, encodes, machine),
    });
    return { comesS: 0, priority: 0, deadlineS: Infinity, stages: inStages(pieces).map((stage) => stage.map(part)) };
  });
  return Array.from({ length: replay.times }, () => once).flat();
}

/** Sets what an item truly takes. @param alike items of its class in its stage */
type Draw = (work: Work, item: number, alike: number, random: Random) => void;

function drawOf(one: WorkClass, index: number, shapes: ShapesByFilter, machine: Machine): Draw {
  if (one.kind === 'shapes') {
    const rows = usableShapes(shapes.get(one.filter) ?? [], one.filter);
    return (work, item, alike, random) =>
      setShape(work, item, narrowed(rows[randomBelow(rows.length, random)]!, alike, machine), index);
  }
  const draw = ({ median, sigma }: Quantity, random: Random) => drawLogNormal(random, median, sigma);
  return ({ items, truth, chunks }, item, alike, random) => {
    // What it is nobody says; but what there is one of in a stage is not made of chunks.
    if (alike > 1) chunks.of[item] = index;
    truth.durationS[item] = draw(one.durationS, random);
    truth.cores[item] = draw(one.cores, random);
    truth.memoryBytes[item] = draw(one.memoryBytes, random);
    items.need[item * R + 2] = draw(one.diskBytes, random);
    items.need[item * R + 3] = draw(one.network, random);
  };
}

function setShape({ items, truth, chunks }: Work, item: number, row: UsableShape, index: number): void {
  if (row.kind === 'encode') chunks.of[item] = index;
  truth.durationS[item] = row.durationS;
  truth.cores[item] = row.cores;
  truth.memoryBytes[item] = row.memoryBytes;
  items.need[item * R + 2] = row.diskBytes;
  items.need[item * R + 3] = row.network;
}

/** What is believed and reserved of an item whose truth is known: duration and cores by their median, memory by its upper bound. */
function reservation(
  { items, truth }: Work,
  error: PredictionError,
  largest: NeedVector,
  random: Random,
): (item: number) => void {
  const headroom = Math.exp(UPPER_BOUND_Z * error.memory);
  const atMost = (predicted: number, most: number, really: number) =>
    really <= most ? Math.min(predicted, most) : Math.max(predicted, really);
  return (item) => {
    const memory = truth.memoryBytes[item]!;
    items.durationS[item] = drawLogNormal(random, truth.durationS[item]!, error.duration);
    items.need[item * R] = Math.min(drawLogNormal(random, truth.cores[item]!, error.cpu), largest[0]!);
    items.need[item * R + MEMORY] = atMost(
      drawLogNormal(random, memory, error.memory) * headroom,
      largest[MEMORY]!,
      memory,
    );
  };
}
