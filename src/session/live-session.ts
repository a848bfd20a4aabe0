// What streams in a live system, from settings as a person wrote them: a session of our own parts, or a SPICE remote desktop, whose
// pictures are encoded by our sender in the guest or by the stock server itself.

import type { EncoderInfo } from '#core/encoder';
import { LIVE_KINDS, type LiveKind, type NetworkConditions, type Transport } from '#core/session';
import { formatSettingValue, type Settings } from '#core/settings';
import type { SettingProblem } from '#media/picture-settings';
import { NO_NETWORK } from './network-setting.ts';
import { resolveSession, type ResolvedSession } from './session-settings.ts';
import { parseTapNetwork } from './spice/tap-network.ts';
import { codecsOf, wishProblem, type ClientWish, type Compression } from './spice/client-wish.ts';

export interface LiveSession {
  readonly kind: LiveKind;
  /** Of the stream that our sender makes; null where a stock SPICE server encodes. */
  readonly stream: ResolvedSession | null;
  /** Between sender and receiver; of SPICE between server and client. */
  readonly network: NetworkConditions;
  readonly transport: Transport;
  /** What SPICE clients are made to prefer. */
  readonly wish: ClientWish;
  readonly warnings: readonly string[];
}

/** Settings that are not the sender's. */
const OF_THE_TAP = ['session', 'compression', 'network'];
/** What a stock server can be asked for. `display` is what the guest shows: hooks see to it. */
const OF_A_STOCK_SERVER = [...OF_THE_TAP, 'codec', 'display'];

/** Settings that a stock SPICE server has no option for: with one of these our encoder has to run in the guest. */
export function stockRefuses(settings: Settings): string[] {
  return Object.keys(settings).filter((name) => !OF_A_STOCK_SERVER.includes(name));
}

/** Loopback where nothing is said; null where there is no such kind. */
export function liveKindOf(settings: Settings): LiveKind | null {
  const asked = settings['session'];
  if (asked === undefined) return 'loopback';
  return LIVE_KINDS.find((kind) => kind === asked) ?? null;
}

/** Of a session's settings those that a sender is started with. */
export function senderSettings(settings: Settings): Settings {
  const { session: _, compression, ...others } = settings;
  // Of a SPICE desktop it is the tap's; else it may be a parameter of the encoder.
  return compression === undefined || liveKindOf(settings) === 'spice' ? others : { ...others, compression };
}

/**
 * Decides what can be decided before anything runs.
 * @param encoders as discovered
 * @param hasDevice whether the guest's agent has a stream device: our sender encodes then, else the stock server does
 */
export function resolveLive(
  settings: Settings,
  encoders: readonly EncoderInfo[],
  hasDevice: boolean,
): LiveSession | { readonly problems: readonly SettingProblem[] } {
  const kind = liveKindOf(settings);
  if (kind === null) {
    const what = `there is no session ${formatSettingValue(settings['session']!)}`;
    return { problems: [{ setting: 'session', what, todo: `Possible: ${LIVE_KINDS.join(', ')}.` }] };
  }
  if (kind === 'spice') return hasDevice ? ofGuest(settings, encoders) : ofStockServer(settings);
  const stream = resolveSession(senderSettings(settings), encoders);
  if ('problems' in stream) return stream;
  const { network, transport, warnings } = stream;
  return { kind, stream, network, transport, wish: {}, warnings };
}

function ofGuest(
  settings: Settings,
  encoders: readonly EncoderInfo[],
): LiveSession | { readonly problems: readonly SettingProblem[] } {
  const { network, wish, problems } = ofTap(settings);
  for (const [name, todo] of Object.entries({
    transport: 'Leave it out: SPICE carries the stream.',
    codec: 'Name an encoder instead: encoder=libx264.',
  }))
    if (name in settings) problems.push({ setting: name, what: `our encoder in the guest takes no ${name}`, todo });
  const { network: _, transport: __, codec: ___, ...ofStream } = senderSettings(settings);
  const stream = resolveSession(ofStream, encoders);
  if ('problems' in stream) return { problems: [...problems, ...stream.problems] };
  if (problems.length > 0) return { problems };
  return { kind: 'spice', stream, network, transport: 'tcp', wish, warnings: stream.warnings };
}

function ofStockServer(settings: Settings): LiveSession | { readonly problems: readonly SettingProblem[] } {
  const { network, wish, problems } = ofTap(settings);
  const codec = settings['codec'];
  const codecs = codec === undefined ? undefined : codecsOf(formatSettingValue(codec));
  const problem = codecs === undefined ? null : wishProblem({ codecs });
  if (problem !== null) problems.push({ setting: 'codec', what: problem });
  for (const name of stockRefuses(settings))
    problems.push({
      setting: name,
      what: `a stock SPICE server has its own encoder, and ${name} can't be asked of it`,
      todo: "Leave it out, or let our encoder run in the guest: start the guest's agent with --stream-device.",
    });
  if (problems.length > 0) return { problems };
  return { kind: 'spice', stream: null, network, transport: 'tcp', wish: { ...wish, codecs }, warnings: [] };
}

function ofTap(settings: Settings): {
  readonly network: NetworkConditions;
  readonly wish: ClientWish;
  readonly problems: SettingProblem[];
} {
  const problems: SettingProblem[] = [];
  const asked = settings['network'];
  const parsed = parseTapNetwork(asked === undefined ? 'none' : formatSettingValue(asked));
  if ('what' in parsed) problems.push({ setting: 'network', ...parsed });
  const compression = settings['compression'];
  const wish = compression === undefined ? {} : { compression: formatSettingValue(compression) as Compression };
  const wrong = wishProblem(wish);
  if (wrong !== null) problems.push({ setting: 'compression', what: wrong });
  return { network: 'ok' in parsed ? parsed.ok : NO_NETWORK, wish, problems };
}
