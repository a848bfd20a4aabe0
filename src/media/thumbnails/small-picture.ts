// A decoded picture made small, upright and of the kind that JPEG holds (child only).

import { Frame, FFmpegError, SoftwareScaleContext } from 'node-av/lib';
import {
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_BT470BG,
  AVCOL_SPC_BT709,
  AVCOL_SPC_UNSPECIFIED,
  AV_PIX_FMT_YUVJ420P,
} from 'node-av/constants';
import { scaleWhole } from '../scale-whole.ts';
import type { Size } from './thumbnail-plan.ts';

/** From this height on video without a named matrix is taken for BT.709, as players do. */
const HD_HEIGHT = 720;

/** Planes Y, U, V without gaps, 4:2:0, full range, BT.601: what JFIF says that a JPEG is. */
export class Planes {
  readonly width: number;
  readonly height: number;
  readonly planes: readonly [Uint8Array, Uint8Array, Uint8Array];

  constructor({ width, height }: Size) {
    this.width = width;
    this.height = height;
    const chroma = (width / 2) * (height / 2);
    // Black, where nothing is laid.
    this.planes = [new Uint8Array(width * height), new Uint8Array(chroma).fill(128), new Uint8Array(chroma).fill(128)];
  }

  /** Lays another picture onto this one, its top left corner at even x and y. */
  lay(other: Planes, x: number, y: number): void {
    this.planes.forEach((plane, index) => {
      const half = index === 0 ? 1 : 2;
      const [width, otherWidth] = [this.width / half, other.width / half];
      for (let row = 0; row < other.height / half; row++)
        plane.set(
          other.planes[index]!.subarray(row * otherWidth, (row + 1) * otherWidth),
          (y / half + row) * width + x / half,
        );
    });
  }

  meanLuma(): number {
    let sum = 0;
    for (const value of this.planes[0]) sum += value;
    return sum / this.planes[0].length;
  }

  /** Turned clockwise by a multiple of 90 degrees. */
  turned(rotation: number): Planes {
    if (rotation % 90 !== 0 || rotation % 360 === 0) return this;
    const upright = rotation % 180 === 0;
    const into = new Planes(upright ? this : { width: this.height, height: this.width });
    this.planes.forEach((plane, index) => {
      const half = index === 0 ? 1 : 2;
      turn(plane, this.width / half, this.height / half, rotation, into.planes[index]!);
    });
    return into;
  }
}

function turn(from: Uint8Array, width: number, height: number, rotation: number, into: Uint8Array): void {
  const quarter = ((rotation % 360) + 360) % 360;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [toX, toY] =
        quarter === 90 ? [height - 1 - y, x] : quarter === 180 ? [width - 1 - x, height - 1 - y] : [y, width - 1 - x];
      into[toY * (quarter === 180 ? width : height) + toX] = from[y * width + x]!;
    }
}

export class PictureShrinker {
  readonly #context = new SoftwareScaleContext();
  readonly #into = new Frame();
  readonly #rotation: number;
  readonly #size: Size;

  /** @param size of the upright picture */
  constructor(size: Size, rotation: number) {
    this.#rotation = rotation;
    this.#size = rotation % 180 === 0 ? size : { width: size.height, height: size.width };
    // Not initialised with sizes: it then follows each frame's own size and colours.
    this.#context.allocContext();
    this.#context.setOption('threads', '1');
    this.#context.setOption('sws_flags', 'bicubic+accurate_rnd+bitexact');
  }

  shrink(source: Frame): Planes {
    const into = this.#into;
    into.alloc();
    into.width = this.#size.width;
    into.height = this.#size.height;
    into.format = AV_PIX_FMT_YUVJ420P;
    into.colorRange = AVCOL_RANGE_JPEG;
    into.colorSpace = AVCOL_SPC_BT470BG;
    check(into.getBuffer(0));
    if (source.colorSpace === AVCOL_SPC_UNSPECIFIED && source.height >= HD_HEIGHT) source.colorSpace = AVCOL_SPC_BT709;
    check(scaleWhole(this.#context, into, source));
    const planes = new Planes(this.#size);
    const lines = into.linesize;
    into.data!.slice(0, 3).forEach((data, index) => {
      const half = index === 0 ? 1 : 2;
      const width = this.#size.width / half;
      for (let row = 0; row < this.#size.height / half; row++)
        planes.planes[index]!.set(data.subarray(row * lines[index]!, row * lines[index]! + width), row * width);
    });
    into.unref();
    return planes.turned(this.#rotation);
  }

  close(): void {
    this.#into.free();
    this.#context.freeContext();
  }
}

function check(code: number): void {
  if (code < 0) throw new Error(`a picture can't be made small: ${FFmpegError.strerror(code)}`);
}
