// How full a rendition's rate buffer is when its first frame is decoded, as its encoder was told. Pure.

import { formatSettingValue } from '#core/settings';
import type { VideoRendition } from '#core/title';

/** What x264 and x265 begin with where nothing is said. */
const X26X_DEFAULT = 0.9;
/** What FFmpeg makes libvpx and others begin with. */
const OTHER_DEFAULT = 0.75;
const LISTS = ['x264-params', 'x264opts', 'x265-params'];

/** Share of the buffer, 0 to 1. @param bufferBits of the rendition */
export function bufferStart({ settings }: Pick<VideoRendition, 'settings'>, bufferBits: number): number {
  const occupancy = settings['rc_init_occupancy'];
  if (occupancy !== undefined && Number(occupancy) > 0) return Math.min(1, Number(occupancy) / bufferBits);
  for (const list of LISTS) {
    const said = settings[list];
    const value = said === undefined ? null : /(?:^|:)vbv-init=([\d.]+)/.exec(formatSettingValue(said));
    // Above 1 it counts kilobits.
    if (value !== null)
      return Number(value[1]) <= 1 ? Number(value[1]) : Math.min(1, (Number(value[1]) * 1000) / bufferBits);
  }
  return /x26[45]/.test(formatSettingValue(settings['encoder'] ?? '')) ? X26X_DEFAULT : OTHER_DEFAULT;
}
