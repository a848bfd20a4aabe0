// What pictures an encoder takes: those in main memory, or in a device's memory with an uploader that brings them there.

import { Codec, avGetPixFmtFromName, avGetPixFmtName, avIsHardwarePixelFormat } from 'node-av/lib';
import type { Frame } from 'node-av/lib';
import type { AVPixelFormat } from 'node-av/constants';
import type { EncodeParameters } from '../encode-job.ts';
import { nearestPixelFormat, pixelLayout } from '../pixel-format.ts';
import { PictureUploader, type DevicePictures } from './device-pictures.ts';
import { EncodeFailure } from './encode-failure.ts';
import { encoderDevice, openDevice } from './hardware-device.ts';

export class EncoderInput {
  /** Format in main memory: what pictures are converted to, before they are uploaded where that is needed. */
  readonly softwareFormat: string;
  /** Null where the encoder takes pictures in main memory. */
  readonly uploader: PictureUploader | null;
  /** Formats in main memory that the device takes; null where the encoder declares its own. */
  readonly uploadFormats: readonly string[] | null;
  readonly #parameters: EncodeParameters;
  /** The format of pictures in a device's memory that the encoder takes as they are; null where it takes none. */
  readonly #deviceFormat: AVPixelFormat | null;

  /** @throws EncodeFailure where the device that the encoder needs can't be had */
  constructor(parameters: EncodeParameters) {
    const codec = Codec.findEncoderByName(parameters.encoder as never);
    const device = codec === null ? null : encoderDevice(codec);
    this.#parameters = parameters;
    this.#deviceFormat = device?.format ?? null;
    if (codec === null || device === null || !takesDeviceOnly(codec)) {
      this.softwareFormat = parameters.pixelFormat;
      this.uploader = null;
      this.uploadFormats = null;
      return;
    }
    const context = openDevice(device.name);
    const formats = context.getHwframeConstraints()?.validSwFormats ?? [];
    this.uploadFormats = formats.flatMap((format) => avGetPixFmtName(format as never) ?? []);
    this.softwareFormat = uploadFormat(parameters.pixelFormat, this.uploadFormats);
    const { width, height } = parameters;
    this.uploader = new PictureUploader(context, device.format, {
      width,
      height,
      format: avGetPixFmtFromName(this.softwareFormat),
    });
  }

  /**
   * True for a decoded picture that the encoder takes where it lies, in the memory of the device that both work on.
   * @param format of the source's pictures in main memory
   */
  takes(picture: Frame, format: string): boolean {
    const { width, height, pixelFormat } = this.#parameters;
    if (picture.format !== this.#deviceFormat || picture.width !== width || picture.height !== height) return false;
    const has = pixelLayout(format);
    const wanted = pixelLayout(pixelFormat);
    return has !== null && wanted !== null && has.chroma === wanted.chroma && has.depth === wanted.depth;
  }

  get devicePictures(): DevicePictures | null {
    return this.uploader?.pictures ?? null;
  }

  close(): void {
    this.uploader?.close();
  }
}

/** True where every format that an encoder declares lies in a device's memory. */
export function takesDeviceOnly(codec: Codec): boolean {
  const formats = codec.pixelFormats ?? [];
  return formats.length > 0 && formats.every((format) => avIsHardwarePixelFormat(format));
}

/** Encoding hardware reads semi-planar pictures (nv12, p010), even where the device can also hold others. */
function uploadFormat(wanted: string, formats: readonly string[]): string {
  const semiPlanar = formats.filter((name) => /^(nv|p0|p2|p4)\d+(le)?$/.test(name));
  const found = nearestPixelFormat(wanted, semiPlanar.length > 0 ? semiPlanar : formats);
  if (found === null) throw new EncodeFailure(`the device takes no pictures like ${wanted}`);
  return found;
}
