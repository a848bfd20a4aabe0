// What HDR10 encoders are told of the display that a source was graded on, and of its brightest pictures: only their own
// parameters carry it into every keyframe, whichever engine encodes.

import { formatSettingValue, type Settings } from '#core/settings';
import type { ContentLight, MasteringDisplay, VideoStreamInfo } from '#core/source';

type LightOfSource = Pick<VideoStreamInfo, 'masteringDisplay' | 'contentLight'>;

interface LightWay {
  /** Parameter that holds a list of names and values. */
  readonly parameter: string;
  readonly display: (display: MasteringDisplay) => readonly [name: string, value: string];
  readonly light: (light: ContentLight) => readonly [name: string, value: string];
}

/** HEVC counts chromaticity in steps of 0.00002 and luminance in steps of 0.0001 cd/m2 (ITU-T H.265, D.3.28). */
const CHROMATICITY_STEP = 0.00002;
const LUMINANCE_STEP = 0.0001;

const WAYS: Readonly<Record<string, LightWay>> = {
  libx265: {
    parameter: 'x265-params',
    display: (display) => [
      'master-display',
      written(
        display,
        (value) => String(Math.round(value / CHROMATICITY_STEP)),
        (value) => String(Math.round(value / LUMINANCE_STEP)),
      ),
    ],
    light: ({ maxCll, maxFall }) => ['max-cll', `${maxCll},${maxFall}`],
  },
  libsvtav1: {
    parameter: 'svtav1-params',
    display: (display) => [
      'mastering-display',
      written(
        display,
        (value) => value.toFixed(5),
        (value) => value.toFixed(4),
      ),
    ],
    light: ({ maxCll, maxFall }) => ['content-light', `${maxCll},${maxFall}`],
  },
};

/** True where the encoder writes mastering display and content light into its stream. */
export function carriesLight(encoder: string): boolean {
  return WAYS[encoder] !== undefined;
}

/** True where a source tells of the display that it was graded on, or of its brightest pictures. */
export function hasLight({ masteringDisplay, contentLight }: LightOfSource): boolean {
  return masteringDisplay !== null || contentLight !== null;
}

/** A rung's settings with the source's metadata; what the rung says itself is kept. */
export function withLight(rung: Settings, { masteringDisplay, contentLight }: LightOfSource): Settings {
  const way = WAYS[formatSettingValue(rung['encoder'] ?? '')];
  if (way === undefined) return rung;
  const asked = rung[way.parameter];
  const said = asked === undefined ? [] : formatSettingValue(asked).split(':');
  const entries = [
    ...(masteringDisplay === null ? [] : [way.display(masteringDisplay)]),
    ...(contentLight === null ? [] : [way.light(contentLight)]),
  ].filter(([name]) => !said.some((entry) => entry.split('=')[0] === name));
  if (entries.length === 0) return rung;
  return { ...rung, [way.parameter]: [...said, ...entries.map(([name, value]) => `${name}=${value}`)].join(':') };
}

/** As both encoders spell it: green, blue, red, white, greatest and least luminance. */
function written(
  { red, green, blue, white, luminance: [min, max] }: MasteringDisplay,
  chromaticity: (value: number) => string,
  luminance: (value: number) => string,
): string {
  const points = Object.entries({ G: green, B: blue, R: red, WP: white });
  const colours = points.map(([name, [x, y]]) => `${name}(${chromaticity(x)},${chromaticity(y)})`);
  return `${colours.join('')}L(${luminance(max)},${luminance(min)})`;
}
