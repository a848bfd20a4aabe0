// Keys of a protected title: which picture and which sound is encrypted with which, and where keys come from.

/** As Shaka Packager and DRM services name them: audio, and classes of video by pixels. */
export const KEY_LABELS = ['AUDIO', 'SD', 'HD', 'UHD1', 'UHD2'] as const;
export type KeyLabel = (typeof KEY_LABELS)[number];

/** Pixels of a picture, at most: PAL at square pixels, Full HD, DCI 4K. The bounds are those of Shaka Packager. */
export const CLASS_PIXELS = { SD: 768 * 576, HD: 1920 * 1080, UHD1: 4096 * 2160 } as const;

export interface ContentKey {
  readonly label: KeyLabel;
  /** 32 hex digits, lower case; no secret. */
  readonly keyId: string;
  /** 32 hex digits, lower case. */
  readonly key: string;
}

/** A PSSH box that a DRM service wants players to find. */
export interface SystemData {
  /** UUID of the DRM system, 32 hex digits. */
  readonly system: string;
  /** The whole box. */
  readonly pssh: Uint8Array;
}

export interface TitleKeys {
  readonly keys: readonly ContentKey[];
  /** What a DRM service wants in the stream beside what we write. */
  readonly systems: readonly SystemData[];
}

export interface KeySource {
  /**
   * Keys of a title, always the same ones for it. Nothing but the package item and the licence endpoint asks.
   * @throws UserError where keys can't be had for it
   */
  keys(title: string): Promise<TitleKeys>;
}

/** Class of a picture, by its pixels. */
export function videoKeyLabel(width: number, height: number): Exclude<KeyLabel, 'AUDIO'> {
  const pixels = width * height;
  if (pixels <= CLASS_PIXELS.SD) return 'SD';
  if (pixels <= CLASS_PIXELS.HD) return 'HD';
  return pixels <= CLASS_PIXELS.UHD1 ? 'UHD1' : 'UHD2';
}

/** `00010203-0405-0607-0809-0a0b0c0d0e0f`, as documents write an id. */
export function uuidText(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
