// Whether a keyframe's packet is one at which a decoder forgets all that came before: what muxers call a keyframe may be a
// mere recovery point.

/** NAL unit types (ITU-T H.264 table 7-1, H.265 table 7-1). */
const H264_SLICE = 1;
const H264_IDR = 5;
const HEVC_IDR_W_RADL = 19;
const HEVC_IDR_N_LP = 20;
/** Types of coded slices of HEVC are below this. */
const HEVC_SLICES = 32;
const LENGTH_BYTES = 4;

/**
 * True for an IDR picture of H.264 and HEVC, and for every keyframe of other codecs, which know no open ones.
 * @param packet as MP4 holds it: NAL units with their lengths in four bytes
 */
export function isCleanStart(codec: string, packet: Uint8Array): boolean {
  if (codec !== 'h264' && codec !== 'hevc') return true;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  for (let at = 0; at + LENGTH_BYTES < packet.length;) {
    const header = packet[at + LENGTH_BYTES]!;
    if (codec === 'h264') {
      const type = header & 31;
      if (type >= H264_SLICE && type <= H264_IDR) return type === H264_IDR;
    } else {
      const type = (header >> 1) & 63;
      if (type < HEVC_SLICES) return type === HEVC_IDR_W_RADL || type === HEVC_IDR_N_LP;
    }
    at += LENGTH_BYTES + view.getUint32(at);
  }
  return false;
}
