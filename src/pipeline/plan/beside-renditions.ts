// Audio and text renditions of a source: what is carried, and what is left out, by name.

import type { SourceInfo } from '#core/source';
import type { AudioRendition, AudioRung, TextRendition } from '#core/title';

/** Subtitles that are text, by FFmpeg's names of their codecs; pictures of text would have to be read first. */
const TEXT_SUBTITLES: ReadonlySet<string> = new Set(['subrip', 'srt', 'ass', 'ssa', 'webvtt', 'mov_text', 'text']);

/** Each rung for each audio stream, in the order of the source: its first language stays the first. */
export function audioRenditions(
  source: Pick<SourceInfo, 'audio'>,
  rungs: readonly AudioRung[],
  notes: string[],
): AudioRendition[] {
  if (source.audio.length === 0) notes.push('the source has no audio');
  else if (rungs.length === 0)
    notes.push(`audio is left out (${counted(source.audio.length, 'stream')}): the ladder has no audio`);
  const made: AudioRendition[] = [];
  for (const stream of source.audio)
    for (const rung of rungs) {
      const channels = Math.min(rung.channels, stream.channels);
      if (channels < stream.channels)
        notes.push(`audio stream ${stream.index}: ${stream.channels} channels become ${channels} in ${rung.codec}`);
      const id = `a${made.length + 1}-${rung.codec}-${Math.round(rung.bitrate / 1000)}`;
      made.push({ ...rung, channels, kind: 'audio', id, stream: stream.index, language: stream.language });
    }
  return made;
}

/** One for each subtitle stream that is text. Everything else that is neither video nor audio is named. */
export function textRenditions({ others }: Pick<SourceInfo, 'others'>, notes: string[]): TextRendition[] {
  const made: TextRendition[] = [];
  for (const { index, type, codec } of others) {
    if (type === 'subtitle' && TEXT_SUBTITLES.has(codec))
      made.push({ kind: 'text', id: `t${made.length + 1}`, stream: index, language: null });
    else
      notes.push(
        type === 'subtitle'
          ? `subtitle stream ${index} (${codec}) is left out: it can't become WebVTT`
          : `stream ${index} (${type}, ${codec}) is left out`,
      );
  }
  return made;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
