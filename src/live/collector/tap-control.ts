// Settings of a SPICE desktop that its tap sees to: what clients prefer. Where a stock server encodes there are no others but those that
// only hooks and people know of.

import type { ControlResult } from '#core/live';
import type { NetworkConditions } from '#core/session';
import { formatSettingValue, type SettingValue } from '#core/settings';
import { UserError } from '#core/user-error';
import type { LiveSession } from '#session/live-session';
import { formatNetwork } from '#session/network-setting';
import { LONGEST_SWITCH_MS, noSwitchBecause } from '#session/spice/parts/codec-switch';
import type { Agent } from './agent.ts';
import type { SettingChanges } from './change-queue.ts';
import type { Director } from './director.ts';
import { PREFERRED, readAnswer } from './read-answer.ts';
import { reasonOf, refusal } from './refusal.ts';

/** The first is longer than the tap waits. */
const PREFER_ANSWER_MS = LONGEST_SWITCH_MS + 5_000;
const BACK_ANSWER_MS = 10_000;
const PREFERENCES = ['codec', 'compression'];
const NO_WAY_BACK = 'what its client prefers by itself is not known: name one, or let the client connect anew';

/** Those of the changes that concern the tap, `network` left out. */
export function tapChanges(changes: SettingChanges, { stream }: LiveSession): SettingChanges {
  if (stream === null) return changes;
  return Object.fromEntries(Object.entries(changes).filter(([name]) => name === 'compression'));
}

/**
 * @param resolved the session with these changes
 * @param network in force meanwhile
 * @param hasTime false once the wait for a codec is to be given up, by `giveUpCodec`
 */
export async function changeTap(
  director: Director,
  changes: SettingChanges,
  resolved: LiveSession,
  network: NetworkConditions,
  hasTime: () => boolean,
): Promise<ControlResult[]> {
  const results: ControlResult[] = [];
  const asked: [string, SettingValue][] = [];
  for (const [name, value] of Object.entries(changes)) {
    if (!PREFERENCES.includes(name)) results.push(label(name, value));
    else if (value === null) results.push(refusal(name, value, NO_WAY_BACK));
    else asked.push([name, value]);
  }
  if (asked.length > 0) results.push(...(await prefer(director, asked, resolved, network, hasTime)));
  return results;
}

/** Nothing of ours acts on it. */
function label(name: string, value: SettingValue | null): ControlResult {
  const actual = value === null ? null : formatSettingValue(value);
  return { name, requested: value ?? '', actual, how: 'live', gapMs: null, note: null };
}

async function prefer(
  director: Director,
  asked: readonly (readonly [string, SettingValue])[],
  { wish: { codecs, compression } }: LiveSession,
  network: NetworkConditions,
  hasTime: () => boolean,
): Promise<ControlResult[]> {
  const names = asked.map(([name]) => name);
  const wish = {
    ...(names.includes('codec') ? { codecs } : {}),
    ...(names.includes('compression') ? { compression } : {}),
  };
  try {
    const tap = director.holder('relay');
    if (tap === null) throw new UserError({ what: 'no tap is at work' });
    const command = { name: 'part', part: 'relay', command: 'prefer', ask: { wish } } as const;
    const answer = await tap.agent.ask(command, { timeoutMs: PREFER_ANSWER_MS });
    const { codec, switchMs, isOpen } = readAnswer(PREFERRED, answer, tap.agent);
    const isOther = codec !== null && codecs?.includes(codec) === false;
    // What waits before a narrow line, or is not waited for, is asked for still: its stream may be on its way.
    const mayCome = isOther && isOpen && (network.rate.length > 0 || !hasTime());
    if (isOther && !mayCome) await preferAgain(tap.agent, director.resolved?.wish.codecs);
    return asked.map(([name, requested]): ControlResult => {
      if (name === 'codec' && mayCome)
        return { name, requested, actual: codec, how: 'next', gapMs: null, note: notYet(codec, network) };
      if (name === 'codec' && isOther) return refusal(name, requested, otherCodec(codec, network));
      const took = name === 'codec' ? { actual: codec, gapMs: switchMs } : { actual: compression ?? null, gapMs: null };
      return { name, requested, ...took, how: 'live', note: null };
    });
  } catch (error) {
    const why = reasonOf(error);
    return asked.map(([name, value]) => refusal(name, value, why));
  }
}

/** What was preferred before is a setting still: the server goes back to it. Where that fails, too, the tap's codec tells. */
async function preferAgain(agent: Agent, codecs: readonly string[] | undefined): Promise<void> {
  if (codecs === undefined) return;
  try {
    const command = { name: 'part', part: 'relay', command: 'prefer', ask: { wish: { codecs } } } as const;
    await agent.ask(command, { timeoutMs: BACK_ANSWER_MS });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
}

/** Ends the wait for a stream of a codec; the codec stays preferred. */
export async function giveUpCodec(director: Director): Promise<void> {
  const command = { name: 'part', part: 'relay', command: 'prefer', ask: { wish: {} } } as const;
  // Where the tap has gone nobody waits any more.
  await director.holder('relay')?.agent.ask(command).catch(reasonOf);
}

/** What a change of the codec waits for. */
export function codecAwaited(requested: SettingValue, network: NetworkConditions): string {
  const behind = network.rate.length === 0 ? '' : `, behind what it sent before: ${formatNetwork(network)}`;
  return `for the server's first stream of ${formatSettingValue(requested)}${behind}`;
}

function notYet(codec: string, network: NetworkConditions): string {
  return `it comes with the server's next stream, which has not begun: it sends ${codec} and ${noSwitchBecause(network)}`;
}

function otherCodec(codec: string, network: NetworkConditions): string {
  return `the server goes on with ${codec}: it ${noSwitchBecause(network)}`;
}
