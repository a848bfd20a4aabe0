// The pictures that a recording's header names, as far as they can be ones: a recording may come from anywhere.

import type { FramePicture } from '#core/quality';
import type { RecordingHeader } from '#core/recording';

/** More than any run keeps. */
const MAX_PICTURES = 100;
const PATH = /^pictures\/\d+-(source|output)\.png$/;

/** The first of them that are whole. */
export function framePictures({ quality }: RecordingHeader): FramePicture[] {
  const named: readonly unknown[] = Array.isArray(quality?.pictures) ? quality.pictures : [];
  return named.slice(0, MAX_PICTURES).filter(isPicture);
}

function isPicture(value: unknown): value is FramePicture {
  const { frame, sourceFrame, metric, source, output } = (value ?? {}) as Partial<Record<keyof FramePicture, unknown>>;
  return (
    Number.isInteger(frame) &&
    Number.isInteger(sourceFrame) &&
    typeof metric === 'string' &&
    [source, output].every((path) => typeof path === 'string' && PATH.test(path))
  );
}
