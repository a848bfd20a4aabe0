// A rendition's subtitles: a WebVTT file whose times count from the video's first frame.

import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TextRendition } from '#core/title';
import { UserError } from '#core/user-error';
import { readText } from '#media/text/read-text';
import { webvttFile } from '#media/text/webvtt-file';
import type { ItemWork } from '../item-work.ts';
import { videoSpan } from './video-span.ts';

/** Its facts: `cues`, and `packets` of the source's stream. */
export const textItem: ItemWork = async ({ folder, source, checked, plan, item, shape, signal }) => {
  const rendition = plan.renditions.find(
    (each): each is TextRendition => each.kind === 'text' && item.renditions.includes(each.id),
  );
  if (rendition === undefined) throw new UserError({ what: `${item.key} names no subtitles of the plan` });
  shape?.stage('make');
  const { cues, packets, cpuS } = await readText(
    { source, stream: rendition.stream, ...videoSpan(checked, plan) },
    { signal },
  );
  const work = await folder.workFolder();
  try {
    const file = join(work, 'subtitles.vtt');
    await writeFile(file, webvttFile(cues));
    const kept = await folder.keep(file, 'vtt', { rendition: rendition.id, frames: null, run: null });
    return { outputs: [kept], cpuS, checkCpuS: null, facts: { cues: cues.length, packets } };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};
