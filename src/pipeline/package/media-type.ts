// Types and life times of published files, as an origin tells them to players and caches.

import type { ObjectHeaders } from './object-store.ts';

const TYPES: Readonly<Record<string, string>> = {
  mpd: 'application/dash+xml',
  m3u8: 'application/vnd.apple.mpegurl',
  mp4: 'video/mp4',
  m4s: 'video/iso.segment',
  vtt: 'text/vtt; charset=utf-8',
  jpg: 'image/jpeg',
  json: 'application/json',
};

/** A version's folder is named by what it was made of: what lies in it never changes. */
const FOR_EVER = 'public, max-age=31536000, immutable';
/** A manifest is the only thing that changes with a new version. */
const SHORT = 'public, max-age=5';

/** @returns null for what is never published */
export function mediaHeaders(key: string): ObjectHeaders | null {
  const contentType = TYPES[key.slice(key.lastIndexOf('.') + 1)];
  if (contentType === undefined) return null;
  return { contentType, cacheControl: IN_VERSION.test(key) ? FOR_EVER : SHORT };
}

/** A file in the folder of a version, of the title itself or of a variant of it. */
const IN_VERSION = /(^|\/)[0-9a-f]{16}\/[^/]+$/;

/** The version whose folder a file lies in; null for what lies beside the versions. */
export function versionOf(key: string): string | null {
  return /^([0-9a-f]{16})\/[^/]+$/.exec(key)?.[1] ?? null;
}
