// What an agent sends, checked to the last field: nothing behind this file needs to doubt a message.

import { z } from 'zod';
import { SESSION_PARTS } from '#core/session';
import type { SettingValue } from '#core/settings';
import { AGENT_WIRE_VERSION, FILE_CHUNK_BYTES, MAX_AGENT_MESSAGE_BYTES, type FromAgent } from '../agent-wire.ts';
import { unpackAgentMessage } from '../agent-packing.ts';
import { isWireName } from '../wire-name.ts';
import { checkBatch } from './check-batch.ts';
import { RefusedMessage } from './refused-message.ts';

/** More are no list that anybody looks at; the position has 16 bits. */
export const MAX_INDICATORS = 10_000;
const MAX_NAME = 64;
const MAX_TEXT = 4_000;
const MAX_ABSENT = 1_000;
const MAX_WISHES = 100;
const MAX_PICTURE_BYTES = 1024 * 1024;

const text = z.string().max(MAX_TEXT);
/** Of an agent, a role, a stream: shown in lists, and part of other names. */
const name = z.string().refine(isWireName);
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const monotonic = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
const port = z.number().int().min(0).max(65_535);
const address = z.object({ host: z.string().min(1).max(255), port });
const part = z.enum(SESSION_PARTS);
const texts = z.record(z.string().max(MAX_NAME * 4), text);
const setting: z.ZodType<SettingValue> = z.union([
  z.string().max(MAX_TEXT),
  z.number(),
  z.boolean(),
  z.array(z.number()).max(100),
]);
const rate = z.object({ atS: z.number(), bitsPerSecond: z.number() });

const environment = z.object({
  host: text,
  os: text,
  kernel: text,
  arch: text,
  cpu: z.object({
    model: text,
    cores: z.number(),
    features: z.array(text).max(MAX_ABSENT),
    governor: text.nullable(),
    maxFrequency: z.number().nullable(),
    microcode: text.nullable(),
    hypervisor: z.boolean(),
  }),
  memory: z.number(),
  container: z.object({ cpuQuota: z.number().nullable(), memoryLimit: z.number().nullable() }),
  versions: texts,
});

const indicators = z.array(z.object({ name: text, unit: text, description: text })).max(MAX_INDICATORS);
const absent = z.array(text).max(MAX_ABSENT);

const path = z.string().min(1).max(MAX_TEXT);
const spice = z.object({
  device: path.nullable(),
  tap: z.object({ listen: address, server: address }).nullable(),
  log: path.nullable(),
});

const partState = z.object({
  part,
  agent: text,
  state: z.enum(['starting', 'running', 'failed', 'stopped']),
  pid: count.nullable(),
  address: address.nullable(),
  actual: texts,
  note: text.nullable(),
  stream: name,
});

const ofSession = { session: text, stream: name, role: name, token: text };
const network = z.object({
  delayMs: z.number(),
  jitterMs: z.number(),
  loss: z.number(),
  rate: z.array(rate).max(10_000),
  queueMs: z.number(),
});
const transport = z.enum(['tcp', 'udp']);
const wish = z.object({ codecs: z.array(text).max(MAX_WISHES).optional(), compression: text.optional() });
const partSpec = z.discriminatedUnion('part', [
  z.object({
    part: z.literal('sender'),
    ...ofSession,
    settings: z.record(text, setting),
    transport,
    relay: address,
    device: text.optional(),
  }),
  z.object({
    part: z.literal('relay'),
    ...ofSession,
    listen: address,
    network,
    spice: z.object({ wish, numberedBy: z.enum(['tap', 'sender']), agent: spice.nullable() }).optional(),
  }),
  z.object({
    part: z.literal('receiver'),
    ...ofSession,
    transport,
    relay: address,
    spice: z.object({ agent: spice.nullable() }).optional(),
  }),
]);

/** What is asked first, so that a peer of any other version gets an answer. */
const anyHello = z.object({ kind: z.literal('hello'), version: z.number(), program: text.optional() });

const hello = z.object({
  kind: z.literal('hello'),
  version: z.literal(AGENT_WIRE_VERSION),
  name,
  role: name,
  instance: z.string().min(1).max(MAX_NAME),
  host: text,
  hostId: text,
  pid: count,
  program: text,
  environment,
  indicators,
  parts: z.array(part).max(SESSION_PARTS.length),
  allowsHooks: z.boolean(),
  spice: spice.nullable().optional(),
  absent,
  running: z.array(z.object({ state: partState, spec: partSpec })).max(SESSION_PARTS.length),
  oldestBatch: count,
});

const others = z.discriminatedUnion('kind', [
  hello,
  z.object({ kind: z.literal('pong'), id: count, receivedUs: monotonic, sentUs: monotonic }),
  z.object({ kind: z.literal('indicators'), indicators, absent }),
  z.object({ kind: z.literal('part'), state: partState }),
  z.object({
    kind: z.literal('picture'),
    frame: z.number().int(),
    width: z.number().int().min(1).max(16_384),
    height: z.number().int().min(1).max(16_384),
    jpeg: z.instanceof(Uint8Array).refine((bytes) => bytes.length <= MAX_PICTURE_BYTES),
  }),
  z.object({
    kind: z.literal('file'),
    id: count,
    offset: count,
    bytes: z.instanceof(Uint8Array).refine((bytes) => bytes.length <= FILE_CHUNK_BYTES),
    last: z.boolean(),
    problem: text.nullable(),
  }),
]);

const answer = z.discriminatedUnion('ok', [
  z.object({ kind: z.literal('answer'), id: count, ok: z.literal(true), value: z.unknown() }),
  z.object({ kind: z.literal('answer'), id: count, ok: z.literal(false), what: text, todo: text.optional() }),
]);

/**
 * @param indicatorCount of the agent, so far
 * @throws RefusedMessage whatever else it is
 */
export function readMessage(bytes: Uint8Array, indicatorCount: number): FromAgent {
  const message = unpack(bytes);
  const kind = (message as { kind?: unknown } | null)?.kind;
  if (kind === 'batch') return checkBatch(message, indicatorCount);
  const checked = (kind === 'answer' ? answer : others).safeParse(message);
  if (!checked.success) throw new RefusedMessage('wrong shape');
  return checked.data as FromAgent;
}

/** The version of a first message, and of the program that sent it, whatever its version is. @throws RefusedMessage where it is no hello */
export function readVersion(bytes: Uint8Array): { readonly version: number; readonly program: string } {
  const checked = anyHello.safeParse(unpack(bytes));
  if (!checked.success) throw new RefusedMessage('no hello');
  return { version: checked.data.version, program: checked.data.program ?? 'unknown' };
}

function unpack(bytes: Uint8Array): unknown {
  if (bytes.length > MAX_AGENT_MESSAGE_BYTES) throw new RefusedMessage('too long');
  try {
    return unpackAgentMessage(bytes);
  } catch (cause) {
    throw new RefusedMessage('garbage', { cause });
  }
}
