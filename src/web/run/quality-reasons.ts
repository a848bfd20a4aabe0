/** What a recording says of scores that it has not: `quality: the benchmark did not ask for it`. */
export function qualityReasons(absent: readonly string[]): string[] {
  return absent.filter((one) => /^(quality|psnr|ssim|xpsnr|vmaf)\b/.test(one));
}
