// The user's own ffmpeg as an engine: any executable, several side by side.

import type { EngineSetting } from '#core/engine';
import type { EncodeJob, EncodeParameters } from '../encode-job.ts';
import type { DiscoveryOptions } from '../encoders.ts';
import type { EncodeSink, StartOptions } from '../running-encode.ts';
import { judgeTrial, type TrialResult } from '../trial.ts';
import type { TrialRunOptions } from '../trial-runner.ts';
import { describeFfmpeg } from './description.ts';
import { discoverFfmpegEncoders, ffmpegEncoderBuild } from './discover.ts';
import { startFfmpegEncode } from './start-encode.ts';
import { runFfmpegTrials } from './trial-run.ts';

/** @param setting `ffmpeg`, or the absolute path of an executable; it is looked at when it is used */
export function ffmpegEngine(setting: EngineSetting) {
  return {
    setting,
    describe: (signal?: AbortSignal) => describeFfmpeg(setting, signal),
    discover: (options?: DiscoveryOptions) => discoverFfmpegEncoders(setting, options),
    encoderBuild: (encoder: string, options?: Omit<DiscoveryOptions, 'only'>) =>
      ffmpegEncoderBuild(setting, encoder, options),
    tryEncodes: async (trials: readonly EncodeParameters[], options?: TrialRunOptions): Promise<TrialResult[]> => {
      const { path } = await describeFfmpeg(setting);
      const results = await runFfmpegTrials(path, trials, options);
      return results.map((result, index) => judgeTrial(trials[index]!, result));
    },
    start: (job: EncodeJob, sink: EncodeSink, options?: StartOptions) => startFfmpegEncode(setting, job, sink, options),
  };
}
