// Audio and text renditions of a source: what is carried, and what is left out, by name.

import type { AudioStreamInfo, OtherStreamInfo, SourceInfo, StreamRole } from '#core/source';
import type { AudioRendition, AudioRung, TextRendition } from '#core/title';

/** Subtitles that are text, by FFmpeg's names of their codecs; pictures of text would have to be read first. */
const TEXT_SUBTITLES: ReadonlySet<string> = new Set(['subrip', 'srt', 'ass', 'ssa', 'webvtt', 'mov_text', 'text']);

/** Roles that no manifest of ours tells players of. */
const UNTOLD: readonly StreamRole[] = ['dub', 'comment', 'forced', 'hearing-impaired', 'visual-impaired'];

/**
 * Each rung for each audio stream, in the order of the source; but the one that the source plays by default comes first, since
 * players begin with the first.
 */
export function audioRenditions(
  source: Pick<SourceInfo, 'audio'>,
  rungs: readonly AudioRung[],
  notes: string[],
): AudioRendition[] {
  if (source.audio.length === 0) notes.push('the source has no audio');
  else if (rungs.length === 0)
    notes.push(`audio is left out (${counted(source.audio.length, 'stream')}): the ladder has no audio`);
  const made: AudioRendition[] = [];
  for (const stream of defaultFirst(source.audio)) {
    if (rungs.length > 0) notes.push(...untoldRoles('audio', stream));
    for (const rung of rungs) {
      const channels = Math.min(rung.channels, stream.channels);
      if (channels < stream.channels)
        notes.push(`audio stream ${stream.index}: ${stream.channels} channels become ${channels} in ${rung.codec}`);
      const id = `a${made.length + 1}-${rung.codec}-${Math.round(rung.bitrate / 1000)}`;
      made.push({ ...rung, channels, kind: 'audio', id, stream: stream.index, language: stream.language });
    }
  }
  return made;
}

/** One for each subtitle stream that is text. Everything else that is neither video nor audio is named. */
export function textRenditions({ others }: Pick<SourceInfo, 'others'>, notes: string[]): TextRendition[] {
  const made: TextRendition[] = [];
  for (const stream of defaultFirst(others)) {
    const { index, type, codec, language } = stream;
    if (type === 'subtitle' && TEXT_SUBTITLES.has(codec)) {
      made.push({ kind: 'text', id: `t${made.length + 1}`, stream: index, language });
      notes.push(...untoldRoles('subtitle', stream));
    } else
      notes.push(
        type === 'subtitle'
          ? `subtitle stream ${index} (${codec}) is left out: it can't become WebVTT`
          : `stream ${index} (${type}, ${codec}) is left out`,
      );
  }
  return made;
}

function defaultFirst<S extends { readonly roles: readonly StreamRole[] }>(streams: readonly S[]): S[] {
  const rank = ({ roles }: S) => (roles.includes('default') ? 0 : 1);
  return streams.toSorted((a, b) => rank(a) - rank(b));
}

function untoldRoles(kind: string, { index, roles }: AudioStreamInfo | OtherStreamInfo): string[] {
  const untold = roles.filter((role) => UNTOLD.includes(role));
  return untold.length === 0 ? [] : [`${kind} stream ${index}: that it is ${untold.join(', ')} is not told to players`];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
