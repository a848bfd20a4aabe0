// Which video encoders the bundled engine has, what they take, and which of them really work on this machine.

import type { EncoderInfo, SubOption } from '#core/encoder';
import { BUNDLED_ENGINE, type EngineInfo } from '#core/engine';
import { encoderCacheKey, readEncoderCache, writeEncoderCache, type KnownEncoder } from './encoder-cache.ts';
import type { EncoderDescription, EncoderListing, EncoderListJob, EncoderListMessage } from './encoder-listing.ts';
import { findSubOptions, keyListOf, withKeyList } from './encoder-sub-options.ts';
import { describedVersion, loggedVersion } from './encoder-text.ts';
import { encodersWithLiveChanges, findLiveChanges, readLiveChanges, withLiveChanges } from './live-changes.ts';
import { smallEncode } from './small-encode.ts';
import { failureReason, possibleChoices } from './trial-log.ts';
import { runTrials, type LoggedTrial } from './trial-runner.ts';
import { runWatched } from './watched-child.ts';

/** Listing takes a tenth of a second; on a machine that is loaded heavily some seconds. */
const LIST_TIMEOUT_MS = 30_000;
/** One encoder of the discovery may take this long for its two small frames. */
const DISCOVERY_TRIAL_MS = 8_000;

export interface DiscoveryOptions {
  /** Names of the encoders to try; all by default. */
  readonly only?: readonly string[] | undefined;
  /** Folder in which results are kept between starts; none by default. */
  readonly cacheFolder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Every video encoder compiled into the bundled FFmpeg, each tried with two frames in a child of ours. What was proved of
 * its live changes before is filled in.
 */
export async function discoverEncoders(options: DiscoveryOptions = {}): Promise<EncoderInfo[]> {
  const known = await knownEncoders(options);
  const { cacheFolder } = options;
  if (cacheFolder === undefined) return known.map(({ info }) => info);
  const engine = await versions();
  const proved = new Set(await encodersWithLiveChanges(cacheFolder));
  return Promise.all(
    known.map(async (each) =>
      proved.has(each.info.name)
        ? withLiveChanges(each.info, await readLiveChanges(each.info.name, buildText(each, engine), cacheFolder))
        : each.info,
    ),
  );
}

export interface LiveProofOptions {
  readonly cacheFolder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Parameters that are decided so far, of all. */
  readonly onProgress?: ((done: number, of: number) => void) | undefined;
}

/**
 * Finds out which parameters of an encoder can be changed while it works, by changing each in the middle of small encodes;
 * what is known already is not tried again. It takes from seconds to two minutes; an encoder that does not work here is
 * given back as it is.
 * @throws the signal's reason where it has aborted; what was decided by then is kept
 */
export async function proveLiveChanges(encoder: EncoderInfo, options: LiveProofOptions = {}): Promise<EncoderInfo> {
  if (!encoder.available || encoder.engine !== BUNDLED_ENGINE) return encoder;
  const build = await encoderBuild(encoder.name, options);
  const found = await findLiveChanges(encoder, {
    ...options,
    build,
    choices: () => choicesOf(encoder, options.signal),
  });
  return withLiveChanges(encoder, found);
}

/** Values of free texts, which a library tells of when it is handed a wrong one: presets, tunes, profiles. */
async function choicesOf(encoder: EncoderInfo, signal: AbortSignal | undefined): Promise<Map<string, string[]>> {
  const texts = encoder.parameters.filter(
    ({ type, values, name }) => isChoice(name) && type === 'string' && values.length === 0,
  );
  const trials = texts.map(({ name }) => ({
    ...smallEncode(encoder),
    options: { [name]: 'encodelab-wrong-value' },
  }));
  const results = await runTrials(trials, { timeoutMs: DISCOVERY_TRIAL_MS, signal });
  return new Map(texts.map(({ name }, index) => [name, possibleChoices(results[index]!.log, name)]));
}

function isChoice(name: string): boolean {
  return name === 'preset' || name === 'tune' || name === 'profile';
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
  return buildText(known ?? { info: { name: encoder }, library: null }, await versions());
}

function buildText(
  { info, library }: { readonly info: { readonly name: string }; readonly library: string | null },
  { ffmpeg, nodeAv }: EncoderListing,
): string {
  return `bundled ffmpeg ${ffmpeg} node-av ${nodeAv}, ${info.name}${library === null ? '' : ` ${library}`}`;
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
  const { listing, encoders: listed } = await list({ encoders: true });
  const wanted = listed.filter((encoder) => options.only === undefined || options.only.includes(encoder.info.name));
  const missing = wanted.filter((encoder) => !remembered.has(encoder.info.name));
  for (const known of await tryAll(missing, listing.module, options.signal)) remembered.set(known.info.name, known);
  if (options.cacheFolder !== undefined && wanted.some((encoder) => !kept.has(encoder.info.name)))
    await writeEncoderCache(options.cacheFolder, key, remembered.values());
  return wanted.map((encoder) => remembered.get(encoder.info.name)!);
}

async function versions(): Promise<EncoderListing> {
  if (knownVersions === null) {
    knownVersions = list({ encoders: false }).then((answer) => answer.listing);
    // A child that was killed says nothing about the next one.
    knownVersions.catch(() => (knownVersions = null));
  }
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
  described: readonly EncoderDescription[],
  module: string | null,
  signal: AbortSignal | undefined,
): Promise<KnownEncoder[]> {
  const attempt = (list: readonly EncoderDescription[]) =>
    runTrials(
      list.map(({ info }) => smallEncode(info)),
      { timeoutMs: DISCOVERY_TRIAL_MS, signal },
    );
  const encoders = [...described];
  const results = await attempt(encoders);
  // MJPEG lists formats of limited range as well, and refuses them.
  const refused = encoders.flatMap(({ info }, index) =>
    results[index]!.trial.ok || !info.pixelFormats.some(isFullRange) ? [] : [index],
  );
  const inFullRange = refused.map((index) => ({
    ...encoders[index]!,
    info: { ...encoders[index]!.info, pixelFormats: encoders[index]!.info.pixelFormats.filter(isFullRange) },
  }));
  for (const [i, result] of (await attempt(inFullRange)).entries())
    if (result.trial.ok) {
      encoders[refused[i]!] = inFullRange[i]!;
      results[refused[i]!] = result;
    }
  const known: KnownEncoder[] = [];
  // Encoders of one library (libx264, libx264rgb) take the same.
  const byParameter = new Map<string, SubOption[]>();
  for (const [index, encoder] of encoders.entries())
    known.push(await withSubOptions(judge(encoder, results[index]!), results[index]!, { module, signal, byParameter }));
  return known;
}

function isFullRange(pixelFormat: string): boolean {
  return pixelFormat.startsWith('yuvj');
}

function judge({ info }: EncoderDescription, { trial, log, hung }: LoggedTrial): KnownEncoder {
  const described = trial.ok && trial.description !== null ? describedVersion(trial.description) : null;
  const uploadFormats = trial.ok ? trial.uploadFormats : null;
  return {
    info: {
      ...info,
      ...(uploadFormats === null ? {} : { pixelFormats: uploadFormats }),
      available: trial.ok,
      reason: trial.ok ? null : failureReason(trial.error, log),
    },
    library: described ?? loggedVersion(info.name, log),
    ...(hung ? { uncertain: true } : {}),
  };
}

async function withSubOptions(
  known: KnownEncoder,
  { trial }: LoggedTrial,
  {
    module,
    signal,
    byParameter,
  }: { module: string | null; signal: AbortSignal | undefined; byParameter: Map<string, SubOption[]> },
): Promise<KnownEncoder> {
  const { info } = known;
  const parameter = keyListOf(info.parameters.map(({ name }) => name));
  if (!trial.ok || parameter === null) return known;
  const attempt = (lists: readonly string[]) =>
    runTrials(
      lists.map((keys) => withKeyList(smallEncode(info), parameter, keys)),
      { timeoutMs: DISCOVERY_TRIAL_MS, signal, scratch: true },
    );
  const subOptions =
    byParameter.get(parameter) ?? (await findSubOptions(parameter, trial.description, module, attempt));
  byParameter.set(parameter, subOptions);
  return { ...known, info: { ...info, subOptions } };
}
