// The engines behind one interface: what carries out an encode is a setting, so that builds can be compared.

import { BUNDLED_ENGINE, type EngineInfo, type EngineSetting } from '#core/engine';
import type { EncoderInfo } from '#core/encoder';
import { startEncode } from './bundled/start-encode.ts';
import type { EncodeJob, EncodeParameters } from './encode-job.ts';
import { describeBundled, discoverEncoders, encoderBuild, type DiscoveryOptions } from './encoders.ts';
import { ffmpegEngine } from './ffmpeg/ffmpeg-engine.ts';
import type { EncodeSink, RunningEncode, StartOptions } from './running-encode.ts';
import { tryEncodes, type TrialResult } from './trial.ts';
import type { TrialRunOptions } from './trial-runner.ts';

export interface Engine {
  readonly setting: EngineSetting;
  /** @throws UserError where it can't be run: no such file, no ffmpeg */
  describe(signal?: AbortSignal): Promise<EngineInfo>;
  /** Every video encoder in it, each tried on this machine. */
  discover(options?: DiscoveryOptions): Promise<EncoderInfo[]>;
  /** Identifies the build of an encoder: runs with equal builds may be compared. */
  encoderBuild(encoder: string, options?: Omit<DiscoveryOptions, 'only'>): Promise<string>;
  /** Encodes a few made-up frames with each set of parameters; one result for each, in their order. */
  tryEncodes(trials: readonly EncodeParameters[], options?: TrialRunOptions): Promise<TrialResult[]>;
  /** Starts an encode that does nothing before `begin`. */
  start(job: EncodeJob, sink: EncodeSink, options?: StartOptions): RunningEncode;
}

const bundled: Engine = {
  setting: BUNDLED_ENGINE,
  describe: describeBundled,
  discover: discoverEncoders,
  encoderBuild,
  tryEncodes,
  start: startEncode,
};

/** The user's engines, by setting: one each, since they hold nothing of their own. */
const ffmpegs = new Map<EngineSetting, Engine>();

/** The engine that a setting names: `bundled`, `ffmpeg` (the one on the PATH), or the absolute path of an executable. */
export function engineOf(setting: EngineSetting): Engine {
  if (setting === BUNDLED_ENGINE) return bundled;
  let engine = ffmpegs.get(setting);
  if (engine === undefined) ffmpegs.set(setting, (engine = ffmpegEngine(setting)));
  return engine;
}
