// Settings that ask for a rate or a quality: what varies along a rate-quality curve.

/** The lab's own and those of common encoders, by their own names. */
export const RATE_SETTINGS: ReadonlySet<string> = new Set([
  'bitrate',
  'crf',
  'qp',
  'cq',
  'maxrate',
  'minrate',
  'bufsize',
  'global_quality',
  'quantizer',
  'target-bitrate',
]);
