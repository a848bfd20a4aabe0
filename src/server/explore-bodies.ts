// What requests to the explorer may say, checked; everything has its bound.

import { z } from 'zod';
import { MAX_STATS, PLOT_KINDS, VIEW_VERSION, type View } from '#explore/view';
import type { DisplayNames } from '#explore/data/dataset';
import { body } from './live-bodies.ts';

/** Bytes of a request: the ids of a hundred thousand runs. */
export const MAX_EXPLORE_BODY_BYTES = 6 * 2 ** 20;
const MAX_CHANGED_RUNS = 100_000;
const MAX_FILTERS = 64;
/** Of one filter: more than that would be told by what is left out. */
const MAX_FILTER_VALUES = 1_000;
const MAX_LIST = 64;
const MAX_NAMED = 1_000;

const NAME = z.string().min(1).max(512);
/** Values of settings, as they are written. */
const VALUE = z.string().max(4096);
const RUN_IDS = z
  .array(z.string().regex(/^[0-9a-f-]{36}$/, 'is no id of a run'))
  .min(1)
  .max(MAX_CHANGED_RUNS);

const FILTER = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('values'),
    property: NAME,
    values: z.array(VALUE).max(MAX_FILTER_VALUES),
    absent: z.literal(true).exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('range'),
    property: NAME,
    low: z.number().nullable(),
    high: z.number().nullable(),
  }),
]);

const PLACED = z.strictObject({
  column: NAME.nullable(),
  row: NAME.nullable(),
  x: NAME.nullable(),
  color: NAME.nullable(),
  shape: NAME.nullable(),
  legend: z.array(NAME).max(MAX_LIST),
});

export const VIEW: z.ZodType<View> = z.strictObject({
  version: z.literal(VIEW_VERSION),
  benchmarks: z.array(NAME).max(MAX_LIST),
  filters: z.array(FILTER).max(MAX_FILTERS),
  placed: PLACED.nullable(),
  stats: z.array(NAME).max(MAX_STATS),
  plot: z.enum(PLOT_KINDS).nullable(),
  options: boundedRecord(VALUE, MAX_LIST),
  showInvalid: z.boolean(),
  brushes: z.array(z.strictObject({ metric: NAME, low: z.number(), high: z.number() })).max(MAX_LIST),
});

const TITLE = z.string().regex(/^[^\p{Cc}]{1,128}$/u, 'is no name of 128 characters at most');

export const NAMES: z.ZodType<DisplayNames> = z.strictObject({
  properties: boundedRecord(TITLE, MAX_NAMED),
  values: boundedRecord(boundedRecord(TITLE, MAX_NAMED), MAX_NAMED),
});

export const viewBody = body(z.strictObject({ view: VIEW }), 'as in {"view": {"version": 1, …}}');

export const namesBody = body(
  z.strictObject({ names: NAMES }),
  'as in {"names": {"properties": {"gop": "keyframe distance"}, "values": {}}}',
);

/** Whether the reason is one is checked where it is kept. */
export const exclusionBody = body(
  z.strictObject({ runs: RUN_IDS, reason: z.string().max(4096).nullable() }),
  'as in {"runs": ["0199…"], "reason": "the fan had failed"}, or "reason": null',
);

export const deleteBody = body(z.strictObject({ runs: RUN_IDS }), 'as in {"runs": ["0199…"]}');

function boundedRecord<Value extends z.ZodType>(value: Value, most: number) {
  return z.record(VALUE, value).refine((record) => Object.keys(record).length <= most, `takes ${most} names at most`);
}
