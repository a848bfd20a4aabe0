// The arguments with which the user's ffmpeg does an encode. Pure.

import { resolve } from 'node:path';
import type { EncodeJob, EncodeParameters } from '../encode-job.ts';
import { lavfiGraph } from '../source-path.ts';
import type { Abilities } from './description.ts';
import { uploadDeviceOf } from './hardware.ts';
import { convertsRate, pictureFilters } from './picture-filters.ts';

/** Where lines of `-stats_enc_pre` and `-stats_enc_post` go: a descriptor that the child inherits. */
const STATS_DESCRIPTOR = 3;
/** First byte of a line for a frame that goes in, and for a packet that came out. */
export const FRAME_IN = '<';
export const PACKET_OUT = '>';

export interface Schedule {
  /** Frames that will come out where the rate is converted; null where that is not known. */
  readonly frames: number | null;
  /** Times that the last one of the source is shown at most. */
  readonly lastShown: number;
}

export interface Measuring {
  /** Path of the file for `-vstats_file`; null for none. */
  readonly videoStats: string | null;
}

/** The whole command line of a job, without the program. */
export function encodeArguments(
  job: EncodeJob,
  abilities: Abilities,
  schedule: Schedule,
  measuring: Measuring,
): string[] {
  const { parameters } = job;
  const graph = lavfiGraph(job.source);
  return [
    ['-hide_banner', '-nostdin', '-nostats', '-y', '-loglevel', 'repeat+level+info', '-progress', 'pipe:1'],
    abilities.callTimes ? ['-benchmark_all'] : [],
    measuring.videoStats === null ? [] : ['-vstats_file', measuring.videoStats],
    deviceArguments(parameters),
    graph === null
      ? ['-noautorotate', '-protocol_whitelist', 'file', '-i', `file:${resolve(job.source)}`]
      : ['-f', 'lavfi', '-i', graph],
    ['-map', parameters.sourceStream === null ? '0:v:0' : `0:${parameters.sourceStream}`],
    ['-an', '-sn', '-dn', '-map_metadata', '-1'],
    ['-vf', pictureFilters(parameters, schedule.lastShown)],
    rateArguments(parameters, abilities, schedule),
    encoderArguments(parameters),
    !abilities.callTimes && abilities.frameStats ? frameStatsArguments() : [],
    ['-f', 'matroska', `file:${job.output}`],
  ].flat();
}

/** The encoder and what it is asked for, each with the kind of stream, so that none is taken for the command's own. */
export function encoderArguments(parameters: EncodeParameters): string[] {
  const { encoder, bitrate, gop, threads, options } = parameters;
  return [
    ['-c:v', encoder],
    bitrate === null ? [] : ['-b:v', String(bitrate)],
    gop === null ? [] : ['-g:v', String(gop)],
    threads === null ? [] : ['-threads:v', String(threads)],
    Object.entries(options).flatMap(([name, value]) => [`-${name}:v`, value]),
  ].flat();
}

export function deviceArguments({ encoder, hwdecode }: EncodeParameters): string[] {
  const upload = uploadDeviceOf(encoder);
  return [
    upload === null ? [] : ['-init_hw_device', `${upload}=encodelab`, '-filter_hw_device', 'encodelab'],
    // The pictures come back into memory, where the filters work.
    hwdecode === null ? [] : ['-hwaccel', hwdecode],
  ].flat();
}

/** Frames come as the filters give them. */
export function rateArguments(parameters: EncodeParameters, abilities: Abilities, schedule: Schedule): string[] {
  const { frameRate, timeBase, variableFrameRate } = parameters;
  const mode = abilities.frameRateMode ? '-fps_mode:v' : '-vsync';
  if (variableFrameRate) return [mode, 'passthrough', '-enc_time_base:v', `${timeBase.num}:${timeBase.den}`];
  const end = convertsRate(parameters) && schedule.frames !== null ? ['-frames:v', String(schedule.frames)] : [];
  return [mode, 'cfr', '-r', `${frameRate.num}/${frameRate.den}`, ...end];
}

function frameStatsArguments(): string[] {
  const pipe = `pipe:${STATS_DESCRIPTOR}`;
  return [
    ['-stats_enc_pre:v', pipe, '-stats_enc_pre_fmt:v', FRAME_IN],
    ['-stats_enc_post:v', pipe, '-stats_enc_post_fmt:v', PACKET_OUT],
  ].flat();
}
