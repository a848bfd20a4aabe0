// What each encoder must be told so that keyframes stand exactly where the plan has them: a closed GOP of equal length from
// the chunk's first frame on, and no keyframe of the encoder's own choice. Proved with real encodes in gop-settings.test.ts.

import type { Settings, SettingValue } from '#core/settings';

/** A parameter that holds a list of names and values, and what stands in it. */
interface OwnList {
  readonly parameter: string;
  readonly entries: (gop: number) => Readonly<Record<string, string | number>>;
  /** Names of the encoder's that would move keyframes. */
  readonly others: readonly string[];
}

interface GopWay {
  /** Parameters of the encoder by FFmpeg's names. */
  readonly settings: (gop: number) => Settings;
  readonly list: OwnList | null;
  /** True where the list knows how full a rate buffer is at the beginning. */
  readonly bufferStart: boolean;
  readonly twoPasses: boolean;
}

/**
 * A chunk's buffer begins half full: chunks that each begin with a full one (90 % by default) keep to their cap, and yet
 * the joined stream underflows at the seams.
 */
const BUFFER_START = 0.5;

const WAYS: Readonly<Record<string, GopWay>> = {
  libx264: {
    settings: (gop) => ({ gop, keyint_min: gop, sc_threshold: 0 }),
    // stitchable: headers do not depend on what the chunk holds, so that one set of them serves the joined stream.
    list: {
      parameter: 'x264-params',
      entries: () => ({ stitchable: 1, 'open-gop': 0 }),
      others: ['keyint', 'min-keyint', 'scenecut', 'open-gop', 'intra-refresh', 'stitchable', 'stats', 'pass'],
    },
    bufferStart: true,
    twoPasses: true,
  },
  libx265: {
    settings: (gop) => ({ gop, keyint_min: gop }),
    list: {
      parameter: 'x265-params',
      entries: (gop) => ({ scenecut: 0, 'open-gop': 0, keyint: gop, 'min-keyint': gop }),
      others: ['keyint', 'min-keyint', 'scenecut', 'open-gop', 'intra-refresh', 'rc-lookahead-gop', 'stats', 'pass'],
    },
    bufferStart: true,
    twoPasses: true,
  },
  'libvpx-vp9': { settings: (gop) => ({ gop, keyint_min: gop }), list: null, bufferStart: false, twoPasses: true },
  'libaom-av1': {
    settings: (gop) => ({ gop, keyint_min: gop }),
    list: null,
    bufferStart: false,
    twoPasses: true,
  },
  libsvtav1: {
    settings: (gop) => ({ gop }),
    list: {
      parameter: 'svtav1-params',
      entries: () => ({ scd: 0, 'irefresh-type': 2 }),
      others: ['keyint', 'scd', 'irefresh-type', 'force-key-frames', 'pass'],
    },
    bufferStart: false,
    twoPasses: false,
  },
  librav1e: { settings: (gop) => ({ gop, keyint_min: gop }), list: null, bufferStart: false, twoPasses: false },
};

/** Encoders whose keyframes are known to stand where they are told. */
export const GOP_ENCODERS: readonly string[] = Object.keys(WAYS);

/** True where encodelab knows how the encoder encodes in two passes. */
export function knowsTwoPasses(encoder: string): boolean {
  return WAYS[encoder]?.twoPasses === true;
}

export type WithGop =
  | { readonly settings: Settings }
  /** The setting that can't be had beside a plan, and why. */
  | { readonly setting: string; readonly what: string };

/**
 * A rung's settings with what holds its keyframes in place. An encoder that is not known here is told the distance only.
 * @param capped true where a rate is held over a buffer
 */
export function withGop(rung: Settings, gop: number, capped: boolean): WithGop {
  const way = WAYS[String(rung['encoder'])];
  if (way === undefined) return { settings: { ...rung, gop } };
  const own = way.settings(gop);
  for (const name of Object.keys(own))
    if (rung[name] !== undefined && rung[name] !== own[name])
      return { setting: name, what: `${name} belongs to the plan: the ladder's gop places the keyframes of all rungs` };
  const settings: Record<string, SettingValue> = { ...rung, ...own };
  if (way.list === null) return { settings };
  const { parameter, entries, others } = way.list;
  const asked = rung[parameter];
  const said = asked === undefined ? [] : String(asked).split(':');
  const wrong = said.map((entry) => entry.split('=')[0]!.replaceAll('_', '-')).find((name) => others.includes(name));
  if (wrong !== undefined)
    return { setting: parameter, what: `${wrong} in ${parameter} belongs to the plan, which places the keyframes` };
  const added = Object.entries(entries(gop)).map(([name, value]) => `${name}=${value}`);
  if (capped && way.bufferStart && !said.some((entry) => entry.startsWith('vbv-init')))
    added.push(`vbv-init=${BUFFER_START}`);
  settings[parameter] = [...said.filter((entry) => entry !== ''), ...added].join(':');
  return { settings };
}
