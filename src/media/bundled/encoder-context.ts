// Opening an encoder by its parameters (child only). Shared by the engine and by trials, so that a trial tells the truth.

import { Codec, CodecContext, FFmpegError, Option, Rational, avGetPixFmtFromName } from 'node-av/lib';
import type { Frame } from 'node-av/lib';
import {
  AVERROR_OPTION_NOT_FOUND,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_OPT_SEARCH_CHILDREN,
  AV_PIX_FMT_NONE,
} from 'node-av/constants';
import type { EncodeParameters } from '../encode-job.ts';
import type { DevicePictures } from './device-pictures.ts';
import { deviceNameOf, missingDevice } from './hardware-device.ts';

/** Encoders count threads in 32 bits at best; 0 means automatic, which is what the ffmpeg command asks for. */
const AUTOMATIC_THREADS = 0;

export type OpenedEncoder =
  | { readonly context: CodecContext; readonly codec: Codec }
  /** `setting` names the parameter that was refused; null where opening itself failed. */
  | { readonly error: string; readonly setting: string | null };

/**
 * Opens an encoder.
 * @see prepareEncoder
 */
export function openEncoder(
  parameters: EncodeParameters,
  like: Frame | null,
  globalHeader: boolean,
  pictures: DevicePictures | null = null,
): OpenedEncoder {
  const prepared = prepareEncoder(parameters, like, globalHeader, pictures);
  return 'error' in prepared
    ? prepared
    : finish(parameters, prepared, prepared.context.open2Sync(prepared.codec, null));
}

/**
 * The same beside the event loop, which goes on while the encoder starts.
 * @see prepareEncoder
 */
export async function openEncoderAside(
  parameters: EncodeParameters,
  like: Frame | null,
  pictures: DevicePictures | null,
): Promise<OpenedEncoder> {
  const prepared = prepareEncoder(parameters, like, false, pictures);
  if ('error' in prepared) return prepared;
  return finish(parameters, prepared, await prepared.context.open2(prepared.codec, null));
}

function finish(
  parameters: EncodeParameters,
  prepared: Exclude<OpenedEncoder, { error: string }>,
  code: number,
): OpenedEncoder {
  if (code >= 0) return prepared;
  prepared.context.freeContext();
  const why = missingForEncoder(prepared.codec) ?? FFmpegError.strerror(code);
  return { error: `${parameters.encoder} can't be opened: ${why}`, setting: null };
}

/**
 * All that comes before opening: the context with every parameter set.
 * @param like a frame whose colour properties and aspect ratio the stream takes over; null for none
 * @param globalHeader true where the container keeps the headers
 * @param pictures the pictures in a device's memory that it will get; null where they lie in main memory
 */
function prepareEncoder(
  parameters: EncodeParameters,
  like: Frame | null,
  globalHeader: boolean,
  pictures: DevicePictures | null,
): OpenedEncoder {
  const codec = Codec.findEncoderByName(parameters.encoder as never);
  if (codec === null) return { error: `there is no encoder ${parameters.encoder}`, setting: 'encoder' };
  const pixelFormat = avGetPixFmtFromName(parameters.pixelFormat);
  if (pixelFormat === AV_PIX_FMT_NONE)
    return { error: `there is no pixel format ${parameters.pixelFormat}`, setting: 'pix_fmt' };
  const context = new CodecContext();
  context.allocContext3(codec);
  context.width = parameters.width;
  context.height = parameters.height;
  context.pixelFormat = pixelFormat;
  if (pictures !== null) {
    context.pixelFormat = pictures.format;
    context.hwFramesCtx = pictures.frames;
  }
  context.timeBase = new Rational(parameters.timeBase.num, parameters.timeBase.den);
  context.framerate = new Rational(parameters.frameRate.num, parameters.frameRate.den);
  context.threadCount = parameters.threads ?? AUTOMATIC_THREADS;
  if (parameters.bitrate !== null) context.bitRate = BigInt(parameters.bitrate);
  if (parameters.gop !== null) context.gopSize = parameters.gop;
  if (like !== null) {
    context.sampleAspectRatio = like.sampleAspectRatio;
    context.colorRange = like.colorRange;
    context.colorPrimaries = like.colorPrimaries;
    context.colorTrc = like.colorTrc;
    context.colorSpace = like.colorSpace;
    context.chromaLocation = like.chromaLocation;
  }
  if (globalHeader) context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  for (const [name, value] of Object.entries(parameters.options)) {
    // Never a Dictionary given to open2Sync: that corrupts memory in node-av 6.1.
    const code = Option.set(context.getNative(), name, value, AV_OPT_SEARCH_CHILDREN);
    if (code < 0) {
      context.freeContext();
      return { error: refusedOption(parameters.encoder, name, value, code), setting: name };
    }
  }
  return { context, codec };
}

/** Values of the parameters as the opened encoder holds them, by the names that were asked for. */
export function readBack(context: CodecContext, parameters: EncodeParameters): Record<string, string> {
  const actual: Record<string, string> = {
    bitrate: String(context.bitRate),
    gop: String(context.gopSize),
    threads: String(context.threadCount),
  };
  for (const name of Object.keys(parameters.options)) {
    const value = Option.get(context.getNative(), name, AV_OPT_SEARCH_CHILDREN);
    if (value !== null) actual[name] = value;
  }
  return actual;
}

/** Encoders that fill their device themselves (NVENC, Quick Sync, AMF, V4L2) only say that something did not work. */
function missingForEncoder(codec: Codec): string | null {
  const device = deviceNameOf(codec);
  return device === null ? null : missingDevice(device);
}

function refusedOption(encoder: string, name: string, value: string, code: number): string {
  if (code === AVERROR_OPTION_NOT_FOUND) return `${encoder} has no parameter ${name}`;
  return `${encoder} does not take ${name} ${value}: ${FFmpegError.strerror(code)}`;
}
