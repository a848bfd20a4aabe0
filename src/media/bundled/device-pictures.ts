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
  #width = 0;
  #height = 0;

  /** The picture in main memory; it belongs to the downloader and is valid until the next call. */
  download(picture: Frame): Frame {
    const { width, height } = picture;
    if (this.#pool === null || width !== this.#width || height !== this.#height) {
      this.#pool?.close();
      this.#pool = new FramePool(width, height, formatInMemory(picture));
      this.#width = width;
      this.#height = height;
    }
    const target = this.#pool.take();
    const code = transfer(target, picture);
    if (code < 0) throw failureOf("a picture can't be downloaded", code);
    return target;
  }

  close(): void {
    this.#pool?.close();
  }
}

/** The format that a picture on a device has in main memory: what FFmpeg chooses for one without a format. */
function formatInMemory(picture: Frame): AVPixelFormat {
  const target = new Frame();
  target.alloc();
  const code = transfer(target, picture);
  const format = target.format as AVPixelFormat;
  target.free();
  if (code < 0) throw failureOf("a picture can't be downloaded", code);
  return format;
}

function transfer(target: Frame, picture: Frame): number {
  const code = picture.hwframeTransferDataSync(target, 0);
  return code < 0 ? code : target.copyProps(picture);
}

/**
 * The memory that a picture on a device lies in, as an encoder is told of it. node-av 6.1 keeps the answer of
 * `hwFramesCtx` for as long as the object lives, also when the frame holds another picture or none by then, and crashes on
 * it; so a frame of its own is asked, once.
 */
export class HeldDevicePictures implements DevicePictures {
  readonly format: AVPixelFormat;
  readonly frames: HardwareFramesContext;
  readonly #frame = new Frame();

  constructor(picture: Frame) {
    this.#frame.alloc();
    const code = this.#frame.ref(picture);
    const frames = code < 0 ? null : this.#frame.hwFramesCtx;
    if (frames === null) throw failureOf("a picture on a device can't be held", code);
    this.format = picture.format as AVPixelFormat;
    this.frames = frames;
  }

  close(): void {
    this.#frame.free();
  }
}
