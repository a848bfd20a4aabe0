// What a collector says, checked: a message that makes no sense is none.

import { z } from 'zod';
import { SESSION_PARTS } from '#core/session';
import type { PartSpec } from '#session/part';
import type { AgentCommand, FromCollector } from '../agent-wire.ts';

const NAME = z.string().min(1).max(200);
const NUMBER = z.number().int().nonnegative();
const PART = z.enum(SESSION_PARTS);

/** What a part is told is checked by the part itself. */
const SPEC = z.looseObject({ part: PART, session: NAME, stream: NAME, role: NAME });

const COMMAND = z.discriminatedUnion('name', [
  z.object({ name: z.literal('start-part'), spec: SPEC }),
  z.object({ name: z.literal('stop-part'), part: PART }),
  z.object({ name: z.literal('part'), part: PART, command: NAME, ask: z.looseObject({}) }),
  z.object({
    name: z.literal('hook'),
    argv: z.array(z.string()).min(1).max(1000),
    env: z.record(z.string(), z.string()),
    timeoutMs: z.number().positive(),
  }),
  z.object({
    name: z.literal('stress'),
    stress: z.object({ cpu: z.number(), memoryBytes: z.number(), gpu: z.number() }).nullable(),
    leaseMs: z.number().positive(),
  }),
  z.object({ name: z.literal('keep-folder'), run: z.string() }),
  z.object({ name: z.literal('fetch'), run: z.string(), file: z.string() }),
  z.object({ name: z.literal('drop-folder'), run: z.string() }),
  z.object({ name: z.literal('flush') }),
]);

const MESSAGE = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('welcome'), version: NUMBER, name: NAME, nextBatch: NUMBER }),
  z.object({ kind: z.literal('refuse'), reason: z.string(), retry: z.boolean() }),
  z.object({ kind: z.literal('ack'), number: NUMBER }),
  z.object({ kind: z.literal('ping'), id: z.number() }),
  z.object({ kind: z.literal('command'), id: NUMBER, command: z.unknown() }),
]);

/** As FromCollector, with a command that may be one that we do not know: it is answered. */
export type CollectorMessage =
  | Exclude<FromCollector, { kind: 'command' }>
  | { readonly kind: 'command'; readonly id: number; readonly command: unknown };

/** Null where it is no message. */
export function parseCollectorMessage(value: unknown): CollectorMessage | null {
  const parsed = MESSAGE.safeParse(value);
  return parsed.success ? parsed.data : null;
}

/** Null where it is no command that this agent knows. */
export function parseCommand(value: unknown): AgentCommand | null {
  const parsed = COMMAND.safeParse(value);
  return parsed.success ? (parsed.data as AgentCommand & { readonly spec?: PartSpec }) : null;
}
