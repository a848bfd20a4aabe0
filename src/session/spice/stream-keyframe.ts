// Whether an encoded frame can be shown without those before it, from its first bytes.

/**
 * @param codec `mjpeg`, `vp8`, `h264`, `vp9`, `h265`
 * @param data the beginning of the frame
 * @returns null where the beginning does not tell, or the codec is not known
 */
export function isKeyframe(codec: string, data: Uint8Array): boolean | null {
  if (data.length === 0) return null;
  switch (codec) {
    case 'mjpeg':
      return true;
    case 'vp8':
      // RFC 6386, 9.1: the lowest bit of the first byte is 0 in a key frame.
      return (data[0]! & 1) === 0;
    case 'vp9':
      return isVp9Key(data[0]!);
    case 'h264':
      return firstTelling(data, (header) => {
        const type = header & 0x1f;
        return type === 5 || type === 7 ? true : type >= 1 && type <= 4 ? false : null;
      });
    case 'h265':
      return firstTelling(data, (header) => {
        const type = (header >> 1) & 0x3f;
        return type >= 16 && type <= 23 ? true : type >= 32 && type <= 34 ? true : type <= 9 ? false : null;
      });
    default:
      return null;
  }
}

/** VP9 bitstream specification, 6.2: frame marker `10`, two profile bits (one more in profile 3), show_existing_frame, frame_type. */
function isVp9Key(first: number): boolean | null {
  if (first >> 6 !== 2) return null;
  const profile = ((first >> 5) & 1) | (((first >> 4) & 1) << 1);
  const shift = profile === 3 ? 2 : 3;
  const showsExisting = (first >> shift) & 1;
  return showsExisting === 1 ? false : ((first >> (shift - 1)) & 1) === 0;
}

/** The first unit of a byte stream (H.264 and H.265, annex B) that tells. */
function firstTelling(data: Uint8Array, tells: (header: number) => boolean | null): boolean | null {
  for (let i = 0; i + 3 < data.length; i++) {
    if (data[i] !== 0 || data[i + 1] !== 0 || data[i + 2] !== 1) continue;
    const told = tells(data[i + 3]!);
    if (told !== null) return told;
  }
  return null;
}
