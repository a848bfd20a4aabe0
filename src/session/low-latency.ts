// What an encoder is told for a stream where the user says nothing: a frame must come out as soon as it went in, and at a
// steady rate. docs/sessions.md has the same table.

/** Parameters by encoder; a name that the encoder does not have is left out. */
const LOW_LATENCY: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  libx264: { preset: 'veryfast', tune: 'zerolatency' },
  libx264rgb: { preset: 'veryfast', tune: 'zerolatency' },
  libx265: { preset: 'ultrafast', tune: 'zerolatency' },
  libvpx: { deadline: 'realtime', 'cpu-used': '8', 'lag-in-frames': '0' },
  'libvpx-vp9': { deadline: 'realtime', 'cpu-used': '8', 'lag-in-frames': '0', 'row-mt': 'true' },
  // Low-delay prediction, which alone can hold a rate; without lookahead.
  libsvtav1: { preset: '10', 'svtav1-params': 'pred-struct=1:lookahead=0' },
  h264_nvenc: { preset: 'p3', tune: 'ull', zerolatency: 'true', 'forced-idr': 'true', bf: '0' },
  hevc_nvenc: { preset: 'p3', tune: 'ull', zerolatency: 'true', 'forced-idr': 'true', bf: '0' },
  av1_nvenc: { preset: 'p3', tune: 'ull', zerolatency: 'true', 'forced-idr': 'true', bf: '0' },
  h264_vaapi: { async_depth: '1', bf: '0' },
  hevc_vaapi: { async_depth: '1', bf: '0' },
  vp8_vaapi: { async_depth: '1' },
  vp9_vaapi: { async_depth: '1', bf: '0' },
  av1_vaapi: { async_depth: '1', bf: '0' },
  h264_qsv: { preset: 'veryfast', async_depth: '1', bf: '0' },
  hevc_qsv: { preset: 'veryfast', async_depth: '1', bf: '0' },
  av1_qsv: { preset: 'veryfast', async_depth: '1', bf: '0' },
};

/** A parameter that is itself a list of names and values. */
const LIST = 'svtav1-params';
/** Encoders that hold a rate only where they are told a limit and a buffer, and those that take limits on both sides. */
const LIMITED = /^(lib(x26[45]|x264rgb|vpx|vpx-vp9)|\w+_(nvenc|vaapi|qsv))$/;
const LIMITED_FROM_BELOW = /^libvpx/;
const CONSTANT_BY_NAME = /_nvenc$/;
/** What the receiver's buffer holds at the rate, seconds: one keyframe may be so much larger than its share. */
const RATE_BUFFER_S = 0.5;
/** Parameters that ask for a quality instead of a rate. */
const QUALITIES: readonly string[] = ['crf', 'qp', 'cq', 'global_quality', 'qscale'];

/** True where the user's own parameters ask for a quality: then no rate is put in for them. */
export function asksForQuality(options: Readonly<Record<string, string>>): boolean {
  return QUALITIES.some((name) => name in options);
}

/**
 * The parameters of a stream's encoder: the defaults above, then what the user says.
 * @param known names that the encoder has
 * @param bitrate bits a second; null where none is asked for
 */
export function lowLatencyOptions(
  encoder: string,
  known: ReadonlySet<string>,
  options: Readonly<Record<string, string>>,
  bitrate: number | null,
): Readonly<Record<string, string>> {
  const defaults = { ...LOW_LATENCY[encoder], ...rateControl(encoder, options, bitrate) };
  const wanted = { ...Object.fromEntries(Object.entries(defaults).filter(([name]) => known.has(name))), ...options };
  const own = options[LIST];
  return own === undefined || defaults[LIST] === undefined
    ? wanted
    : { ...wanted, [LIST]: joinedLists(own, defaults[LIST]) };
}

/** What goes with a bitrate, so that it is held; nothing where the user's own values ask for a quality. */
function rateControl(
  encoder: string,
  options: Readonly<Record<string, string>>,
  bitrate: number | null,
): Readonly<Record<string, string>> {
  if (bitrate === null || asksForQuality(options)) return {};
  if (encoder === 'libsvtav1') return { 'svtav1-params': `${LOW_LATENCY[encoder]!['svtav1-params']}:rc=2` };
  if (!LIMITED.test(encoder)) return {};
  const rate = String(bitrate);
  return {
    maxrate: rate,
    bufsize: String(Math.round(bitrate * RATE_BUFFER_S)),
    ...(LIMITED_FROM_BELOW.test(encoder) ? { minrate: rate } : {}),
    ...(CONSTANT_BY_NAME.test(encoder) ? { rc: 'cbr' } : {}),
  };
}

/** The user's names and values, and those of the defaults that they say nothing about. */
function joinedLists(own: string, defaults: string): string {
  const said = new Set(own.split(':').map((word) => word.split('=')[0]));
  return [own, ...defaults.split(':').filter((word) => !said.has(word.split('=')[0]))].join(':');
}
