// Thumbnails for seeking, and a poster.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ItemOutput } from '#core/title';
import { makeThumbnails } from '#media/thumbnails/make-thumbnails';
import type { ItemWork } from '../item-work.ts';
import { videoSpan } from './video-span.ts';

/**
 * Its outputs: the WebVTT file, the sheets that it names, and the poster, whose `rendition` is `poster`; the others' is
 * `thumbnails`. Its facts are `ThumbnailFacts` of media/thumbnails, and `names`: what each output has to be called when it is
 * published, in their order.
 */
export const thumbnailsItem: ItemWork = async ({ folder, source, checked, plan, shape, signal }) => {
  const work = await folder.workFolder();
  try {
    const { durationS } = videoSpan(checked, plan);
    const kept = folder.picturesFolder;
    shape?.stage('make');
    const made = await makeThumbnails(source, checked, durationS, work, { kept, signal });
    const names = [made.vtt, ...made.sheets, made.poster];
    const outputs: ItemOutput[] = [];
    for (const name of names) {
      const rendition = name === made.poster ? 'poster' : 'thumbnails';
      const ending = name.slice(name.lastIndexOf('.') + 1);
      outputs.push(await folder.keep(join(work, name), ending, { rendition, frames: null, run: null }));
    }
    return { outputs, cpuS: made.cpuS, checkCpuS: null, facts: { ...made.facts, names } };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};
