// Where a sender's pictures come from: something played in real time, or something live.

import type { Frame } from 'node-av/lib';
import type { Fraction } from '#core/source';
import { checkSourceFile } from '#media/source-path';
import type { SessionSource } from '../session-settings.ts';
import { CameraSource } from './camera-source.ts';
import { PlayedSource } from './played-source.ts';
import { openDisplay, openScreen } from './screen-source.ts';

export interface PictureSource {
  readonly width: number;
  readonly height: number;
  /** FFmpeg's name. */
  readonly pixelFormat: string;
  /** Frames a second of its own; null for what has none. */
  readonly frameRate: Fraction | null;
  /**
   * Gets its first picture ready before time begins to count.
   * @returns false where there is none yet
   * @throws EncodeFailure where the source breaks down
   */
  begin(): boolean;
  /**
   * Takes the picture that is to be seen at a time.
   * @param dueUs monotonic microseconds
   * @returns false where there is none yet
   * @throws EncodeFailure where the source breaks down
   */
  capture(dueUs: number): boolean;
  /** Of the last capture; the picture is valid until the next one. */
  readonly picture: Frame;
  /** When it was taken, monotonic microseconds. */
  readonly captureUs: number;
  /** Its number in the source; -1 where it is live. */
  readonly sourceFrame: number;
  /** The same from its beginning, beside this one; null for what has no beginning. */
  again(): PictureSource | null;
  close(): void;
}

/**
 * Opens a source of a stream.
 * @throws UserError where it can't be had, with what to do about it
 */
export async function openSource(source: SessionSource): Promise<PictureSource> {
  switch (source.kind) {
    case 'file':
      await checkSourceFile(source.path);
      return new PlayedSource(source.path);
    case 'lavfi':
      return new PlayedSource(source.path);
    case 'x11':
      return openDisplay(source.device);
    case 'kms':
      return openScreen(source.device);
    case 'v4l2':
      return CameraSource.open(source.device);
  }
}
