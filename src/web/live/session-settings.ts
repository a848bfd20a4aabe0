// The settings of a session as the control centre offers them, and what a form of texts asks for.

import type { EncoderParameter } from '#core/encoder';
import type { SessionState } from '#core/live';
import { LIVE_KINDS, SPICE_CODECS, SPICE_COMPRESSIONS } from '#core/session';
import { formatSettingValue, type Settings, type SettingValue } from '#core/settings';
import type { SessionWay } from './session-way.ts';

export interface SessionSetting {
  readonly name: string;
  readonly description: string;
  /** Values to choose from, where there are few. */
  readonly values: readonly string[];
}

const OF_THE_SENDER: readonly SessionSetting[] = [
  setting('source', 'a file of the guest, lavfi:GRAPH, x11:DISPLAY, v4l2:DEVICE, kms:DEVICE'),
  setting('encoder', 'how it is encoded'),
  setting('resolution', 'of the encoded pictures: WIDTHxHEIGHT'),
  setting('framerate', 'frames a second'),
  setting('bitrate', 'bits a second: 4M, 800k'),
  setting('gop', 'frames between keyframes at most'),
];
const ADAPT = setting('adapt', 'lets the session steer its own bitrate, frame rate and resolution', ['on', 'off']);
const OF_THE_RELAY: readonly SessionSetting[] = [
  setting('transport', 'tcp loses nothing and may stall, udp may lose', ['tcp', 'udp']),
  setting('network', 'what the relay does to the stream: delay=20ms jitter=5ms loss=1% rate=4M'),
];
const CODEC = setting('codec', 'what the tap makes the client prefer; the server begins another stream', SPICE_CODECS);
const OF_THE_TAP: readonly SessionSetting[] = [
  setting('compression', 'the same for still pictures', SPICE_COMPRESSIONS),
  setting('network', 'what the tap does to all between server and client: delay=20ms jitter=5ms rate=4M'),
];

/** What a session of this kind can be asked for. A stock server's own encoder takes nothing but the codec. */
export const SESSION_SETTINGS: Readonly<Record<SessionWay, readonly SessionSetting[]>> = {
  loopback: [...OF_THE_SENDER, ...OF_THE_RELAY, ADAPT],
  guest: [...OF_THE_SENDER, ...OF_THE_TAP, ADAPT],
  stock: [CODEC, ...OF_THE_TAP],
};

/** What a session is begun with where nobody has begun one of its kind yet. */
export const FIRST_SETTINGS: Readonly<Record<SessionWay, Draft>> = {
  loopback: {
    source: 'lavfi:testsrc2=s=1280x720:r=60',
    encoder: 'libx264',
    framerate: '60',
    bitrate: '4M',
    transport: 'tcp',
  },
  guest: { source: 'x11::0', encoder: 'libx264', framerate: '30', bitrate: '4M' },
  stock: {},
};

/** The setting that chooses the kind. */
export const KIND_SETTING = setting(
  'session',
  'loopback: our own parts from end to end. spice: a SPICE desktop',
  LIVE_KINDS,
);

function setting(name: string, description: string, values: readonly string[] = []): SessionSetting {
  return { name, description, values };
}

/** What becomes of a change while the session runs. */
export type ChangeWay = 'live' | 'restart';

export const WAY_WORDS: Readonly<Record<ChangeWay, string>> = {
  live: 'the stream goes on while it is taken over',
  restart: 'the encoder or a part is started anew: a short gap, then a keyframe',
};

/** What the relay, the tap and the sender take without an encoder that is opened anew. */
const ALWAYS_LIVE: readonly string[] = ['network', 'adapt'];
/** The tap's: of another codec the server begins another stream, whose first frame is a keyframe. */
const LIVE_IN_SPICE: readonly string[] = ['codec', 'compression'];
/** Only x264 takes new values of these while it works, within the way of controlling its rate that it was opened with. */
const TAKES_LIVE = /^libx264(rgb)?$/;
const OF_A_RATE: readonly string[] = ['bitrate', 'maxrate', 'bufsize'];
const OF_A_QUALITY = 'crf';
const QUALITIES: readonly string[] = [OF_A_QUALITY, 'qp'];

/** As docs/sessions.md tells it. */
export function wayOf(name: string, session: SessionState): ChangeWay {
  if (ALWAYS_LIVE.includes(name)) return 'live';
  if (session.settings['session'] === 'spice' && LIVE_IN_SPICE.includes(name)) return 'live';
  if (!TAKES_LIVE.test(encoderOf(session))) return 'restart';
  const isAsked = (setting: string) => session.settings[setting] !== undefined;
  if (name === OF_A_QUALITY) return isAsked(name) ? 'live' : 'restart';
  return OF_A_RATE.includes(name) && !QUALITIES.some(isAsked) ? 'live' : 'restart';
}

function encoderOf(session: SessionState): string {
  return actualValue('encoder', session) ?? String(session.settings['encoder'] ?? 'libx264');
}

/** What is in force, as the parts tell it; null where none does. */
export function actualValue(name: string, session: SessionState): string | null {
  for (const { actual, state } of session.parts) {
    if (state === 'running' && actual[name] !== undefined) return actual[name];
  }
  return null;
}

export function requestedText(name: string, settings: Settings): string {
  const value = settings[name];
  return value === undefined ? '' : formatSettingValue(value);
}

export type Draft = Readonly<Record<string, string>>;

/** What Go would ask for: texts that differ from what is wanted already; an empty one takes a setting back. */
export function changesOf(draft: Draft, settings: Settings): Readonly<Record<string, SettingValue | null>> {
  const changes: Record<string, SettingValue | null> = {};
  for (const [name, text] of Object.entries(draft)) {
    const value = text.trim();
    if (value === requestedText(name, settings)) continue;
    changes[name] = value === '' ? null : value;
  }
  return changes;
}

/** `name=value` in one line; null where it is none. */
export function parseAssignment(line: string): { readonly name: string; readonly value: string } | null {
  const [, name, value] = /^\s*([A-Za-z0-9][\w.:+/-]*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
  return name === undefined || value === undefined ? null : { name, value };
}

/** Why a text can't be a value of a parameter; null where it may be one. The server has the last word. */
export function valueProblem(text: string, { type, min, max, values }: EncoderParameter): string | null {
  const value = text.trim();
  if (value === '' || values.some(({ name }) => name === value)) return null;
  if (type === 'int' || type === 'float') {
    const number = Number(value);
    if (!Number.isFinite(number)) return 'not a number';
    if (type === 'int' && !Number.isInteger(number)) return 'not a whole number';
    if (min !== null && number < min) return `below ${min}`;
    if (max !== null && number > max) return `above ${max}`;
  }
  return null;
}

/** What was asked for and what is in force say the same, as `4M` and `4000000` do. */
export function isSameValue(requested: string, actual: string): boolean {
  return requested === actual || inUnits(requested) === inUnits(actual);
}

/** `4M` and `4000000` are the same, and so are `on` and `true`. */
function inUnits(text: string): string {
  const [, digits, factor] = /^(\d+(?:\.\d+)?)([kMG])$/.exec(text) ?? [];
  if (digits !== undefined) return String(Number(digits) * { k: 1e3, M: 1e6, G: 1e9 }[factor as 'k' | 'M' | 'G']);
  if (text === 'on' || text === 'true') return '1';
  return text === 'off' || text === 'false' ? '0' : text;
}
