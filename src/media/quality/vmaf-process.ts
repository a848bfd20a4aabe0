// VMAF by an ffmpeg executable of the user's: the matched pairs go to it through one pipe, its scores come back in a file.

import { copyFileSync, createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Frame } from 'node-av/lib';
import type { QualityScore } from '#core/quality';
import { startChild, type RunningChild } from '#system/child-process';
import type { PictureForm } from './conformer.ts';
import { QualityFailure, type VmafJob } from './quality-job.ts';
import { askForVmaf } from './vmaf-engine.ts';

const LOG = 'vmaf.json';
const MODEL = 'model.json';
const MAX_THREADS = 16;
/** Only what is in the pipe and in its threads is still to be scored when the last pair is written. */
const FINISH_TIMEOUT_MS = 10 * 60_000;
/** A pair of 8K pictures takes some seconds; who takes none for so long hangs. */
const WRITE_TIMEOUT_MS = 30_000;

export class VmafProcess {
  readonly #folder: string;
  readonly #child: RunningChild;
  readonly #model: string | null;
  readonly #version: string;
  #broken = false;
  #unblock: () => void = () => {};

  /** @throws QualityFailure where the executable has no libvmaf, or the model file can't be read */
  static async start(job: VmafJob, form: PictureForm): Promise<VmafProcess> {
    const known = await askForVmaf(job.ffmpeg);
    if ('reason' in known) throw new QualityFailure(`vmaf: ${job.ffmpeg} ${known.reason}`);
    return new VmafProcess(job, form, known.version, known.defaultModel);
  }

  private constructor(job: VmafJob, form: PictureForm, version: string, defaultModel: string | null) {
    this.#folder = mkdtempSync(join(job.scratch ?? tmpdir(), 'encodelab-vmaf-'));
    this.#version = version;
    const isFile = job.model !== null && (job.model.includes('/') || job.model.endsWith('.json'));
    this.#model = isFile ? basename(job.model!, '.json') : (job.model ?? defaultModel);
    try {
      // In the working folder under our name: a path in a filter's options would have to be escaped twice.
      if (isFile) copyFileSync(job.model!, join(this.#folder, MODEL));
    } catch (error) {
      this.#remove();
      throw new QualityFailure(`vmaf: the model can't be read: ${(error as Error).message}`, { cause: error });
    }
    this.#child = startChild(job.ffmpeg, vmafArgs(form, isFile ? `path=${MODEL}` : modelVersion(job.model)), {
      cwd: this.#folder,
      openInput: true,
    });
    // An executable that is gone can't be written to; its end tells why.
    this.#child.stdin?.on('error', () => this.#giveUp());
    void this.#child.result.then(() => this.#giveUp());
  }

  /** Sends a pair; resolves when the pipe takes more, so that no more than a few pictures wait in it. */
  async write(source: Frame, output: Frame): Promise<void> {
    for (const picture of [source, output]) {
      if (this.#broken) return;
      if (this.#child.stdin!.write(picture.toBuffer())) continue;
      const timer = setTimeout(() => this.#child.kill(), WRITE_TIMEOUT_MS);
      await new Promise<void>((resolve) => {
        this.#unblock = resolve;
        this.#child.stdin!.once('drain', resolve);
        if (this.#broken) resolve();
      });
      clearTimeout(timer);
    }
  }

  /**
   * Ends the input, waits for the scores and tells them in the order of the pairs.
   * @throws QualityFailure where the executable broke down, or has scored another number of pairs
   */
  async finish(pairs: number, tell: (pair: number, value: number) => void): Promise<Omit<QualityScore, 'frames'>> {
    const timer = setTimeout(() => this.#child.kill(), FINISH_TIMEOUT_MS);
    try {
      this.#child.stdin!.end();
      const { code, signal, stderr } = await this.#child.result;
      if (code !== 0)
        throw new QualityFailure(`vmaf: ffmpeg ended with ${signal ?? `status ${code}`}: ${lastLine(stderr)}`);
      const read = await readScores(join(this.#folder, LOG), pairs, tell);
      if (read.frames !== pairs)
        throw new QualityFailure(
          read.frames < 0
            ? 'vmaf: its log tells frames twice, or such as were never sent'
            : `vmaf: ${read.frames} of ${pairs} frames were scored`,
        );
      return {
        metric: 'vmaf',
        model: this.#model,
        implementation: `libvmaf ${read.version ?? 'of unknown version'} in ffmpeg ${this.#version}`,
      };
    } finally {
      clearTimeout(timer);
      this.close();
    }
  }

  close(): void {
    this.#child.kill();
    this.#remove();
  }

  #giveUp(): void {
    this.#broken = true;
    this.#unblock();
  }

  #remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function modelVersion(model: string | null): string | null {
  return model === null ? null : `version=${model}`;
}

/** Source and output pictures alternate in one stream, and are told apart by whether their number is even. */
function vmafArgs(form: PictureForm, model: string | null): string[] {
  const threads = Math.min(MAX_THREADS, availableParallelism());
  const options = [`log_fmt=json:log_path=${LOG}:n_threads=${threads}`, ...(model === null ? [] : [`model=${model}`])];
  const graph = [
    '[0:v]split[a][b]',
    "[a]select='not(mod(n,2))',setpts=N[source]",
    "[b]select='mod(n,2)',setpts=N[output]",
    `[output][source]libvmaf=${options.join(':')}`,
  ].join(';');
  const size = `${form.width}x${form.height}`;
  const input = ['-f', 'rawvideo', '-pixel_format', form.pixelFormat, '-video_size', size, '-i', 'pipe:0'];
  return ['-v', 'error', '-nostdin', ...input, '-filter_complex', graph, '-f', 'null', '-'];
}

/** The log has one line for each score; a film's is too long to be parsed at once. */
async function readScores(
  path: string,
  pairs: number,
  tell: (pair: number, value: number) => void,
): Promise<{ readonly frames: number; readonly version: string | null }> {
  let version: string | null = null;
  let pair = -1;
  const seen = new Uint8Array(pairs);
  let frames = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    version ??= /^\s*"version": "([^"]*)"/.exec(line)?.[1] ?? null;
    const number = /"frameNum": (\d+)/.exec(line);
    if (number !== null) pair = Number(number[1]);
    const score = /"vmaf": (-?[\d.]+)/.exec(line);
    if (score === null || pair < 0) continue;
    // Each frame once: a log that tells one again, or one that was never sent, is not to be trusted.
    if (pair >= pairs || seen[pair] === 1) return { frames: -1, version };
    seen[pair] = 1;
    tell(pair, Number(score[1]));
    frames++;
    pair = -1;
  }
  return { frames, version };
}

function lastLine(log: string): string {
  return (log.trim().split('\n').at(-1) ?? '').replace(/^\[[^\]]*\]\s*/, '');
}
