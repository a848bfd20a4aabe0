// The pictures of the worst frames: held while the pass goes on, written as PNG at its end.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame } from 'node-av/lib';
import type { FramePicture } from '#core/quality';
import { writePng } from './picture-file.ts';
import { QualityFailure } from './quality-job.ts';
import { WorstFrames } from './worst-frames.ts';

/** Frames that are held at most, whatever is asked for: each is two pictures in memory. */
const MAX_WORST = 16;

interface At {
  readonly frame: number;
  readonly sourceFrame: number;
  readonly timeS: number;
  readonly value: number;
}

export class WorstPictures {
  readonly #worst: WorstFrames<At & { readonly source: Frame; readonly output: Frame }>;

  constructor(count: number) {
    this.#worst = new WorstFrames(Math.min(MAX_WORST, count), ({ source, output }) => {
      source.free();
      output.free();
    });
  }

  /** Holds on to the pictures where they are among the worst so far: their memory is shared, not copied. */
  offer(at: At, source: Frame, output: Frame): void {
    if (this.#worst.takes(at)) this.#worst.add({ ...at, source: source.clone()!, output: output.clone()! });
  }

  /**
   * Writes `pictures/N-source.png` and `pictures/N-output.png` into the folder, the worst first.
   * @param onPicture is told after each pair
   * @throws QualityFailure where they can't be written
   */
  write(folder: string, metric: string, onPicture: () => void): FramePicture[] {
    const worst = this.#worst.sorted();
    if (worst.length === 0) return [];
    try {
      mkdirSync(join(folder, 'pictures'), { recursive: true });
      return worst.map(({ frame, sourceFrame, value, source, output }) => {
        const paths = { source: `pictures/${frame}-source.png`, output: `pictures/${frame}-output.png` };
        writePng(join(folder, paths.source), source);
        writePng(join(folder, paths.output), output);
        onPicture();
        return { frame, sourceFrame, metric, value, ...paths };
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      throw new QualityFailure(`the pictures can't be written: ${(error as Error).message}`, { cause: error });
    }
  }

  close(): void {
    for (const { source, output } of this.#worst.sorted()) {
      source.free();
      output.free();
    }
  }
}
