// How encoders of the bundled engine are asked for two passes. Pure.

/** Encoders that keep the first pass's statistics in a file of their own; the others hand them to FFmpeg, which node-av does not give. */
export function hasTwoPasses(encoder: string): boolean {
  return encoder === 'libx264' || encoder === 'libx265';
}

/** The options of one pass over the frames, for an encoder that `hasTwoPasses`. */
export function passOptions(
  encoder: string,
  options: Readonly<Record<string, string>>,
  pass: 1 | 2,
  statsFile: string,
): Readonly<Record<string, string>> {
  if (encoder === 'libx264')
    return { ...options, flags: `${options['flags'] ?? ''}+pass${pass}`, passlogfile: statsFile };
  // Names and values in the list are split at colons.
  const list = `pass=${pass}:stats=${statsFile.replaceAll(/[\\':]/g, '\\$&')}`;
  const own = options['x265-params'];
  return { ...options, 'x265-params': own === undefined || own === '' ? list : `${own}:${list}` };
}

/** Files that a statistics file has beside it. */
export function statsFiles(statsFile: string): readonly string[] {
  return ['', '.mbtree', '.cutree', '.temp', '.mbtree.temp', '.cutree.temp'].map((ending) => statsFile + ending);
}
