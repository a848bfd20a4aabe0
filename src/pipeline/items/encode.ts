// A chunk for one or more renditions: encoded, checked, kept.

import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { EncoderInfo } from '#core/encoder';
import { BUNDLED_ENGINE, type EngineSetting } from '#core/engine';
import type { Chunk, ItemOutput, ItemResult, VideoRendition } from '#core/title';
import { UserError } from '#core/user-error';
import { checkChunks, type CheckedChunk } from '#media/chunk/check-chunk';
import { ROTATIONS, type ChunkJob, type ChunkOutput, type ChunkResult, type Rotation } from '#media/chunk/chunk-job';
import { chunkRange } from '#media/chunk/chunk-range';
import { startChunk } from '#media/chunk/start-chunk';
import { hasTwoPasses } from '#media/chunk/two-pass';
import { engineOf } from '#media/engine';
import type { ItemEnd, ItemRun } from '#run/item-runs';
import { watchChildren } from '#system/child-process';
import type { ItemContext, ItemWork } from '../item-work.ts';
import { renditionParameters } from '../rung-parameters.ts';
import type { EncodeFacts } from './encode-facts.ts';

/** Its facts: for each rendition by its id an `EncodeFacts`. */
export const encodeItem: ItemWork = async (context) => {
  const { plan, item, folder } = context;
  const chunk = item.chunk === null ? undefined : plan.chunks[item.chunk];
  const renditions = plan.renditions.filter(
    (each): each is VideoRendition => each.kind === 'video' && item.renditions.includes(each.id),
  );
  if (chunk === undefined || renditions.length === 0)
    throw new UserError({ what: `${item.key} names no chunk and rendition of the plan` });
  const work = await folder.workFolder();
  try {
    return await encodeInto(work, chunk, renditions, context);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};

async function encodeInto(
  work: string,
  chunk: Chunk,
  renditions: readonly VideoRendition[],
  context: ItemContext,
): Promise<ItemResult> {
  const { plan, checked, threads, source, signal, folder } = context;
  const engine = engineNamed(renditions);
  const encoders = await encodersOf(engine, renditions, context);
  const range = chunkRange(chunk, checked);
  const outputs = renditions.map((rendition): ChunkOutput => {
    const parameters = renditionParameters(plan, rendition, checked.info, encoders, threads);
    if (rendition.passes === 2 && engine === BUNDLED_ENGINE && !hasTwoPasses(parameters.encoder))
      throw new UserError({
        what: `the bundled engine can't encode in two passes with ${parameters.encoder}`,
        where: `rendition ${rendition.id}`,
        todo: 'Give the rung one pass, or engine: ffmpeg.',
      });
    return {
      parameters,
      passes: rendition.passes,
      keyframes: chunk.keyframes.map((frame) => frame - chunk.first),
      output: join(work, `${rendition.id}.mp4`),
      stream: rendition.id,
      pictures: join(work, `${rendition.id}.pictures`),
    };
  });
  const { video } = checked.info;
  const { timeBase } = plan.source;
  const rotation = quarterTurns(video.rotation);
  const job: ChunkJob = { source, sourceStream: plan.source.stream, timeBase, rotation, engine, range, outputs };
  const { result: made, run } = await encoded(job, renditions, context);
  context.shape?.stage('check');
  const { checks, runs } = await checkedOutputs(job, made, context).then(
    async (found) => ({ checks: found, runs: await run.end(endsOf(made, null, signal)) }),
    async (error: Error) => {
      await run.end(endsOf(made, error.message, signal));
      throw error;
    },
  );
  const kept: ItemOutput[] = [];
  for (const [i, { output, stream }] of outputs.entries())
    kept.push(await folder.keep(output, 'mp4', { rendition: stream, frames: range.frames, run: runs[i]! }));
  signal.throwIfAborted();
  return {
    outputs: kept,
    cpuS: made.cpuS,
    checkCpuS: checks.reduce((sum: number | null, { cpuS }) => (sum === null || cpuS === null ? null : sum + cpuS), 0),
    facts: Object.fromEntries(
      outputs.map(({ stream }, i): [string, EncodeFacts] => {
        const { encoderBuild, cpuS } = made.outputs[i]!;
        const { decodesFrom, pictures } = checks[i]!;
        return [stream, { encoderBuild, cpuS, decodesFrom, pictures }];
      }),
    ),
  };
}

interface Encoded {
  readonly result: ChunkResult;
  /** To be ended by whoever checks what came out. */
  readonly run: ItemRun;
}

/** @throws Error where it did not end well: another try may, on another machine or with more memory */
async function encoded(job: ChunkJob, renditions: readonly VideoRendition[], context: ItemContext): Promise<Encoded> {
  const { signal } = context;
  let { result, run } = await encodeOnce(job, renditions, context);
  // A source whose index leads astray is decoded from its beginning.
  if (result.missedFrames && job.range.seekPts !== null) {
    await run.end(endsOf(result, null, signal));
    const range = { ...job.range, seekPts: null };
    ({ result, run } = await encodeOnce({ ...job, range }, renditions, context));
  }
  if (result.outcome === 'ok' && !signal.aborted) return { result, run };
  await run.end(endsOf(result, null, signal));
  signal.throwIfAborted();
  const log = result.logTail === '' ? '' : `\n${result.logTail}`;
  throw new Error(`the encode ${result.outcome === 'failed' ? 'failed' : 'was broken off'}: ${result.reason}${log}`);
}

async function encodeOnce(
  job: ChunkJob,
  renditions: readonly VideoRendition[],
  { lab, plan, checked, signal, runs, shape, stallMs }: ItemContext,
): Promise<Encoded> {
  const { first, last } = job.range;
  const run = await runs.begin(
    renditions.map(({ id, settings }, i) => ({
      label: `${basename(job.source)} ${first}..${last} ${id}`,
      settings: {
        ...settings,
        source: checked.info.path,
        frames: [first, last],
        threads: job.outputs[i]!.parameters.threads ?? 1,
      },
      sourceHash: plan.source.hash,
    })),
    shape,
  );
  const options = { signal, stallMs, cacheFolder: lab.cacheFolder, enter: run.enter };
  // It enters a group of its own, which its run and the item's shape both read.
  const running = watchChildren(undefined, () => startChunk(job, run.sinks, options));
  const pid = await running.ready;
  if (pid !== null) {
    run.began(pid);
    running.begin();
  }
  return { result: await running.result, run };
}

/** @param refused why what came out is not taken; null where it is */
function endsOf(result: ChunkResult, refused: string | null, signal: AbortSignal): ItemEnd[] {
  return result.outputs.map(({ encoderBuild, cpuS }) => ({
    outcome: refused === null ? result.outcome : 'failed',
    reason: refused ?? result.reason,
    interrupted: signal.aborted || result.unwritable,
    encoderBuild,
    cpuS,
  }));
}

/** @throws Error with all that is wrong */
async function checkedOutputs(
  job: ChunkJob,
  made: ChunkResult,
  { signal, checked, plan }: ItemContext,
): Promise<CheckedChunk[]> {
  const { range, outputs } = job;
  const pts = Array.from(checked.frames.pts.subarray(range.first, range.last + 1), (each) => each - range.firstPts);
  const checks = await checkChunks(
    outputs.map(({ parameters, output, keyframes }, i) => ({
      path: output,
      width: parameters.width,
      height: parameters.height,
      frames: range.frames,
      timeBase: parameters.timeBase,
      pts: parameters.variableFrameRate ? pts : null,
      keyframes,
      frameRate: parameters.frameRate,
      kept: made.outputs[i]!.pictures,
    })),
    { signal },
  );
  const problems = checks.flatMap(({ problem }, i) => (problem === null ? [] : [`${outputs[i]!.stream}: ${problem}`]));
  if (problems.length > 0)
    throw new Error(
      `frames ${range.first} to ${range.last} of ${plan.source.frames} are refused: ${problems.join('; ')}`,
    );
  return checks;
}

/** One engine encodes an item. */
function engineNamed(renditions: readonly VideoRendition[]): EngineSetting {
  const named = new Set(renditions.map(({ settings }) => String(settings['engine'] ?? BUNDLED_ENGINE)));
  if (named.size > 1)
    throw new UserError({ what: `one item is encoded by one engine, not by ${[...named].join(', ')}` });
  return [...named][0]!;
}

function encodersOf(
  engine: EngineSetting,
  renditions: readonly VideoRendition[],
  { lab: { cacheFolder }, signal }: ItemContext,
): Promise<EncoderInfo[]> {
  const only = [...new Set(renditions.map(({ settings }) => String(settings['encoder'])))];
  // Who asks first asks for others too: it is not this item's work.
  return watchChildren(undefined, () => engineOf(engine).discover({ only, cacheFolder, signal }));
}

/** Only quarter turns are made; what else a source says is left out, and stands in the plan's notes. */
function quarterTurns(degrees: number): Rotation {
  const turn = ((degrees % 360) + 360) % 360;
  return ROTATIONS.find((each) => each === turn) ?? 0;
}
