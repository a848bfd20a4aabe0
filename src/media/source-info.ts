// What is told of a source, from what the packets of it showed.

import type { SourceInfo } from '#core/source';
import type { SourceFacts } from './source-facts.ts';
import { declaredDuration, sourceWarnings } from './source-faults.ts';

/**
 * @param facts of a source that is fit: it has a video stream
 * @param log what FFmpeg said while it was read
 */
export function sourceInfo(
  file: Pick<SourceInfo, 'path' | 'bytes' | 'hash'>,
  facts: SourceFacts,
  log: string,
): SourceInfo {
  const video = facts.video!;
  return {
    ...file,
    container: facts.container,
    declaredDuration: declaredDuration(facts, log),
    video: {
      index: video.index,
      codec: video.codec,
      profile: video.profile,
      width: video.width,
      height: video.height,
      pixelFormat: video.pixelFormat,
      bitDepth: video.bitDepth,
      sampleAspectRatio: video.sampleAspectRatio,
      rotation: video.rotation,
      color: video.color,
      masteringDisplay: video.masteringDisplay,
      contentLight: video.contentLight,
      dynamicMetadata: video.dynamicMetadata,
      fieldOrder: video.fieldOrder,
      closedCaptions: video.closedCaptions,
      timeBase: video.timeBase,
      frameRate: video.frameRate,
      averageFrameRate: video.averageFrameRate,
      variableFrameRate: video.variableFrameRate,
      frames: video.frames,
      keyframes: video.keyframes,
      longestGop: video.longestGop,
      duration: video.duration,
      bitrate: video.bitrate,
    },
    audio: facts.audio,
    others: facts.others,
    warnings: sourceWarnings(facts),
  };
}
