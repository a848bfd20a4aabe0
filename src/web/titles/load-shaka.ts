// shaka-player (Apache 2.0), in a chunk of its own: half a megabyte that is only fetched where something is played.

import type { ShakaPlayer } from '../player/playback.ts';

export interface Thumbnail {
  readonly uris: readonly string[];
  readonly imageWidth: number;
  readonly imageHeight: number;
  readonly width: number;
  readonly height: number;
  readonly positionX: number;
  readonly positionY: number;
}

export interface LoadedPlayer extends ShakaPlayer {
  attach(video: HTMLVideoElement): Promise<void>;
  load(url: string): Promise<void>;
  destroy(): Promise<void>;
  addEventListener(name: 'error', listener: (event: { readonly detail: { readonly code: number } }) => void): void;
  getImageTracks(): readonly { readonly id: number }[];
  getThumbnails(track: number, seconds: number): Promise<Thumbnail | null>;
}

interface Shaka {
  readonly polyfill: { installAll(): void };
  readonly Player: new () => LoadedPlayer;
}

/** Returns what makes a player. */
export async function loadShaka(): Promise<() => LoadedPlayer> {
  const module = (await import('shaka-player/dist/shaka-player.dash-es2021.js')) as unknown as {
    readonly default: Shaka;
  };
  const shaka = module.default;
  shaka.polyfill.installAll();
  return () => new shaka.Player();
}
