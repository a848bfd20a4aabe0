// What streams: our own parts from end to end, or a SPICE desktop, whose pictures come from our encoder in the guest or from the stock
// server itself. The page shows and offers what each of them has.

import type { AgentState, LiveState } from '#core/live';
import type { Settings } from '#core/settings';
import { roleOfFrames } from '#analysis/frame-teller';
import { PART_ROLES, type SessionPart } from '#core/session';

/** `stock`: nobody saw its frames captured, and the tap before the server numbers them. */
export type SessionWay = 'loopback' | 'guest' | 'stock';

/** Of the session that is there, or was last. */
export function sessionWay(state: LiveState | null): SessionWay {
  const session = state?.session ?? null;
  if (state === null || session?.settings['session'] !== 'spice') return 'loopback';
  const hasSender = session.parts.some(({ part }) => part === 'sender');
  return hasSender ? 'guest' : spiceWay(state.agents);
}

/** Of a SPICE session with these agents: of a guest with a stream device our encoder feeds the server. */
export function spiceWay(agents: readonly AgentState[]): SessionWay {
  const hasDevice = agents.some(
    ({ role, spice }) => role === PART_ROLES.sender && spice !== null && spice.device !== null,
  );
  return hasDevice ? 'guest' : 'stock';
}

/**
 * Settings with the kind of session, which those of a benchmark's cell do not say: of SPICE is what only a tap tells, the frames themselves or
 * its measurements. A tap stands beside loopback sessions too, whose receiver is our own and tells what it receives.
 * @param places `role step` of all steps that were recorded
 */
export function recordedSettings(
  settings: Settings,
  indicators: readonly { readonly name: string }[],
  places: ReadonlySet<string>,
): Settings {
  if (settings['session'] !== undefined) return settings;
  const isTapped =
    indicators.some(({ name }) => name.startsWith('tap.')) && !places.has(`${PART_ROLES.receiver} receive`);
  return isTapped || roleOfFrames(places) === PART_ROLES.relay ? { ...settings, session: 'spice' } : settings;
}

/** Whether a SPICE session can be begun: clients connect through the tap of one of the agents. */
export function hasTap(agents: readonly AgentState[]): boolean {
  return agents.some(
    ({ role, connected, spice }) => role === PART_ROLES.relay && connected && spice !== null && spice.tap !== null,
  );
}

const SPICE_WORDS: Readonly<Record<SessionPart, string>> = {
  sender: 'sender',
  relay: 'tap',
  receiver: 'log reader',
};

/** What a part is called: in a SPICE session the relay is the tap, and the receiver what reads the stock client's log. */
export function partWord(part: SessionPart, way: SessionWay): string {
  return way === 'loopback' ? part : SPICE_WORDS[part];
}

/** What of a SPICE desktop an agent stands beside, for people. */
export function spiceWords({ spice }: AgentState): string[] {
  if (spice === null) return [];
  const { tap, device, log } = spice;
  const address = ({ host, port }: { host: string; port: number }) =>
    `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return [
    ...(tap === null ? [] : [`tap ${address(tap.listen)} → ${address(tap.server)}`]),
    ...(device === null ? [] : [`stream device ${device}`]),
    ...(log === null ? [] : [`GStreamer’s log ${log}`]),
  ];
}
