// Settings that ask for something that is measured: under which names, and by which metric one sees what came.

export type AskedKind = 'bitrate' | 'keyframe period' | 'frame rate';

/** Names that settings have with our engines, FFmpeg's encoders and GStreamer's elements. */
const NAMES: Readonly<Record<AskedKind, ReadonlySet<string>>> = {
  bitrate: new Set(['bitrate', 'b', 'b:v', 'target-bitrate', 'target_bitrate', 'bit-rate']),
  'keyframe period': new Set([
    'gop',
    'g',
    'gop-size',
    'keyint',
    'key-int-max',
    'keyframe-period',
    'keyframe-max-dist',
    'kf-max-dist',
    'intra-period',
    'intraperiod',
  ]),
  'frame rate': new Set(['framerate', 'fps']),
};

/** What a setting decides by its very meaning: no news in a sentence. */
const DECIDES: Readonly<Record<AskedKind, RegExp>> = {
  bitrate: /^(bitrate|bytes|frame\.bytes.*|quantizer)$/,
  'keyframe period': /^(keyframe\.period|keyframes)$/,
  'frame rate': /^stream\.rate .*$/,
};

/** Null where a setting asks for nothing that is measured. */
export function askedKind(setting: string): AskedKind | null {
  const kinds = Object.keys(NAMES) as AskedKind[];
  return kinds.find((kind) => NAMES[kind].has(setting)) ?? null;
}

export function isItsMeaning(setting: string, metric: string): boolean {
  const kind = askedKind(setting);
  return kind !== null && DECIDES[kind].test(metric);
}
