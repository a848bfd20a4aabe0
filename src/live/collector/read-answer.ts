// What agents answer to commands, checked before anybody believes it.

import { z } from 'zod';
import type { ControlResult } from '#core/live';
import { UserError } from '#core/user-error';
import type { AgentHookResult } from '../agent-wire.ts';
import type { Agent } from './agent.ts';
import { isWireName } from '../wire-name.ts';

const MAX_TEXT = 10_000;
const MAX_RESULTS = 1_000;
const MAX_PATH = 4_096;
/** Frames are numbered with 32 bits. */
const MAX_FRAME = 2 ** 31 - 1;

const text = z.string().max(MAX_TEXT);
const frame = z.number().int().min(0).max(MAX_FRAME);
const bytes = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** To `mark`. */
export const MARKED = z.object({ stream: z.string().refine(isWireName), frame });
/** To `unmark`: -1 where no frame came at all, as of a screen that stands still. */
export const UNMARKED = MARKED.extend({ frame: z.union([frame, z.literal(-1)]) });
/** To `prefer`. */
export const PREFERRED = z.object({
  codec: text.nullable(),
  switchMs: z.number().min(0).nullable(),
  isOpen: z.boolean(),
});
/** To `unkeep`. */
export const UNKEPT = z.object({ frames: bytes, bytes, cut: z.boolean() });
/** To `keep-folder`. */
export const FOLDER = z.string().min(1).max(MAX_PATH);
/** To `control`. */
export const RESULTS: z.ZodType<readonly ControlResult[]> = z
  .array(
    z.object({
      name: text,
      requested: z.union([text, z.number(), z.boolean(), z.array(z.number()).max(MAX_RESULTS)]),
      actual: text.nullable(),
      how: z.enum(['live', 'restart', 'next', 'refused']),
      gapMs: z.number().min(0).nullable(),
      note: text.nullable(),
    }),
  )
  .max(MAX_RESULTS);
/** To `hook`; what a command wrote is bounded by the message. */
export const HOOK_RESULT: z.ZodType<AgentHookResult> = z.object({
  code: z.number().int().nullable(),
  end: text,
  stdout: z.string(),
  stderr: z.string(),
});

/** @throws UserError where it is not what was asked for */
export function readAnswer<T>(shape: z.ZodType<T>, answer: unknown, { name }: Agent): T {
  const checked = shape.safeParse(answer);
  if (checked.success) return checked.data;
  throw new UserError({
    what: 'the agent answered something that makes no sense',
    where: name,
    todo: 'Make sure that agent and collector are the same encodelab.',
  });
}
