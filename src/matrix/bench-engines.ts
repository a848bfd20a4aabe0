// The engines that a benchmark names, each asked once what it is and what it has.

import { BUNDLED_ENGINE, isEngineSetting, type EngineSetting } from '#core/engine';
import type { EncoderInfo } from '#core/encoder';
import type { Benchmark } from '#core/benchmark';
import type { Environment } from '#core/environment';
import { UserError, type Problem } from '#core/user-error';
import type { Lab } from '#lab/lab';
import { readEnvironment } from '#measure/environment';
import { engineOf } from '#media/engine';
import { fileIdentity } from '#media/inspect-cache';
import type { BenchProgram, PrepareOptions } from './prepare-bench.ts';
import { settingPosition } from '#media/settings-file/setting-position';

export class BenchEngines {
  readonly #lab: Lab;
  readonly #environments: ReadonlyMap<EngineSetting, Environment>;
  readonly #programs: ReadonlyMap<EngineSetting, BenchProgram>;
  readonly #builds = new Map<string, string>();
  /** Of all engines: an encoder names its own. */
  readonly encoders: readonly EncoderInfo[];

  constructor(
    lab: Lab,
    environments: ReadonlyMap<EngineSetting, Environment>,
    programs: ReadonlyMap<EngineSetting, BenchProgram>,
    encoders: readonly EncoderInfo[],
  ) {
    this.#lab = lab;
    this.#environments = environments;
    this.#programs = programs;
    this.encoders = encoders;
  }

  /** The machine, with the version of the FFmpeg that encodes. */
  environment(engine: EngineSetting): Environment {
    return this.#environments.get(engine)!;
  }

  /** The user's executable; null for the bundled engine. */
  program(engine: EngineSetting): BenchProgram | null {
    return this.#programs.get(engine) ?? null;
  }

  /** Equal builds may be compared, wherever they lie. */
  async encoderBuild(engine: EngineSetting, encoder: string): Promise<string> {
    const key = JSON.stringify([engine, encoder]);
    const known = this.#builds.get(key);
    if (known !== undefined) return known;
    const build = await engineOf(engine).encoderBuild(encoder, { cacheFolder: this.#lab.cacheFolder });
    this.#builds.set(key, build);
    return build;
  }
}

/** @throws UserError where an engine is none, at its place in the file */
export async function askEngines({
  benchmark,
  lab,
  version,
  signal,
}: Pick<PrepareOptions, 'benchmark' | 'lab' | 'version' | 'signal'>): Promise<BenchEngines> {
  const settings = enginesOf(benchmark);
  const environments = new Map<EngineSetting, Environment>();
  const programs = new Map<EngineSetting, BenchProgram>();
  const encoders: EncoderInfo[] = [];
  const problems: Problem[] = [];
  for (const setting of settings) {
    try {
      const engine = engineOf(setting);
      const info = await engine.describe(signal);
      if (info.path !== null) programs.set(setting, { path: info.path, identity: await fileIdentity(info.path) });
      encoders.push(...(await engine.discover({ cacheFolder: lab.cacheFolder, signal })));
      const versions = { encodelab: version, node: process.versions.node, ffmpeg: info.version };
      environments.set(setting, await readEnvironment(versions));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const where = settingPosition(benchmark, 'engine', setting);
      // The file says where an engine is asked for; the engine says what it is itself.
      for (const problem of error.problems)
        problems.push({ ...problem, what: `engine ${problem.where ?? setting}: ${problem.what}`, where });
    }
  }
  if (problems.length > 0) throw new UserError(problems);
  return new BenchEngines(lab, environments, programs, encoders);
}

/** A name that only labels a cell, or that no engine can have, is left to the check of its settings. */
function enginesOf({ cells }: Benchmark): Set<EngineSetting> {
  const settings = new Set<EngineSetting>();
  for (const { settings: asked, labels } of cells) {
    const engine = labels.includes('engine') ? undefined : asked['engine'];
    if (engine === undefined) settings.add(BUNDLED_ENGINE);
    else if (isEngineSetting(String(engine))) settings.add(String(engine));
  }
  return settings;
}
