// A rendition's sound: one whole track, as long as the video.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AudioRendition } from '#core/title';
import { UserError } from '#core/user-error';
import { SAMPLE_RATE } from '#media/audio/audio-job';
import { makeAudio } from '#media/audio/make-audio';
import type { ItemWork } from '../item-work.ts';
import { videoSpan } from './video-span.ts';

/** Its facts are `AudioFacts` of media/audio. */
export const audioItem: ItemWork = async ({ folder, source, checked, plan, item, shape, signal }) => {
  const rendition = plan.renditions.find(
    (each): each is AudioRendition => each.kind === 'audio' && item.renditions.includes(each.id),
  );
  if (rendition === undefined) throw new UserError({ what: `${item.key} names no sound of the plan` });
  const { id, stream, codec, bitrate, channels, loudness } = rendition;
  const { startS, durationS } = videoSpan(checked, plan);
  const work = await folder.workFolder();
  try {
    const output = join(work, 'sound.mp4');
    const samples = Math.round(durationS * SAMPLE_RATE);
    shape?.stage('make');
    const made = await makeAudio(
      { source, stream, output, codec, bitrate, channels, loudness, startS, samples },
      { signal },
    );
    const kept = await folder.keep(output, 'mp4', { rendition: id, frames: made.facts.samples, run: null });
    return { outputs: [kept], cpuS: made.cpuS, checkCpuS: made.checkCpuS, facts: { ...made.facts } };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};
