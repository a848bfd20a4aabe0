// What a screen shows: an X display (x11grab), or the plane that the kernel scans out (kmsgrab).

import { accessSync, constants } from 'node:fs';
import { Frame, Packet, avGetPixFmtName, avIsHardwarePixelFormat } from 'node-av/lib';
import type { AVPixelFormat } from 'node-av/constants';
import { UserError } from '#core/user-error';
import { PictureDownloader } from '#media/bundled/device-pictures';
import { EncodeFailure, failureOf } from '#media/bundled/encode-failure';
import { monotonicUs } from '#system/clock';
import type { PictureSource } from './picture-source.ts';
import { RawInput } from './raw-input.ts';

/** A grab waits until its own rate's next frame is due. Told a much higher rate than is asked of it, it never does. */
const GRAB_RATE = '1000';

/**
 * @param device `:99`, or a part of it from a place on: `:99+100,50`
 * @throws UserError where it can't be opened
 */
export function openDisplay(device: string): ScreenSource {
  try {
    const whole = new ScreenSource(
      new RawInput('x11grab', device.replace(/\+.*/, ''), { framerate: GRAB_RATE }),
      device,
    );
    const place = /\+(\d+),(\d+)$/.exec(device);
    if (place === null) return whole;
    // Told no size, it would take that of the whole display.
    const [width, height] = [whole.width - Number(place[1]), whole.height - Number(place[2])];
    whole.close();
    if (width < 2 || height < 2) throw new EncodeFailure(`it has ${whole.width}x${whole.height} only`);
    const options = { framerate: GRAB_RATE, video_size: `${width}x${height}` };
    return new ScreenSource(new RawInput('x11grab', device, options), device);
  } catch (error) {
    if (!(error instanceof EncodeFailure)) throw error;
    throw new UserError({
      what: `the display ${device} can't be captured: ${error.message}`,
      where: `x11:${device}`,
      todo: 'Check that an X server runs there and that we may use it (DISPLAY, XAUTHORITY); for a try: Xvfb :99.',
    });
  }
}

/**
 * @param device `/dev/dri/card0`
 * @throws UserError where it can't be opened
 */
export function openScreen(device: string): ScreenSource {
  try {
    accessSync(device, constants.R_OK);
    return new ScreenSource(new RawInput('kmsgrab', '-', { device, framerate: GRAB_RATE }), device);
  } catch (error) {
    throw new UserError({
      what: `the screen of ${device} can't be captured: ${(error as Error).message}`,
      where: `kms:${device}`,
      todo: 'It needs a graphics card with a screen that is on, and CAP_SYS_ADMIN. x11:DISPLAY needs neither.',
    });
  }
}

class ScreenSource implements PictureSource {
  readonly width: number;
  readonly height: number;
  readonly pixelFormat: string;
  readonly frameRate = null;
  readonly sourceFrame = -1;
  readonly #input: RawInput;
  readonly #device: string;
  readonly #packet = new Packet();
  readonly #frame = new Frame();
  readonly #downloader = new PictureDownloader();
  #picture: Frame | null = null;
  captureUs = 0;

  constructor(input: RawInput, device: string) {
    this.#input = input;
    this.#device = device;
    this.#packet.alloc();
    this.#frame.alloc();
    const { width, height, format } = input.stream.codecpar;
    this.width = width;
    this.height = height;
    this.pixelFormat = avGetPixFmtName(format as AVPixelFormat) ?? 'bgr0';
  }

  get picture(): Frame {
    return this.#picture ?? this.#frame;
  }

  begin(): boolean {
    return this.capture();
  }

  capture(): boolean {
    this.#frame.unref();
    this.captureUs = monotonicUs();
    const code = this.#input.format.readFrameSync(this.#packet);
    if (code < 0) throw failureOf(`${this.#device} can't be captured any more`, code);
    const decoded = this.#input.decode(this.#packet, this.#frame);
    this.#packet.unref();
    if (!decoded) return false;
    const onDevice = avIsHardwarePixelFormat(this.#frame.format as AVPixelFormat);
    this.#picture = onDevice ? this.#downloader.download(this.#frame) : this.#frame;
    return true;
  }

  again(): null {
    return null;
  }

  close(): void {
    this.#frame.free();
    this.#packet.free();
    this.#downloader.close();
    this.#input.close();
  }
}
