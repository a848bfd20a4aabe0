// The engines of a lab and their encoders, as the page browses them. Only engines that the lab knows are ever started.

import type { EncoderInfo } from '#core/encoder';
import { BUNDLED_ENGINE, PATH_ENGINE, type EngineSetting } from '#core/engine';
import { UserError } from '#core/user-error';
import { proveLiveChanges } from '#media/encoders';
import { engineOf, type Engine } from '#media/engine';
import type { EncoderList, EncoderPage, EncoderSummary, EngineState, ProofState } from './encoders-wire.ts';
import type { LabView } from './lab-view.ts';
import { LiveProofs, type ProveLive } from './live-proofs.ts';

/** Engines shown: each is a program that is started to tell its version. */
const MAX_ENGINES = 24;

interface Discovery {
  readonly build: string;
  readonly encoders: Promise<readonly EncoderInfo[]>;
}

export class EncoderPages {
  readonly #lab: LabView;
  readonly #engineOf: (setting: EngineSetting) => Engine;
  readonly #ending = new AbortController();
  /** By engine: an executable may be built anew while the server runs, so the build stands beside. */
  readonly #discovered = new Map<EngineSetting, Discovery>();
  readonly #named = new Map<string, { readonly startedAt: string; readonly engines: readonly string[] }>();
  readonly #proofs: LiveProofs;

  /**
   * @param enginesBy makes an engine of its setting; another one in tests
   * @param prove finds out what a working encoder takes
   */
  constructor(
    lab: LabView,
    enginesBy: (setting: EngineSetting) => Engine = engineOf,
    prove: ProveLive = proveLiveChanges,
  ) {
    this.#lab = lab;
    this.#engineOf = enginesBy;
    // What was proved is read from the cache by the next discovery.
    this.#proofs = new LiveProofs(lab.cacheFolder, prove, ({ engine }) => this.#discovered.delete(engine));
  }

  /** The bundled engine, the `ffmpeg` on the PATH, and those that benchmarks of this lab name. */
  async engines(): Promise<EngineState[]> {
    const named = await this.#namedEngines();
    const settings = [...named.keys()].slice(0, MAX_ENGINES);
    return await Promise.all(
      settings.map(async (setting): Promise<EngineState> => {
        const benchmarks = named.get(setting)!;
        try {
          return { setting, info: await this.#engineOf(setting).describe(), problem: null, benchmarks };
        } catch (error) {
          return { setting, info: null, problem: problemOf(error), benchmarks };
        }
      }),
    );
  }

  /**
   * The encoders of an engine; the first time each is tried, which takes seconds.
   * @throws UserError where the lab does not know this engine, or it can't be used
   */
  async list(setting: EngineSetting): Promise<EncoderList> {
    const encoders = await this.#discover(setting);
    return {
      engine: setting,
      encoders: encoders.map(summaryOf),
    };
  }

  /** One encoder with its parameters; null where the engine has none of that name. */
  async encoder(setting: EngineSetting, name: string): Promise<EncoderPage | null> {
    const encoder = (await this.#discover(setting, name)).find((one) => one.name === name);
    if (encoder === undefined) return null;
    // A command that runs takes no new values: only our own engine can be asked to change one.
    return { encoder, provable: encoder.engine === BUNDLED_ENGINE, proof: this.proof() };
  }

  /**
   * Begins to find out which parameters this encoder takes while it works; null where there is no such encoder.
   * @throws UserError where it does not work here, or another is being looked at
   */
  async prove(setting: EngineSetting, name: string): Promise<ProofState | null> {
    const page = await this.encoder(setting, name);
    if (page === null) return null;
    if (!page.provable)
      throw new UserError({
        what: `a running encode of the engine ${setting} takes no new values`,
        todo: 'ask the bundled one',
      });
    return this.#proofs.start(page.encoder);
  }

  /** How far that has come; null before the first. */
  proof(): ProofState | null {
    return this.#proofs.state();
  }

  stopProof(): ProofState | null {
    return this.#proofs.stop();
  }

  /** Ends every program that was started. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#proofs.close();
    await Promise.allSettled([...this.#discovered.values()].map(({ encoders }) => encoders));
  }

  /** @param only one encoder, where that is all that is wanted: trying it alone is quick */
  async #discover(setting: EngineSetting, only?: string): Promise<readonly EncoderInfo[]> {
    if (!(await this.#namedEngines()).has(setting))
      throw new UserError({
        what: `no benchmark of this lab names the engine ${setting}`,
        todo: 'only engines that one does are started from the page',
      });
    const engine = this.#engineOf(setting);
    const { build } = await engine.describe();
    const known = this.#discovered.get(setting);
    if (known?.build === build) return known.encoders;
    const options = { cacheFolder: this.#lab.cacheFolder, signal: this.#ending.signal };
    if (only !== undefined) return await engine.discover({ ...options, only: [only] });
    const encoders = engine.discover(options);
    const discovery = { build, encoders };
    this.#discovered.set(setting, discovery);
    // What failed is tried again for the next who asks.
    encoders.catch(() => this.#discovered.get(setting) === discovery && this.#discovered.delete(setting));
    return await encoders;
  }

  /** Settings with the benchmarks that name them. */
  async #namedEngines(): Promise<Map<EngineSetting, string[]>> {
    const named = new Map<EngineSetting, string[]>([
      [BUNDLED_ENGINE, []],
      [PATH_ENGINE, []],
    ]);
    for (const { name, startedAt } of await this.#lab.catalogue.benchmarks()) {
      for (const engine of await this.#enginesIn(name, startedAt)) {
        const benchmarks = named.get(engine);
        if (benchmarks === undefined) named.set(engine, [name]);
        else benchmarks.push(name);
      }
    }
    return named;
  }

  async #enginesIn(benchmark: string, startedAt: string): Promise<readonly string[]> {
    const known = this.#named.get(benchmark);
    if (known?.startedAt === startedAt) return known.engines;
    const engines = new Set<string>();
    for (const { settings } of await this.#lab.catalogue.cells(benchmark)) {
      const engine = settings['engine'];
      if (typeof engine === 'string') engines.add(engine);
    }
    this.#named.set(benchmark, { startedAt, engines: [...engines] });
    return [...engines];
  }
}

function summaryOf(encoder: EncoderInfo): EncoderSummary {
  const { name, codec, description, engine, hardware, threads, device, available, reason } = encoder;
  const parameters = encoder.parameters.filter(({ scope }) => scope === 'private').length;
  return { name, codec, description, engine, hardware, threads, device, available, reason, parameters };
}

function problemOf(error: unknown): EngineState['problem'] {
  if (!(error instanceof Error)) throw error;
  const first = error instanceof UserError ? error.problems[0] : undefined;
  return { what: first?.what ?? error.message, todo: first?.todo ?? null };
}
