// Which encoders of a list are shown.

import type { EncoderSummary } from '#server/encoders-wire';

export interface EncoderFilter {
  /** Words, each of which the name, the codec, the device or the description must hold. */
  readonly text: string;
  /** Null for every codec. */
  readonly codec: string | null;
  readonly kind: 'hardware' | 'software' | null;
  /** Only those that work on this machine. */
  readonly available: boolean;
}

/** Codecs that video is delivered in, newest families last: what people look for stands first. */
const DELIVERED = [
  'h264',
  'hevc',
  'vp8',
  'vp9',
  'av1',
  'vvc',
  'mpeg2video',
  'mpeg4',
  'prores',
  'dnxhd',
  'ffv1',
  'mjpeg',
];

/** By codec, those of delivery first; software before hardware. */
export function sortEncoders(encoders: readonly EncoderSummary[]): EncoderSummary[] {
  const place = ({ codec }: EncoderSummary) => {
    const at = DELIVERED.indexOf(codec);
    return at === -1 ? DELIVERED.length : at;
  };
  return encoders.toSorted(
    (a, b) =>
      place(a) - place(b) ||
      a.codec.localeCompare(b.codec) ||
      Number(a.hardware) - Number(b.hardware) ||
      a.name.localeCompare(b.name),
  );
}

export function filterEncoders(encoders: readonly EncoderSummary[], filter: EncoderFilter): EncoderSummary[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return encoders.filter((encoder) => {
    const { name, codec, description, device, hardware, available } = encoder;
    const text = `${name} ${codec} ${description} ${device ?? ''}`.toLowerCase();
    return (
      words.every((word) => text.includes(word)) &&
      (filter.codec === null || codec === filter.codec) &&
      (filter.kind === null || hardware === (filter.kind === 'hardware')) &&
      (!filter.available || available)
    );
  });
}

/** Codecs of a list, those with the most encoders first. */
export function codecsOf(encoders: readonly EncoderSummary[]): { codec: string; encoders: number }[] {
  const counts = new Map<string, number>();
  for (const { codec } of encoders) counts.set(codec, (counts.get(codec) ?? 0) + 1);
  return [...counts]
    .map(([codec, count]) => ({ codec, encoders: count }))
    .toSorted((a, b) => b.encoders - a.encoders || a.codec.localeCompare(b.codec));
}
