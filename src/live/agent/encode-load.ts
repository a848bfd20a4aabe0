// Load of a GPU: encodes of made-up pictures, one after the other, for as long as it is wanted.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLED_ENGINE } from '#core/engine';
import type { EncoderInfo } from '#core/encoder';
import { UserError } from '#core/user-error';
import { discoverEncoders } from '#media/encoders';
import { engineOf } from '#media/engine';
import type { RunningEncode } from '#media/running-encode';
import { smallEncode } from '#media/small-encode';
import { newId } from '#system/clock';

const SIZE = { width: 1920, height: 1080 } as const;
const RATE = 60;
/** Of one encode; at its end the next one begins. With the bitrate it bounds the file: some 30 MB. */
const FRAMES = 60 * RATE;
const BITRATE = 4_000_000;
/** The two that every GPU with an encoder has. */
const CODECS = ['h264', 'hevc'];

/** @throws UserError where no encoder of a GPU works on this machine */
export async function findGpuEncoder(): Promise<EncoderInfo> {
  const encoders = await discoverEncoders();
  const found = encoders.find(({ hardware, available, codec }) => hardware && available && CODECS.includes(codec));
  if (found !== undefined) return found;
  throw new UserError({
    what: 'there is no GPU on this machine whose encoder works',
    todo: 'encodelab encoders --all tells why',
  });
}

export class EncodeLoad {
  readonly #encoder: EncoderInfo;
  readonly #output: string;
  #running: RunningEncode | null = null;
  #closed = false;
  /** Resolves when it ended: with why, where it ended by itself. */
  readonly result: Promise<string | null>;

  /** @param folder where it may write */
  constructor(encoder: EncoderInfo, folder: string) {
    this.#encoder = encoder;
    this.#output = join(folder, `load-${newId()}.mkv`);
    this.result = this.#run();
  }

  kill(): void {
    this.#closed = true;
    this.#running?.kill();
  }

  async #run(): Promise<string | null> {
    const nothing = () => {
      // Its rows are of no use to anybody.
    };
    const parameters = smallEncode(this.#encoder, {
      ...SIZE,
      frameRate: { num: RATE, den: 1 },
      timeBase: { num: 1, den: RATE },
      frames: [0, FRAMES - 1],
      expectedFrames: FRAMES,
      bitrate: BITRATE,
    });
    const job = {
      parameters,
      source: `lavfi:testsrc2=size=${SIZE.width}x${SIZE.height}:rate=${RATE}`,
      output: this.#output,
    };
    const sink = { frames: nothing, steps: nothing, phase: nothing, progress: nothing };
    let reason: string | null = null;
    while (!this.#closed && reason === null) {
      this.#running = engineOf(BUNDLED_ENGINE).start(job, sink);
      if ((await this.#running.ready) !== null && !this.#closed) this.#running.begin();
      const result = await this.#running.result;
      if (result.outcome !== 'ok') reason = result.reason ?? result.outcome;
      rmSync(this.#output, { force: true });
    }
    return this.#closed ? null : reason;
  }
}
