// Which video encoders the bundled engine has, what they take, and which of them really work on this machine.

import type { EncoderInfo } from '#core/encoder';
import { BUNDLED_ENGINE, type EngineInfo } from '#core/engine';
import type { EncodeParameters } from './encode-job.ts';
import { encoderCacheKey, readEncoderCache, writeEncoderCache, type KnownEncoder } from './encoder-cache.ts';
import type { EncoderDescription, EncoderListing, EncoderListJob, EncoderListMessage } from './encoder-listing.ts';
import { describedVersion, loggedVersion } from './encoder-text.ts';
import { nearestPixelFormat } from './pixel-format.ts';
import { failureReason } from './trial-log.ts';
import { runTrials, type LoggedTrial } from './trial-runner.ts';
import { runWatched } from './watched-child.ts';

/** Listing takes a tenth of a second; on a machine that is loaded heavily some seconds. */
const LIST_TIMEOUT_MS = 30_000;
/** CIF: the one size that old encoders (H.261, H.263) take as well as new ones. */
const TRIAL_SIZE = { width: 352, height: 288 } as const;
const TRIAL_RATE = { num: 25, den: 1 } as const;
/** One encoder of the discovery may take this long for its two small frames. */
const DISCOVERY_TRIAL_MS = 8_000;

export interface DiscoveryOptions {
  /** Names of the encoders to try; all by default. */
  readonly only?: readonly string[] | undefined;
  /** Folder in which results are kept between starts; none by default. */
  readonly cacheFolder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Every video encoder compiled into the bundled FFmpeg, each tried with two frames in a child of ours. */
export async function discoverEncoders(options: DiscoveryOptions = {}): Promise<EncoderInfo[]> {
  return (await knownEncoders(options)).map((known) => known.info);
}

/** The bundled engine; asked for once in a process. */
export async function describeBundled(): Promise<EngineInfo> {
  const { ffmpeg, nodeAv, libraries } = await versions();
  return {
    setting: BUNDLED_ENGINE,
    kind: 'bundled',
    version: ffmpeg,
    path: null,
    libraries,
    build: `node-av ${nodeAv}`,
    absent: [],
    qualityFilters: ['psnr', 'ssim', 'xpsnr'],
  };
}

/**
 * Identifies the build of an encoder: `bundled ffmpeg 8.1-Jellyfin, libx264 core 165 …`. Runs with equal builds may be
 * compared; the library's version is learned from a trial, and left out where the library does not tell it.
 */
export async function encoderBuild(encoder: string, options: Omit<DiscoveryOptions, 'only'> = {}): Promise<string> {
  const [known] = await knownEncoders({ ...options, only: [encoder] });
  const { ffmpeg, nodeAv } = await versions();
  const library = known?.library ?? null;
  return `bundled ffmpeg ${ffmpeg} node-av ${nodeAv}, ${encoder}${library === null ? '' : ` ${library}`}`;
}

/** In this process, by name: an encoder does not change while we run. */
const remembered = new Map<string, KnownEncoder>();
let knownVersions: Promise<EncoderListing> | null = null;

async function knownEncoders(options: DiscoveryOptions): Promise<KnownEncoder[]> {
  if (options.only?.every((name) => remembered.has(name))) return options.only.map((name) => remembered.get(name)!);
  const key = await encoderCacheKey(await versions());
  const kept =
    options.cacheFolder === undefined
      ? new Map<string, KnownEncoder>()
      : await readEncoderCache(options.cacheFolder, key);
  for (const [name, known] of kept) remembered.set(name, known);
  if (options.only?.every((name) => remembered.has(name))) return options.only.map((name) => remembered.get(name)!);
  const listed = (await list({ encoders: true })).encoders;
  const wanted = listed.filter((encoder) => options.only === undefined || options.only.includes(encoder.info.name));
  const missing = wanted.filter((encoder) => !remembered.has(encoder.info.name));
  for (const known of await tryAll(missing, options.signal)) remembered.set(known.info.name, known);
  if (options.cacheFolder !== undefined && wanted.some((encoder) => !kept.has(encoder.info.name)))
    await writeEncoderCache(options.cacheFolder, key, remembered.values());
  return wanted.map((encoder) => remembered.get(encoder.info.name)!);
}

async function versions(): Promise<EncoderListing> {
  knownVersions ??= list({ encoders: false }).then((answer) => answer.listing);
  return knownVersions;
}

async function list(job: EncoderListJob): Promise<{ listing: EncoderListing; encoders: EncoderDescription[] }> {
  let listing: EncoderListing | null = null;
  const encoders: EncoderDescription[] = [];
  const result = await runWatched(import.meta.url, './encoder-list-child', job, {
    stallMs: LIST_TIMEOUT_MS,
    timeoutMs: LIST_TIMEOUT_MS,
    onMessage: (raw) => {
      const message = raw as unknown as EncoderListMessage;
      if (message.kind === 'versions') listing = message.listing;
      else encoders.push(message.encoder);
    },
  });
  if (listing === null || result.child.code !== 0)
    throw new Error(
      `the bundled FFmpeg can't be loaded: ${result.child.stderr.trim() || (result.stopped ?? result.child.end)}`,
    );
  return { listing, encoders };
}

async function tryAll(
  encoders: readonly EncoderDescription[],
  signal: AbortSignal | undefined,
): Promise<KnownEncoder[]> {
  const tried = encoders.filter((encoder) => !encoder.deviceOnly);
  const results = await runTrials(tried.map(trialOf), { timeoutMs: DISCOVERY_TRIAL_MS, signal });
  const byName = new Map(tried.map((encoder, index) => [encoder.info.name, results[index]!]));
  return encoders.map((encoder) => judge(encoder, byName.get(encoder.info.name) ?? null));
}

function judge({ info }: EncoderDescription, result: LoggedTrial | null): KnownEncoder {
  if (result === null) {
    const reason = "it takes only pictures in a graphics device's memory, which this engine does not fill";
    return { info: { ...info, available: false, reason }, library: null };
  }
  const { trial, log, hung } = result;
  const described = trial.ok && trial.description !== null ? describedVersion(trial.description) : null;
  return {
    info: { ...info, available: trial.ok, reason: trial.ok ? null : failureReason(trial.error, log) },
    library: described ?? loggedVersion(info.name, log),
    ...(hung ? { uncertain: true } : {}),
  };
}

function trialOf({ info }: EncoderDescription): EncodeParameters {
  return {
    engine: BUNDLED_ENGINE,
    encoder: info.name,
    hwdecode: null,
    ...TRIAL_SIZE,
    pixelFormat: nearestPixelFormat('yuv420p', info.pixelFormats) ?? info.pixelFormats[0] ?? 'yuv420p',
    frameRate: TRIAL_RATE,
    variableFrameRate: false,
    timeBase: { num: TRIAL_RATE.den, den: TRIAL_RATE.num },
    frames: null,
    expectedFrames: null,
    sourceFrames: null,
    sourceRate: null,
    sourceStream: null,
    bitrate: null,
    gop: null,
    threads: null,
    options: {},
  };
}
