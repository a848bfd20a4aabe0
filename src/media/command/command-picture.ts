// What goes into a command: size, rate and frames of the source's pictures, as the settings ask for them.

import type { EncoderInfo } from '#core/encoder';
import { BUNDLED_ENGINE } from '#core/engine';
import type { SettingValue, Settings } from '#core/settings';
import type { SourceInfo } from '#core/source';
import { resolveEncode, type EncodeParameters, type SettingProblem } from '../encode-settings.ts';
import { parseFrames, parseNumber } from '../setting-value.ts';
import { Y4M_FORMATS } from './y4m.ts';

/** Settings that say what goes in; every other one belongs to the command. */
export const PICTURE_SETTINGS = ['frames', 'resolution', 'framerate', 'pix_fmt', 'concurrent'];

/** Stands for the command where an encode has its encoder: it takes what a YUV4MPEG2 file can hold. */
const PICTURES: EncoderInfo = {
  name: 'y4m',
  codec: 'rawvideo',
  description: '',
  engine: BUNDLED_ENGINE,
  hardware: false,
  threads: 'none',
  pixelFormats: Y4M_FORMATS,
  parameters: [],
  subOptions: [],
  device: null,
  available: true,
  reason: null,
};

export type ResolvedPicture =
  | {
      readonly picture: EncodeParameters;
      /** Commands at once in one run. */
      readonly concurrent: number;
      readonly warnings: readonly string[];
    }
  | { readonly problems: readonly SettingProblem[] };

/**
 * Decides size, rate, frames and pixel format of what a command is given, as for an encode with the same settings.
 * @param labels names in `settings` that only name a group of others
 */
export function resolvePicture(settings: Settings, labels: readonly string[], source: SourceInfo): ResolvedPicture {
  const asked: Record<string, SettingValue> = { encoder: PICTURES.name };
  for (const name of PICTURE_SETTINGS)
    if (Object.hasOwn(settings, name) && !labels.includes(name)) asked[name] = settings[name]!;
  const resolved = resolveEncode(asked, [], source, [PICTURES]);
  if ('problems' in resolved) return resolved;
  const { job, concurrent } = resolved;
  const warnings = job.variableFrameRate
    ? [`${source.path} has a variable frame rate, and {y4m} holds its pictures at their average rate: set framerate`]
    : [];
  return { picture: job, concurrent, warnings: [...resolved.warnings, ...warnings] };
}

/** Frames that go in where there is no source: what the setting `frames` counts. */
export function countedFrames(settings: Settings): number | null {
  const asked = settings['frames'];
  if (asked === undefined) return null;
  const range = parseFrames(asked);
  return range === null ? parseNumber(asked) : range[1] - range[0] + 1;
}
