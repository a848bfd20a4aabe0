// Judges what the inspecting child found: what makes a source unfit, and what is merely odd.

import type { Problem } from '#core/user-error';
import { needsEven } from './pixel-format.ts';
import type { SourceFacts } from './source-facts.ts';

/** A container's own duration may differ this much from its packets without anything being lost, seconds. */
const DURATION_SLACK_S = 0.1;
/** Sizes of transport stream packets: plain, with a time code (Blu-ray), with error correction. */
const TS_PACKET_BYTES = [188, 192, 204] as const;
/** Lines of FFmpeg's log that tell of a file which ends before its content does. */
const CUT_SHORT = /partial file|ended prematurely|moov atom not found|truncated (file|atom|mdat)|file .*truncated/i;
/** Containers whose duration FFmpeg estimates from bit rates or times: it declares nothing. */
const NO_DECLARED_DURATION = /^(mpegts|mpeg|lavfi)$/;

/** The reason to refuse a source; null where it is fit. */
export function sourceFault(facts: SourceFacts, log: string, bytes: number): Problem | null {
  const noVideo = otherThanVideo(facts);
  if (noVideo !== null) return noVideo;
  const cut = cutShort(facts, log, bytes);
  if (cut !== null) return { what: `it is truncated: ${cut}`, todo: 'Copy or download it again.' };
  return unfitVideo(facts);
}

/** The reason for which nothing can be made of a source at all, even where it is whole; null where something can. */
export function unfitSource(facts: SourceFacts): Problem | null {
  return otherThanVideo(facts) ?? unfitVideo(facts);
}

function otherThanVideo(facts: SourceFacts): Problem | null {
  const video = facts.video;
  if (/_pipe$|^image2$/.test(facts.container))
    return { what: 'it is a still picture and not a video', todo: 'Name a video file.' };
  if (video === null) {
    if (facts.audio.length === 0 && facts.attachedPictures === 0) return notAVideo();
    return {
      what: `it holds no video stream, only ${facts.attachedPictures > 0 ? 'sound and a cover picture' : 'sound'}`,
      todo: 'Name a file that holds video.',
    };
  }
  if (facts.endless)
    return {
      what: 'the generated source does not end',
      todo: 'Give its graph a length: lavfi:testsrc2=size=1280x720:rate=30:duration=5',
    };
  return null;
}

function unfitVideo({ video }: SourceFacts): Problem | null {
  if (video === null) return notAVideo();
  if (video.frames === 0) return { what: 'its video stream holds no frames (zero frames)' };
  if (!video.decodedFrame)
    return { what: `its ${video.codec} video can't be decoded: ${video.decodeError ?? 'no frame came out'}` };
  const even = needsEven(video.pixelFormat);
  if ((even.width && video.width % 2 === 1) || (even.height && video.height % 2 === 1))
    return {
      what: `its size ${video.width}x${video.height} is odd, and its pixel format ${video.pixelFormat} needs even dimensions`,
      todo: 'Crop or scale it to an even size first.',
    };
  return null;
}

export function sourceWarnings(facts: SourceFacts): string[] {
  const video = facts.video;
  if (video === null) return [];
  const warnings: string[] = [];
  if (video.missingTimes) warnings.push('its packets carry no times: the frame rate is the one that it declares');
  if (video.corruptPackets > 0) warnings.push(`${video.corruptPackets} of its packets are damaged`);
  if (video.keyframes === 0 && facts.container !== 'lavfi') warnings.push('no packet of it is marked as a keyframe');
  if (video.rotation !== 0)
    warnings.push(`players turn its picture by ${video.rotation} degrees; it is encoded unturned`);
  return warnings;
}

/** What the container itself declares; null where FFmpeg only estimates it. */
export function declaredDuration(facts: SourceFacts, log: string): number | null {
  return NO_DECLARED_DURATION.test(facts.container) || log.includes('Estimating duration from bitrate')
    ? null
    : facts.declaredDuration;
}

export function notAVideo(): Problem {
  return { what: 'it is not a video: no known container or codec was found in it', todo: 'Name a video file.' };
}

/** What tells that a source ends before its content does; null where it is whole. */
export function cutShort(facts: SourceFacts, log: string, bytes: number): string | null {
  const video = facts.video;
  if (video === null) return null;
  if (facts.readError !== null) return `reading stopped with "${facts.readError}" after ${video.frames} frames`;
  // AVI's index also counts empty chunks, which stand for "the picture before, once more": there the duration has to tell.
  if (video.declaredFrames !== null && video.packets < video.declaredFrames && facts.container !== 'avi')
    return `its index names ${video.declaredFrames} frames, and ${video.packets} are there`;
  const declared = declaredDuration(facts, log);
  const frame = video.averageFrameRate > 0 ? 1 / video.averageFrameRate : 0;
  if (
    declared !== null &&
    facts.measuredDuration > 0 &&
    facts.measuredDuration < declared - DURATION_SLACK_S - 2 * frame
  )
    return `it declares ${declared.toFixed(2)} s, and ${facts.measuredDuration.toFixed(2)} s are there`;
  const line = log.split('\n').find((each) => CUT_SHORT.test(each));
  if (line !== undefined) return line.replace(/^\[[^\]]*\]\s*/, '').trim();
  if (facts.container === 'mpegts' && TS_PACKET_BYTES.every((size) => bytes % size !== 0))
    return 'its last transport stream packet is incomplete';
  if (video.lastPacketCorrupt) return 'its last packet is damaged';
  return null;
}
