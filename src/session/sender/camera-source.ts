// A camera (V4L2): it gives pictures when it wants to. They are read beside the event loop, and the newest is what is seen.

import { accessSync, constants } from 'node:fs';
import { Frame, Packet, avGetPixFmtName } from 'node-av/lib';
import type { AVPixelFormat } from 'node-av/constants';
import type { Fraction } from '#core/source';
import { UserError } from '#core/user-error';
import { EncodeFailure, failureOf } from '#media/bundled/encode-failure';
import { monotonicUs } from '#system/clock';
import type { PictureSource } from './picture-source.ts';
import { RawInput } from './raw-input.ts';

export class CameraSource implements PictureSource {
  readonly width: number;
  readonly height: number;
  readonly pixelFormat: string;
  readonly frameRate: Fraction | null;
  readonly sourceFrame = -1;
  readonly #input: RawInput;
  readonly #device: string;
  #newest = emptyFrame();
  #spare = emptyFrame();
  #failure: EncodeFailure | null = null;
  #closed = false;
  #arrivedUs = -1;
  picture = this.#newest;
  captureUs = 0;

  private constructor(input: RawInput, device: string) {
    this.#input = input;
    this.#device = device;
    const { codecpar, avgFrameRate } = input.stream;
    this.width = codecpar.width;
    this.height = codecpar.height;
    this.pixelFormat = avGetPixFmtName(codecpar.format as AVPixelFormat) ?? 'yuv420p';
    this.frameRate = avgFrameRate.num > 0 && avgFrameRate.den > 0 ? avgFrameRate : null;
    void this.#read();
  }

  /**
   * @param device `/dev/video0`
   * @throws UserError where it can't be opened
   */
  static open(device: string): CameraSource {
    try {
      accessSync(device, constants.R_OK | constants.W_OK);
      return new CameraSource(new RawInput('v4l2', device, {}), device);
    } catch (error) {
      throw new UserError({
        what: `the camera ${device} can't be opened: ${(error as Error).message}`,
        where: `v4l2:${device}`,
        todo: 'ls /dev/video* shows the cameras here; members of the group video may use them.',
      });
    }
  }

  begin(): boolean {
    return this.capture();
  }

  capture(): boolean {
    if (this.#failure !== null) throw this.#failure;
    this.picture = this.#newest;
    this.captureUs = this.#arrivedUs;
    return this.#arrivedUs >= 0;
  }

  again(): null {
    return null;
  }

  close(): void {
    this.#closed = true;
  }

  /** Ends behind the read that is under way when it is closed, and only then frees what that read uses. */
  async #read(): Promise<void> {
    const packet = new Packet();
    packet.alloc();
    while (!this.#closed && this.#failure === null) {
      const code = await this.#input.format.readFrame(packet);
      if (this.#closed) break;
      if (code < 0) this.#failure = failureOf(`the camera ${this.#device} gives no pictures any more`, code);
      else this.#take(packet);
      packet.unref();
    }
    packet.free();
    this.#newest.free();
    this.#spare.free();
    this.#input.close();
  }

  #take(packet: Packet): void {
    const arrivedUs = monotonicUs();
    this.#spare.unref();
    try {
      if (!this.#input.decode(packet, this.#spare)) return;
    } catch (error) {
      if (!(error instanceof EncodeFailure)) throw error;
      // Cameras begin with damaged pictures: the next one is good.
      return;
    }
    [this.#newest, this.#spare] = [this.#spare, this.#newest];
    this.#arrivedUs = arrivedUs;
  }
}

function emptyFrame(): Frame {
  const frame = new Frame();
  frame.alloc();
  return frame;
}
