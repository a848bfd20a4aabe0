// Starts the encoding of a chunk with the engine that its job names; whichever it is, how it ends is an outcome.

import { BUNDLED_ENGINE } from '#core/engine';
import { withThreads } from '../thread-settings.ts';
import { startBundledChunk } from './bundled-chunk.ts';
import type { ChunkJob, ChunkOptions, ChunkSinks, RunningChunk } from './chunk-job.ts';
import { startFfmpegChunk } from './ffmpeg-chunk.ts';

/** Many narrow encodes beat few wide ones, and an encode with one thread is the same everywhere. */
const DEFAULT_THREADS = 1;

/** Starts a process that encodes nothing before `begin`, so that the caller can move it into a cgroup first. */
export function startChunk(job: ChunkJob, sinks: ChunkSinks, options: ChunkOptions = {}): RunningChunk {
  const start = job.engine === BUNDLED_ENGINE ? startBundledChunk : startFfmpegChunk;
  return start(withFixedThreads(job), sinks, options);
}

function withFixedThreads(job: ChunkJob): ChunkJob {
  const outputs = job.outputs.map((output) => {
    const { parameters } = output;
    if (parameters.threads !== null) return output;
    const threads = DEFAULT_THREADS;
    return {
      ...output,
      parameters: { ...parameters, threads, options: withThreads(parameters.encoder, threads, parameters.options) },
    };
  });
  return { ...job, outputs };
}
