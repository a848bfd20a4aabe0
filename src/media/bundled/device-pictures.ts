// Pictures between main memory and a graphics device (child only).

import { Frame, HardwareFramesContext } from 'node-av/lib';
import type { HardwareDeviceContext } from 'node-av/lib';
import type { AVPixelFormat } from 'node-av/constants';
import { failureOf } from './encode-failure.ts';
import { FramePool } from './frame-pool.ts';

/** Pictures of one kind in a device's memory, as an encoder is told of them before it is opened. */
export interface DevicePictures {
  readonly format: AVPixelFormat;
  readonly frames: HardwareFramesContext;
}

export interface PictureLayout {
  readonly width: number;
  readonly height: number;
  /** Format in main memory. */
  readonly format: AVPixelFormat;
}

/** Copies pictures into a device's memory. */
export class PictureUploader {
  readonly pictures: DevicePictures;
  readonly #frame = new Frame();

  /** @throws EncodeFailure where the device does not take such pictures */
  constructor(device: HardwareDeviceContext, format: AVPixelFormat, layout: PictureLayout) {
    const frames = new HardwareFramesContext();
    frames.alloc(device);
    frames.format = format;
    frames.swFormat = layout.format;
    frames.width = layout.width;
    frames.height = layout.height;
    const code = frames.init();
    if (code < 0) throw failureOf(`the device takes no pictures of ${layout.width}x${layout.height}`, code);
    this.pictures = { format, frames };
    this.#frame.alloc();
  }

  /** The picture on the device; it belongs to the uploader and is valid until the next call. */
  upload(picture: Frame): Frame {
    const target = this.#frame;
    target.unref();
    let code = this.pictures.frames.getBuffer(target, 0);
    if (code >= 0) code = this.pictures.frames.transferDataSync(target, picture, 0);
    if (code >= 0) code = target.copyProps(picture);
    if (code < 0) throw failureOf("a picture can't be uploaded", code);
    return target;
  }

  close(): void {
    this.#frame.free();
    this.pictures.frames.free();
  }
}

/** Copies pictures out of a device's memory. */
export class PictureDownloader {
  #pool: FramePool | null = null;

  /** The picture in main memory; it belongs to the downloader and is valid until the next call. */
  download(picture: Frame): Frame {
    const format = picture.hwFramesCtx!.swFormat;
    if (this.#pool?.fits(picture.width, picture.height, format) !== true) {
      this.#pool?.close();
      this.#pool = new FramePool(picture.width, picture.height, format);
    }
    const target = this.#pool.take();
    let code = picture.hwframeTransferDataSync(target, 0);
    if (code >= 0) code = target.copyProps(picture);
    if (code < 0) throw failureOf("a picture can't be downloaded", code);
    return target;
  }

  close(): void {
    this.#pool?.close();
  }
}
