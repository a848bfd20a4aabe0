// What requests to the live system may say, checked; everything has its bound.

import type { Context } from 'hono';
import { validator } from 'hono/validator';
import { z } from 'zod';
import { HOOK_ROLES } from '#core/benchmark';
import { QUALITY_METRICS } from '#core/quality';
import { MAX_RECORDING_S, MIN_RECORDING_S } from '#core/live';
import type { SettingValue } from '#core/settings';
import { UserError } from '#core/user-error';
import { requestProblems, shown, wordsOf } from './request-words.ts';

const MAX_SETTINGS = 256;

const TEXT = z.string().min(1).max(4096);
const SETTING_NAME = /^[A-Za-z0-9][A-Za-z0-9_.:=+/-]{0,127}$/;
const MAX_VALUE_CHARACTERS = 4096;
const MAX_VALUE_NUMBERS = 16;
const SETTINGS = settingsOf<SettingValue>(whyNoValue);
/** null takes a setting back. */
const CHANGES = settingsOf<SettingValue | null>((value) => (value === null ? null : whyNoValue(value)));
/** Who does it, for the others who look: a name without line ends. */
const OPERATOR = z
  .string()
  .regex(/^[^\p{Cc}]{1,64}$/u, 'is no name of 64 characters at most')
  .default('operator');

const QUALITY = z.strictObject({
  metrics: z.array(z.enum(QUALITY_METRICS)).min(1).max(QUALITY_METRICS.length),
  // A request names no program: the first ffmpeg that has libvmaf is taken.
  vmafEngine: z.null('it is a program: no request may name one').default(null),
  vmafModel: z
    .string()
    .regex(/^[\w.-]{1,128}$/, 'is no name of a model')
    .nullable()
    .default(null),
});

/** Of a benchmark's cell. */
const IDENTITY = z.strictObject({
  benchmark: z.string().max(512).nullable(),
  cell: z.string().max(4096).nullable(),
  repeat: z.int(),
  settings: SETTINGS,
  labels: z.array(z.string().max(128)).max(MAX_SETTINGS),
  sameKey: z.string().max(128),
});

export const sessionBody = body(
  z.discriminatedUnion('action', [
    z.strictObject({ action: z.literal('start'), settings: SETTINGS, operator: OPERATOR }),
    z.strictObject({ action: z.literal('stop'), operator: OPERATOR }),
  ]),
  'as in {"action": "start", "settings": {"source": "lavfi:testsrc2"}}, or {"action": "stop"}',
);

/** New values; or all as the session was started. */
export const controlBody = body(
  z
    .strictObject({ changes: CHANGES.optional(), reset: z.literal(true).optional(), operator: OPERATOR })
    .transform(({ changes, reset, operator }, context) => {
      if (reset === true && changes === undefined) return { reset, operator };
      if (reset === undefined && changes !== undefined) return { changes, operator };
      context.addIssue({ code: 'custom', message: 'asks either for changes or for a reset' });
      return z.NEVER;
    }),
  'as in {"changes": {"bitrate": "4M", "preset": null}}, or {"reset": true}',
);

/** Nothing else can be said: what is profiled, and how, is no request's business. */
export const profileBody = body(
  z.strictObject({ action: z.enum(['start', 'stop']), operator: OPERATOR }),
  'as in {"action": "start"}',
);

export const messageBody = body(
  z.strictObject({ text: TEXT, source: OPERATOR }),
  'as in {"text": "!new driver", "source": "ann"}',
);

export const recordingBody = body(
  z.strictObject({
    name: z.string().regex(/^[^\p{Cc}]{1,256}$/u, 'is no name of 256 characters at most'),
    forS: z.number().min(MIN_RECORDING_S).max(MAX_RECORDING_S).nullable(),
    quality: QUALITY.nullable().default(null),
    keepOutput: z.boolean().default(false),
    identity: IDENTITY.nullable().default(null),
  }),
  'as in {"name": "before", "forS": 40, "quality": {"metrics": ["xpsnr"]}}',
);

export const endBody = body(
  z.strictObject({ interrupted: z.boolean().default(false) }),
  'as in {"interrupted": false}',
);

export const hookBody = body(
  z.strictObject({
    file: z.string().regex(/^\//, 'is no absolute path').max(4096),
    moment: z.enum(['setup', 'teardown', 'before', 'after']),
    property: z.string().max(128).nullable(),
    value: z.string().max(4096).nullable(),
    index: z.int().min(0).max(1000),
    timeoutMs: z
      .int()
      .positive()
      .max(MAX_RECORDING_S * 1000),
  }),
  'the place of a command in a benchmark file, as in docs/control.md',
);

export const stressBody = body(
  z.strictObject({
    role: z.enum(HOOK_ROLES),
    load: z
      .strictObject({
        cpu: z.number().min(0).max(1024),
        memoryBytes: z
          .number()
          .min(0)
          .max(2 ** 40),
        gpu: z.int().min(0).max(64),
      })
      .nullable(),
  }),
  'as in {"role": "guest", "load": {"cpu": 2, "memoryBytes": 0, "gpu": 0}}, or "load": null',
);

export const layoutBody = body(z.strictObject({ layout: z.json() }), 'as in {"layout": …}');

/** Seconds of `?wait=`, within the bound of a long poll. */
export function waitMs(c: Context, longestS: number): number {
  const seconds = Number(c.req.query('wait') ?? 0);
  if (!Number.isFinite(seconds) || seconds < 0)
    throw new UserError({ what: `${c.req.query('wait')} is no number of seconds`, where: '?wait=' });
  return Math.min(seconds, longestS) * 1000;
}

/** Seconds of `?since=` on the collector's clock; before all where it is left out. */
export function sinceS(c: Context): number {
  const since = Number(c.req.query('since') ?? -Infinity);
  if (Number.isNaN(since)) throw new UserError({ what: 'since is a number of seconds', where: '?since=' });
  return since;
}

/**
 * Names and values, own ones only: a name like `__proto__` is refused and not lost on the way.
 * @param whyNot what is wrong with a value; null where nothing is
 */
function settingsOf<Value>(whyNot: (value: unknown) => string | null) {
  return z.unknown().transform((given, context): Readonly<Record<string, Value>> => {
    const problem = (message: string, path: string[] = []) => context.addIssue({ code: 'custom', message, path });
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      problem(given === undefined ? 'is missing' : `takes names and values, not ${shown(given)}`);
      return z.NEVER;
    }
    const entries = Object.entries(given);
    if (entries.length > MAX_SETTINGS) problem(`has ${entries.length} settings, and ${MAX_SETTINGS} are the most`);
    else
      for (const [name, value] of entries) {
        const why = SETTING_NAME.test(name) ? whyNot(value) : 'is no name of a setting';
        if (why !== null) problem(why, [name]);
      }
    return Object.fromEntries(entries) as Record<string, Value>;
  });
}

function whyNoValue(value: unknown): string | null {
  if (value === '') return 'an empty text is no value: null takes a setting back';
  if (typeof value === 'string')
    return value.length <= MAX_VALUE_CHARACTERS ? null : `takes ${MAX_VALUE_CHARACTERS} characters at most`;
  if (typeof value === 'boolean' || Number.isFinite(value)) return null;
  const isRange = Array.isArray(value) && value.length <= MAX_VALUE_NUMBERS && value.every(Number.isFinite);
  return isRange ? null : `takes a text, a number, true or false, not ${shown(value)}`;
}

/** What reads it goes down into it by calls, of which the stack holds so many. */
const MAX_DEPTH = 64;

function isShallow(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
    if (level.length === 0) return true;
  }
  return false;
}

/**
 * @param todo what such a body looks like
 * @throws UserError with everything that is wrong with a body
 */
export function body<Schema extends z.ZodType>(schema: Schema, todo: string) {
  return validator('json', (value: unknown): z.output<Schema> => {
    if (!isShallow(value))
      throw new UserError({ what: `lists and objects are ${MAX_DEPTH} deep at most`, where: 'the request', todo });
    const parsed = schema.safeParse(value, { error: wordsOf });
    if (parsed.success) return parsed.data;
    throw new UserError(requestProblems(parsed.error, todo));
  });
}
