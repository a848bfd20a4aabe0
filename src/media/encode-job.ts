// One encode, with everything decided: no defaults are left to look up.

import type { EngineSetting } from '#core/engine';
import type { Fraction } from '#core/source';

/** What an encoder is to do, whatever the source. Two equal ones need one trial. */
export interface EncodeParameters {
  readonly engine: EngineSetting;
  readonly encoder: string;
  /** Device that decodes the source: `vaapi`, `cuda` …; null decodes in software. */
  readonly hwdecode: string | null;
  /** Size of the encoded pictures. */
  readonly width: number;
  readonly height: number;
  readonly pixelFormat: string;
  /** Frames a second; for a variable rate the average, which rate control is told. */
  readonly frameRate: Fraction;
  /** True where every frame keeps its time in the source; false where frames come at `frameRate` exactly. */
  readonly variableFrameRate: boolean;
  /** Seconds a tick of the encoder's times: 1 / frameRate, or the source's where the rate is variable. */
  readonly timeBase: Fraction;
  /** First and last frame of the source to encode, in presentation order, both included; null for all. */
  readonly frames: readonly [first: number, last: number] | null;
  /** Frames that will come out; null where that can't be told (a variable rate converted to a constant one). */
  readonly expectedFrames: number | null;
  /** Frames that the source has, as inspected: it is checked against when the source ends. Null where not known. */
  readonly sourceFrames: number | null;
  /** The source's own rate where it is constant: its frames then come at exact times, whatever ticks they are rounded to. */
  readonly sourceRate: Fraction | null;
  /** The source's video stream to encode; null for its first. */
  readonly sourceStream: number | null;
  /** Bits a second; null leaves it to the encoder. */
  readonly bitrate: number | null;
  /** Frames between keyframes at most; null leaves it to the encoder. */
  readonly gop: number | null;
  /** Null means automatic, as the ffmpeg command does. */
  readonly threads: number | null;
  /** The encoder's own parameters by name, as FFmpeg parses them. */
  readonly options: Readonly<Record<string, string>>;
}

export interface EncodeJob {
  readonly parameters: EncodeParameters;
  /** A file or `lavfi:GRAPH`. */
  readonly source: string;
  /** Path of the Matroska file to write; whole only where the outcome is ok. */
  readonly output: string;
}

/** Which of the source's frames are encoded, and when they are shown. */
export type PictureTiming = Pick<
  EncodeParameters,
  'frames' | 'frameRate' | 'variableFrameRate' | 'timeBase' | 'sourceRate' | 'sourceStream'
>;
