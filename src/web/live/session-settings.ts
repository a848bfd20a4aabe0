// The settings of a session as the control centre offers them, and what a form of texts asks for.

import type { EncoderParameter } from '#core/encoder';
import type { SessionState } from '#core/live';
import { formatSettingValue, type Settings, type SettingValue } from '#core/settings';

export interface SessionSetting {
  readonly name: string;
  readonly description: string;
  readonly example: string;
  /** Values to choose from, where there are few. */
  readonly values: readonly string[];
}

export const SESSION_SETTINGS: readonly SessionSetting[] = [
  setting(
    'source',
    'a file of the guest, lavfi:GRAPH, x11:DISPLAY, v4l2:DEVICE, kms:DEVICE',
    'lavfi:testsrc2=s=1280x720',
  ),
  setting('encoder', 'how it is encoded', 'libx264'),
  setting('resolution', 'of the encoded pictures', '1280x720'),
  setting('framerate', 'frames a second', '60'),
  setting('bitrate', 'bits a second', '4M'),
  setting('gop', 'frames between keyframes at most', '600'),
  setting('transport', 'tcp loses nothing and may stall, udp may lose', 'tcp', ['tcp', 'udp']),
  setting('network', 'what the relay does to the stream', 'delay=20ms loss=1% rate=4M'),
  setting('adapt', 'lets the session steer its own bitrate, frame rate and resolution', 'off', ['on', 'off']),
];

function setting(name: string, description: string, example: string, values: readonly string[] = []): SessionSetting {
  return { name, description, example, values };
}

/** What becomes of a change while the session runs. */
export type ChangeWay = 'live' | 'restart' | 'next' | 'unclear';

export const WAY_WORDS: Readonly<Record<ChangeWay, string>> = {
  live: 'the stream goes on while it is taken over',
  restart: 'the encoder or a part is started anew: a short gap, then a keyframe',
  next: 'holds from the next start of the session',
  unclear: 'taken live where the encoder can, else it is opened anew',
};

const WAYS: Readonly<Record<string, ChangeWay>> = {
  framerate: 'live',
  network: 'live',
  adapt: 'live',
  source: 'restart',
  transport: 'restart',
  encoder: 'restart',
  resolution: 'restart',
  gop: 'restart',
  threads: 'restart',
  pix_fmt: 'restart',
};

/** Only x264 takes a new bitrate while it works. */
export function wayOf(name: string, session: SessionState): ChangeWay {
  const known = WAYS[name];
  if (known !== undefined) return known;
  if (name === 'bitrate') return encoderOf(session).startsWith('libx264') ? 'live' : 'restart';
  const parameter = session.parameters.find((one) => one.name === name);
  if (parameter?.live?.state === 'yes') return 'live';
  return parameter?.live?.state === 'no' ? 'restart' : 'unclear';
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
