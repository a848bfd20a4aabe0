// The setting `network`: what the relay does to what it forwards, as a person writes it: `delay=20ms loss=1% rate=4M,1M@10s`.

import type { NetworkConditions, Transport } from '#core/session';

export const NO_NETWORK: NetworkConditions = { delayMs: 0, jitterMs: 0, loss: 0, rate: [], queueMs: 200 };

/** Bounds of the parts, so that what waits in the relay stays bounded too. */
const MAX_DELAY_MS = 5_000;
const MAX_JITTER_MS = 1_000;
const MAX_QUEUE_MS = 10_000;
const MIN_RATE = 1_000;
const MAX_RATE = 10_000_000_000;
const MAX_RATE_STEPS = 100;
const MAX_RATE_TIME_S = 86_400;

const PARTS = ['delay', 'jitter', 'loss', 'rate', 'queue'] as const;
const EXAMPLE = ['delay=20ms', 'jitter=5ms', 'loss=1%', 'rate=4M,1M@10s', 'queue=200ms'];
const RATE_UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9 };

/**
 * `none` and the empty text are a network that does nothing.
 * @param mayLose whether people are told of `loss`, where they wrote a part that is none
 */
export function parseNetwork(
  text: string,
  mayLose = true,
): { readonly ok: NetworkConditions } | { readonly problem: string } {
  const words = text.trim().split(/\s+/);
  if (words.length === 1 && (words[0] === '' || words[0] === 'none')) return { ok: NO_NETWORK };
  let conditions = NO_NETWORK;
  const seen = new Set<string>();
  for (const word of words) {
    const [name, value] = splitOnce(word);
    if (!(PARTS as readonly string[]).includes(name) || value === null)
      return { problem: `network has no part \`${word}\`: write ${partsFor(mayLose)}, or none` };
    if (seen.has(name)) return { problem: `network names ${name} twice` };
    seen.add(name);
    const part = parsePart(name as (typeof PARTS)[number], value);
    if (typeof part === 'string') return { problem: part };
    conditions = { ...conditions, ...part };
  }
  return { ok: conditions };
}

function partsFor(mayLose: boolean): string {
  const left = (words: readonly string[]) => words.filter((word) => mayLose || !word.startsWith('loss'));
  return `${left(PARTS).join(', ')} as in \`${left(EXAMPLE).join(' ')}\``;
}

/** The same conditions in one way of writing: `parseNetwork` gives them back exactly. */
export function formatNetwork(conditions: NetworkConditions): string {
  const parts: string[] = [];
  if (conditions.delayMs !== 0) parts.push(`delay=${conditions.delayMs}ms`);
  if (conditions.jitterMs !== 0) parts.push(`jitter=${conditions.jitterMs}ms`);
  if (conditions.loss !== 0) parts.push(`loss=${conditions.loss}`);
  if (conditions.rate.length > 0) {
    const steps = conditions.rate.map(
      ({ atS, bitsPerSecond }) => `${formatRate(bitsPerSecond)}${atS === 0 ? '' : `@${atS}s`}`,
    );
    parts.push(`rate=${steps.join(',')}`);
  }
  if (conditions.queueMs !== NO_NETWORK.queueMs) parts.push(`queue=${conditions.queueMs}ms`);
  return parts.length === 0 ? 'none' : parts.join(' ');
}

/** Why these conditions can't hold on this transport; null where they can. */
export function networkProblem(conditions: NetworkConditions, transport: Transport): string | null {
  if (conditions.loss === 0 || transport === 'udp') return null;
  return 'network can lose packets only where the transport may: take transport=udp, or leave loss out';
}

function parsePart(name: (typeof PARTS)[number], value: string): Partial<NetworkConditions> | string {
  switch (name) {
    case 'delay':
      return milliseconds(name, value, MAX_DELAY_MS, (delayMs) => ({ delayMs }));
    case 'jitter':
      return milliseconds(name, value, MAX_JITTER_MS, (jitterMs) => ({ jitterMs }));
    case 'queue':
      return milliseconds(name, value, MAX_QUEUE_MS, (queueMs) => ({ queueMs }));
    case 'loss':
      return parseLoss(value);
    case 'rate':
      return parseRates(value);
  }
}

function milliseconds(
  name: string,
  value: string,
  max: number,
  take: (ms: number) => Partial<NetworkConditions>,
): Partial<NetworkConditions> | string {
  const match = /^(\d+(?:\.\d+)?(?:e-\d+)?)(ms|s)$/.exec(value);
  const ms = match === null ? NaN : Number(match[1]) * (match[2] === 's' ? 1000 : 1);
  return ms <= max ? take(ms) : `network's ${name} is a time from 0 to ${max}ms such as 20ms or 0.2s, not \`${value}\``;
}

function parseLoss(value: string): Partial<NetworkConditions> | string {
  const match = /^(\d+(?:\.\d+)?(?:e-\d+)?)(%?)$/.exec(value);
  const loss = match === null ? NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  return loss <= 1 ? { loss } : `network's loss is a share such as 1% or 0.01, not \`${value}\``;
}

function parseRates(value: string): Partial<NetworkConditions> | string {
  const rate: { atS: number; bitsPerSecond: number }[] = [];
  for (const step of value.split(',')) {
    const match = /^(\d+(?:\.\d+)?)([kMG]?)(?:@(\d+(?:\.\d+)?(?:e-\d+)?)s)?$/.exec(step);
    const bitsPerSecond = match === null ? NaN : Number(match[1]) * RATE_UNITS[match[2]!]!;
    if (!(bitsPerSecond >= MIN_RATE && bitsPerSecond <= MAX_RATE))
      return `network's rate is bits a second from 1k to 10G such as 4M, or 8M,2M@10s over time, not \`${step}\``;
    const atS = Number(match![3] ?? 0);
    const before = rate.at(-1);
    if (before === undefined ? atS !== 0 : atS <= before.atS)
      return `network's rates begin with one for the start and go forward in time, as in 8M,2M@10s,8M@20s`;
    if (atS > MAX_RATE_TIME_S) return `network's rates end within a day, not at ${atS}s`;
    rate.push({ atS, bitsPerSecond });
  }
  return rate.length <= MAX_RATE_STEPS ? { rate } : `network's rate changes ${MAX_RATE_STEPS} times at most`;
}

function formatRate(bitsPerSecond: number): string {
  for (const [unit, factor] of [
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ] as const) {
    const short = `${bitsPerSecond / factor}`;
    if (bitsPerSecond >= factor && Number(short) * factor === bitsPerSecond) return `${short}${unit}`;
  }
  return String(bitsPerSecond);
}

function splitOnce(word: string): [string, string | null] {
  const at = word.indexOf('=');
  return at < 0 ? [word, null] : [word.slice(0, at), word.slice(at + 1)];
}
