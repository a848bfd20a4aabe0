// Parameters of encoders that name files: a stream is set from a page, and nobody there may have files read or written on the
// guest's machine. Those of the encoders that the bundled engine has, by their own documentation.

import type { EncoderInfo } from '#core/encoder';

/** Parameters of their own: x264 keeps what it learns in a first pass there. */
const FILES: readonly string[] = ['stats', 'passlogfile'];
/** Texts that hold names and values of the library itself: `x264-params`, `x264opts`, `svtav1-params`. */
const LISTS = /(-params|opts)$/;
/** Names in such lists, with - for _. A first pass writes a file even where none is named. */
const FILES_IN_LISTS: ReadonlySet<string> = new Set(
  [
    // x264 and x265
    'stats pass slow-firstpass multi-pass-opt-rps cqmfile cqm qpfile dump-yuv opencl-clbin',
    'csv recon analysis-save analysis-load analysis-reuse-file lambda-file scaling-list',
    'zonefile nalu-file dolby-vision-rpu dhdr10-info aom-film-grain abr-ladder',
    // SVT-AV1 and libaom
    'fgs-table roi-map-file use-q-file errlog stat-file',
    'film-grain-table vmaf-model-path partition-info-path rate-distribution-info second-pass-log fpf',
    // kvazaar, VVenC and rav1e
    'roi stats-file-prefix fast-coeff-table statsfile rcstatsfile first-pass second-pass',
  ].flatMap((names) => names.split(' ')),
);
/** Of `flags`, which has no names for them: a pass of two (AV_CODEC_FLAG_PASS1, AV_CODEC_FLAG_PASS2). The first writes a file. */
const PASS_BITS = 0x200 | 0x400;

/** What is wrong with a parameter of a stream's encoder; null where it touches no file. */
export function namedFile(name: string, value: string, encoder: EncoderInfo['name']): string | null {
  if (FILES.includes(name)) return `${encoder}'s ${name} names a file, and a stream may not have one written`;
  if (name === 'flags' && (Number(value) & PASS_BITS) !== 0)
    return 'two passes write a file, and a stream has no second pass';
  if (!LISTS.test(name)) return null;
  // Quotes and backslashes may stand in the middle of a name (libavutil/avstring.c, av_get_token).
  const words = value.replaceAll(/['"\\\s]/g, '').split(/[:,]/);
  const names = words.map((word) => word.split('=', 1)[0]!.toLowerCase().replaceAll('_', '-'));
  // A file to x265, a strength to SVT-AV1.
  const isFile = (each: string) => FILES_IN_LISTS.has(each) || (each === 'film-grain' && name === 'x265-params');
  const found = names.find(isFile);
  return found === undefined
    ? null
    : `${found} in ${name} is about a file, and a stream may not have one read or written`;
}
