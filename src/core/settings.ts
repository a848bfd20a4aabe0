// Settings: the parameters of a run, name = value, in one namespace.

/** One value as a person writes it: `4M`, `1280x720`, `[0, 191]`, `true`. */
export type SettingValue = string | number | boolean | readonly number[];

export type Settings = Readonly<Record<string, SettingValue>>;

/** Settings that the lab itself understands; every other name belongs to the encoder. */
export const RESERVED_SETTINGS = [
  'engine',
  'encoder',
  'source',
  'frames',
  'resolution',
  'framerate',
  'bitrate',
  'gop',
  'threads',
  'concurrent',
  'hwdecode',
  'network',
  'transport',
  'adapt',
  'stress',
  'display',
] as const;

export type ReservedSetting = (typeof RESERVED_SETTINGS)[number];

export function isReservedSetting(name: string): name is ReservedSetting {
  return (RESERVED_SETTINGS as readonly string[]).includes(name);
}

/** `0..191` for a range of frames, the value itself otherwise: the way a setting is shown in a label. */
export function formatSettingValue(value: SettingValue): string {
  return Array.isArray(value) ? value.join('..') : String(value);
}

/** The same settings written in another order give the same text: the base of every comparison and hash. */
export function canonicalSettings(settings: Settings): string {
  const names = Object.keys(settings).toSorted();
  return JSON.stringify(names.map((name) => [name, settings[name]]));
}
