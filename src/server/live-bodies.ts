// What requests to the live system may say, checked; everything has its bound.

import type { Context } from 'hono';
import { validator } from 'hono/validator';
import { z } from 'zod';
import { HOOK_ROLES } from '#core/benchmark';
import { QUALITY_METRICS } from '#core/quality';
import { UserError } from '#core/user-error';

const MAX_SETTINGS = 256;
const MAX_SECONDS = 24 * 3600;

const TEXT = z.string().min(1).max(4096);
const SETTING_NAME = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.:=+/-]{0,127}$/, 'is no name of a setting');
const SETTING_VALUE = z.union([TEXT, z.number(), z.boolean(), z.array(z.number()).max(16)]);
const atMost = <Schema extends z.ZodType<Readonly<Record<string, unknown>>>>(schema: Schema) =>
  schema.refine((settings) => Object.keys(settings).length <= MAX_SETTINGS, `more than ${MAX_SETTINGS} settings`);
const SETTINGS = atMost(z.record(SETTING_NAME, SETTING_VALUE));
const CHANGES = atMost(z.record(SETTING_NAME, SETTING_VALUE.nullable()));
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
);

/** New values, null takes a setting back; or all as the session was started. */
export const controlBody = body(
  z.union([
    z.strictObject({ changes: CHANGES, operator: OPERATOR }),
    z.strictObject({ reset: z.literal(true), operator: OPERATOR }),
  ]),
);

export const messageBody = body(z.strictObject({ text: TEXT, source: OPERATOR }));

export const recordingBody = body(
  z.strictObject({
    name: z.string().regex(/^[^\p{Cc}]{1,256}$/u, 'is no name of 256 characters at most'),
    forS: z.number().positive().max(MAX_SECONDS).nullable(),
    quality: QUALITY.nullable().default(null),
    keepOutput: z.boolean().default(false),
    identity: IDENTITY.nullable().default(null),
  }),
);

export const endBody = body(z.strictObject({ interrupted: z.boolean().default(false) }));

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
      .max(MAX_SECONDS * 1000),
  }),
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
);

export const layoutBody = body(z.strictObject({ layout: z.json() }));

/** Seconds of `?wait=`, within the bound of a long poll. */
export function waitMs(c: Context, longestS: number): number {
  const seconds = Number(c.req.query('wait') ?? 0);
  if (!Number.isFinite(seconds) || seconds < 0)
    throw new UserError({ what: `${c.req.query('wait')} is no number of seconds`, where: '?wait=' });
  return Math.min(seconds, longestS) * 1000;
}

/** @throws UserError with everything that is wrong with a body */
function body<Schema extends z.ZodType>(schema: Schema) {
  return validator('json', (value: unknown): z.output<Schema> => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new UserError(
      parsed.error.issues.slice(0, 20).map(({ path, message }) => ({
        what: message,
        where: path.length === 0 ? 'the request' : path.map(String).join('.'),
      })),
    );
  });
}
