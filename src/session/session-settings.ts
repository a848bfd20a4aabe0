// From settings as a person wrote them to a stream with everything decided that can be decided before its source is open,
// or to all that is wrong with them.

import type { EncoderInfo } from '#core/encoder';
import { BUNDLED_ENGINE } from '#core/engine';
import { liveSourceOf, TRANSPORTS, type LiveSource, type NetworkConditions, type Transport } from '#core/session';
import { formatSettingValue, type Settings, type SettingValue } from '#core/settings';
import type { Fraction } from '#core/source';
import { UserError } from '#core/user-error';
import { findEncoder, resolveBitrate, resolveGop, resolveOptions, resolveThreads } from '#media/encode-settings';
import type { Report, SettingProblem } from '#media/picture-settings';
import { resolveRate, resolveSize } from '#media/picture-settings';
import { checkGraph } from '#media/source-path';
import { parseBool } from '#media/setting-value';
import { asksForQuality } from './low-latency.ts';
import { namedFile } from './named-files.ts';
import { networkProblem, NO_NETWORK, parseNetwork } from './network-setting.ts';

/** Where the pictures come from. */
export type SessionSource =
  | { readonly kind: 'file'; readonly path: string }
  /** `lavfi:GRAPH`, whole. */
  | { readonly kind: 'lavfi'; readonly path: string }
  /** A display (`:99`, `host:0.1+100,50`), a camera or a screen's device. */
  | { readonly kind: LiveSource; readonly device: string };

export interface ResolvedSession {
  readonly source: SessionSource;
  readonly encoder: EncoderInfo['name'];
  /** Of the encoded pictures; null for those of the source. */
  readonly size: { readonly width: number; readonly height: number } | null;
  /** Null for the source's own; DEFAULT_CAPTURE_RATE where it has none. */
  readonly frameRate: Fraction | null;
  /** Bits a second; null where a quality is asked for instead. */
  readonly bitrate: number | null;
  /** Frames between keyframes at most; null for DEFAULT_GOP_S. */
  readonly gop: number | null;
  /** Null for the encoder's own choice. */
  readonly threads: number | null;
  readonly transport: Transport;
  readonly network: NetworkConditions;
  readonly adapt: boolean;
  /** Null for the nearest to the source's that is not RGB. */
  readonly pixelFormat: string | null;
  /** The encoder's own parameters as the user wants them, as FFmpeg parses them. */
  readonly options: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

export const DEFAULT_ENCODER = 'libx264';
export const DEFAULT_BITRATE = 4_000_000;
/** Frames a second of a display, a camera or a screen. */
export const DEFAULT_CAPTURE_RATE: Fraction = { num: 30, den: 1 };
/** Keyframes are large and make the stream stutter: a receiver asks for one when it needs it, and this is the last resort. */
export const DEFAULT_GOP_S = 10;

/** Slower is no stream: every wait for a next frame would end before it. */
const MIN_FRAME_RATE = 0.1;

/** Settings of an encode that a stream can't honour, and what to do instead. */
const NOT_FOR_STREAMS: Readonly<Record<string, string>> = {
  frames: 'A recording lasts as long as it is told to.',
  concurrent: 'A session is one stream.',
  hwdecode: 'Sources of a stream are decoded in software.',
};
const SOURCE_TODO = 'Add source: a file, lavfi:GRAPH, x11:DISPLAY, v4l2:DEVICE or kms:DEVICE.';

/**
 * Decides everything about a stream that does not depend on its open source.
 * @param encoders as discovered; those of the bundled engine count
 */
export function resolveSession(
  settings: Settings,
  encoders: readonly EncoderInfo[],
): ResolvedSession | { readonly problems: readonly SettingProblem[] } {
  const problems: SettingProblem[] = [];
  const problem: Report = (setting, what, todo) => problems.push({ setting, what, todo });
  const engine = formatSettingValue(settings['engine'] ?? BUNDLED_ENGINE);
  if (engine !== BUNDLED_ENGINE)
    problem('engine', `a session encodes with the engine bundled, not with ${engine}`, 'Leave engine out.');
  for (const [name, todo] of Object.entries(NOT_FOR_STREAMS))
    if (settings[name] !== undefined) problem(name, `a session can't honour ${name}`, todo);
  const source = resolveSource(settings, problem);
  const bundled = encoders.filter((each) => each.engine === BUNDLED_ENGINE);
  const encoder = findEncoder(settings['encoder'] ?? DEFAULT_ENCODER, bundled, problem);
  const size = ofSource(settings['resolution']) ? null : resolveSize(settings['resolution']!, null, problem);
  const rate = ofSource(settings['framerate']) ? null : resolveRate(settings['framerate']!, null, problem);
  if (rate !== null && rate.frameRate.num / rate.frameRate.den < MIN_FRAME_RATE)
    problem(
      'framerate',
      `${formatSettingValue(settings['framerate']!)} frames a second are less than ${MIN_FRAME_RATE}`,
    );
  const asked = resolveBitrate(settings['bitrate'], problem);
  const gop = resolveGop(settings['gop'], problem);
  const threads = resolveThreads(settings['threads'], problem);
  const transport = resolveTransport(settings['transport'], problem);
  const network = resolveNetwork(settings['network'], transport, problem);
  const adapt = resolveAdapt(settings['adapt'], problem);
  const pixelFormat = resolvePixelFormat(settings['pix_fmt'], encoder, problem);
  const options = encoder === null ? {} : resolveOptions(settings, [], encoder, problem);
  for (const [name, value] of Object.entries(options)) {
    const why = namedFile(name, value, encoder!.name);
    if (why !== null) problem(name, why);
  }
  const bitrate = asked ?? (asksForQuality(options) || 'b' in options ? null : DEFAULT_BITRATE);
  if (adapt && bitrate === null)
    problem('adapt', 'adaptation steers the bitrate, and a quality is asked for', 'Ask for a bitrate.');
  if (problems.length > 0 || source === null || encoder === null) return { problems };
  const named = settings['display'] === undefined ? null : displayName(formatSettingValue(settings['display']));
  const warnings =
    named === null || settings['source'] === undefined || (source.kind === 'x11' && source.device === named)
      ? []
      : [`display: ${named} is not captured, as the source is ${formatSettingValue(settings['source'])}`];
  return {
    source,
    encoder: encoder.name,
    size,
    frameRate: rate?.frameRate ?? null,
    bitrate,
    gop,
    threads,
    transport,
    network,
    adapt,
    pixelFormat,
    options,
    warnings,
  };
}

function ofSource(asked: SettingValue | undefined): boolean {
  return asked === undefined || asked === 'source';
}

function resolveSource(settings: Settings, problem: Report): SessionSource | null {
  const { source, display } = settings;
  if (source === undefined) {
    const name = display === undefined ? null : displayName(formatSettingValue(display));
    if (name !== null) return { kind: 'x11', device: name };
    if (display === undefined) problem('source', 'no source is named', SOURCE_TODO);
    else problem('display', `${formatSettingValue(display)} is no X display, and no source is named`, SOURCE_TODO);
    return null;
  }
  const path = formatSettingValue(source).trim();
  const live = liveSourceOf(path);
  if (live !== null) {
    const device = path.slice(live.length + 1);
    const known = live === 'x11' ? displayName(device) : device.startsWith('/dev/') ? device : null;
    if (known !== null) return { kind: live, device: known };
    problem(
      'source',
      live === 'x11' ? `"${device}" is no X display` : `"${device}" is no device`,
      {
        x11: 'Write x11::0, or x11::0+100,50 for a part of it.',
        v4l2: 'Write v4l2:/dev/video0.',
        kms: 'Write kms:/dev/dri/card0.',
      }[live],
    );
    return null;
  }
  if (!path.startsWith('lavfi:')) {
    if (path !== '') return { kind: 'file', path };
    problem('source', 'no source is named', SOURCE_TODO);
    return null;
  }
  try {
    checkGraph(path, path.slice('lavfi:'.length));
    return { kind: 'lavfi', path };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    problem('source', error.problems[0]!.what, error.problems[0]!.todo);
    return null;
  }
}

/** `:99`, `99`, `host:0.1`, each with a place on it: `:99+100,50`; null for what is none. */
function displayName(text: string): string | null {
  if (/^\d+(\.\d+)?(\+\d+,\d+)?$/.test(text)) return `:${text}`;
  return /^[\w.-]*:\d+(\.\d+)?(\+\d+,\d+)?$/.test(text) ? text : null;
}

function resolveTransport(asked: SettingValue | undefined, problem: Report): Transport {
  const found = asked === undefined ? 'tcp' : TRANSPORTS.find((each) => each === asked);
  if (found !== undefined) return found;
  problem('transport', `there is no transport ${formatSettingValue(asked!)}`, `Possible: ${TRANSPORTS.join(', ')}.`);
  return 'tcp';
}

function resolveAdapt(asked: SettingValue | undefined, problem: Report): boolean {
  const adapt = asked === undefined ? false : parseBool(asked);
  if (adapt === null) problem('adapt', `"${formatSettingValue(asked!)}" is neither on nor off`);
  return adapt ?? false;
}

function resolvePixelFormat(
  asked: SettingValue | undefined,
  encoder: EncoderInfo | null,
  problem: Report,
): string | null {
  if (asked === undefined) return null;
  const name = formatSettingValue(asked);
  const supported = encoder?.pixelFormats ?? [];
  if (supported.length > 0 && !supported.includes(name))
    problem('pix_fmt', `${encoder!.name} does not take ${name}`, `Possible: ${supported.join(', ')}.`);
  return name;
}

function resolveNetwork(asked: SettingValue | undefined, transport: Transport, problem: Report): NetworkConditions {
  const parsed = parseNetwork(asked === undefined ? 'none' : formatSettingValue(asked));
  const what = 'problem' in parsed ? parsed.problem : networkProblem(parsed.ok, transport);
  if (what !== null) problem('network', what);
  return 'ok' in parsed ? parsed.ok : NO_NETWORK;
}
