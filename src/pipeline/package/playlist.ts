// An HLS playlist (RFC 8216): the files that it names, and the ranges of them.

export interface PlaylistSegment {
  readonly uri: string;
  readonly seconds: number;
  /** Null for a whole file. */
  readonly range: { readonly offset: number; readonly bytes: number } | null;
}

export interface Playlist {
  readonly segments: readonly PlaylistSegment[];
  /** Header of the fragments; null where there is none. */
  readonly map: { readonly uri: string; readonly bytes: number } | null;
  readonly ended: boolean;
}

const EXTINF = /^#EXTINF:(\d+(?:\.\d+)?)/;
const BYTE_RANGE = /^#EXT-X-BYTERANGE:(\d+)(?:@(\d+))?$/;
const MAP = /^#EXT-X-MAP:URI="([^"]+)",BYTERANGE="(\d+)@0"$/;

/** @throws Error where it is no playlist */
export function readPlaylist(text: string): Playlist {
  const lines = playlistLines(text);
  const segments: PlaylistSegment[] = [];
  let map: Playlist['map'] = null;
  let ended = false;
  let seconds: number | null = null;
  let range: PlaylistSegment['range'] = null;
  let next = 0;
  for (const line of lines) {
    const [, duration] = EXTINF.exec(line) ?? [];
    const [, bytes, offset] = BYTE_RANGE.exec(line) ?? [];
    const [, uri, header] = MAP.exec(line) ?? [];
    if (duration !== undefined) seconds = Number(duration);
    else if (bytes !== undefined)
      range = { offset: offset === undefined ? next : Number(offset), bytes: Number(bytes) };
    else if (uri !== undefined) map = { uri, bytes: Number(header) };
    else if (line === '#EXT-X-ENDLIST') ended = true;
    else if (!line.startsWith('#')) {
      if (seconds === null) throw new Error(`${line} has no duration`);
      segments.push({ uri: line, seconds, range });
      next = range === null ? 0 : range.offset + range.bytes;
      seconds = null;
      range = null;
    }
  }
  return { segments, map, ended };
}

/** Playlists that the first playlist names. @throws Error where it is no playlist */
export function namedPlaylists(text: string): string[] {
  const lines = playlistLines(text);
  return lines.flatMap((line) => (line.startsWith('#') ? (/[:,]URI="([^"]+)"/.exec(line)?.[1] ?? []) : line));
}

function playlistLines(text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '');
  if (lines[0] !== '#EXTM3U') throw new Error('it does not begin as a playlist');
  return lines;
}
