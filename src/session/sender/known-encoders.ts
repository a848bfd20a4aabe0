// The encoders of the bundled FFmpeg as this process sees them (child only): what they take. Whether one works here shows
// when it is opened.

import { Codec } from 'node-av/lib';
import { AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import type { EncoderInfo } from '#core/encoder';
import { describeEncoder, genericRows } from '#media/describe-encoder';

export function knownEncoders(): EncoderInfo[] {
  const generic = genericRows();
  return Codec.getCodecList()
    .filter((codec) => codec.type === AVMEDIA_TYPE_VIDEO && codec.isEncoder())
    .map((codec) => ({ ...describeEncoder(codec, generic).info, available: true, reason: null }));
}
