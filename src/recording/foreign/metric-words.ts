// Unit and direction of metrics that bear the lab's own names, where no run of the lab tells them yet (docs/metrics.md).

import type { NamedMetric } from './foreign-result.ts';

const OWN: readonly (readonly [pattern: RegExp, unit: string, better: NamedMetric['better']])[] = [
  [/^encode\.fps\b|^stream\.rate (captured|encoded|sent|received|decoded|presented)$/, 'frame/s', 'higher'],
  [/^cpu\.time$|^wall(\.cpu)?$/, 's', 'lower'],
  [
    /^(encode|decode|scale|capture|send|relay|present|network)\.(time|delay)\b|^latency\b|^jitter\b|^cpu\.time per frame$/,
    'ms',
    'lower',
  ],
  [/^memory\.peak$/, 'byte', 'lower'],
  [/^quality\.(psnr|xpsnr)\b/, 'dB', 'higher'],
  [/^quality\.(ssim|vmaf)\b/, '1', 'higher'],
  [/^stream\.drops$|^drops\./, '1', 'lower'],
  [/^bitrate$/, 'bit/s', null],
  [/^bytes$|^frame\.bytes\b/, 'byte', null],
  [/^keyframe\.period$|^keyframes$|^frames$/, 'frame', null],
];

/** Null for a name that is none of the lab's. */
export function ownMetric(name: string): Omit<NamedMetric, 'name'> | null {
  const found = OWN.find(([pattern]) => pattern.test(name));
  return found === undefined ? null : { unit: found[1], better: found[2] };
}
