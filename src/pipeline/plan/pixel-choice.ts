// Bits and colours of a rung: what its codec's players show, of what the source has.

import type { EncoderInfo } from '#core/encoder';
import type { VideoStreamInfo } from '#core/source';
import type { TitleCodec } from '#core/title';
import { nearestPixelFormat, pixelLayout } from '#media/pixel-format';

export type PixelChoice =
  /** Null leaves the format to the encoder: its pictures lie in a device, which converts them itself. */
  | { readonly pixelFormat: string | null; readonly note: string | null }
  /** Why there is no right way to encode it. */
  | { readonly refused: string };

/** Ten bits are as common as eight among players of these; H.264's High 10 is shown by next to none. */
const TEN_BITS: readonly TitleCodec[] = ['hevc', 'vp9', 'av1'];

/** True for pictures that are too bright for an ordinary screen's curve, and wrong on it without tone mapping. */
export function isHighDynamicRange({ color }: Pick<VideoStreamInfo, 'color'>): boolean {
  return (
    color.dynamicRange === 'HDR10' ||
    color.dynamicRange === 'HLG' ||
    color.transfer === 'smpte2084' ||
    color.transfer === 'arib-std-b67'
  );
}

/**
 * 4:2:0 in eight bits, or in ten where the source has more and the codec's players take them. High dynamic range needs ten
 * bits: there is no tone mapping here, and its curve cut down to eight bits shows bands.
 */
export function choosePixels(
  video: Pick<VideoStreamInfo, 'pixelFormat' | 'bitDepth' | 'color'>,
  codec: TitleCodec,
  encoder: EncoderInfo,
): PixelChoice {
  const depth = video.bitDepth ?? pixelLayout(video.pixelFormat)?.depth ?? 8;
  const high = isHighDynamicRange(video);
  const wanted = (depth > 8 || high) && TEN_BITS.includes(codec) ? 'yuv420p10le' : 'yuv420p';
  const plain = encoder.pixelFormats.filter(isPlain);
  const found = plain.length === 0 ? null : nearestPixelFormat(wanted, plain);
  const bits = found === null ? 8 : (pixelLayout(found)?.depth ?? 8);
  if (high && bits < 10)
    return {
      refused: TEN_BITS.includes(codec)
        ? `${encoder.name} takes no pictures of ten bits here, and ${video.color.dynamicRange ?? 'HDR'} needs them`
        : `players of ${codec} show no ${video.color.dynamicRange ?? 'HDR'}, and there is no tone mapping`,
    };
  return { pixelFormat: found, note: found !== null && depth > bits ? `${depth} bits become ${bits}` : null };
}

/** 4:2:0 without alpha, in eight or ten bits: what players decode. */
function isPlain(name: string): boolean {
  const layout = pixelLayout(name);
  return layout !== null && layout.chroma === '420' && !layout.alpha && layout.depth <= 10 && !name.startsWith('yuvj');
}
