// The settings of a stream while it runs: changes of the operator, what adaptation allows, and what is in force.

import {
  adapt,
  startAdaptation,
  type Adaptation,
  type AdaptationBounds,
  type AdaptationState,
} from '#analysis/adaptation';
import type { EncoderInfo } from '#core/encoder';
import type { ControlResult } from '#core/live';
import type { ReceiverReport } from '#core/session';
import { formatQuantity } from '#core/format-quantity';
import { formatSettingValue, type Settings } from '#core/settings';
import { UserError } from '#core/user-error';
import type { EncodeParameters } from '#media/encode-job';
import type { PartChannel } from '../part-channel.ts';
import { resolveSession, type ResolvedSession } from '../session-settings.ts';
import { takesLive } from './live-values.ts';
import type { PictureSource } from './picture-source.ts';
import { planChanges, type Changes, type PlannedChanges } from './plan-changes.ts';
import { openFirst, type Changed, type StreamSender } from './stream-sender.ts';
import { NO_LIMITS, streamParameters, type StreamLimits } from './stream-parameters.ts';

/** Adaptation goes no further down than this share of what was asked for, or this many bits a second. */
const LOWEST_SHARE = 0.05;
const LOWEST_BITRATE = 100_000;
/** Least change of a bitrate that is worth it: a live one, and one that costs a new encoder and a keyframe. */
const STEP = { live: 0.04, restart: 0.25 } as const;
/** Settings that hold from the next start of the session on, and why. */
const NEXT: Readonly<Record<string, string>> = {
  transport: 'the connection is made with the next start of the session',
  network: 'the relay does this',
  stress: 'the agent does this',
};
const DEFAULT_WORD = 'default';

/** What settings come to before anything is open. @throws UserError with all that is wrong */
export function resolveOrThrow(settings: Settings, encoders: readonly EncoderInfo[]): ResolvedSession {
  const resolved = resolveSession(settings, encoders);
  if ('problems' in resolved)
    throw new UserError(resolved.problems.map(({ setting, what, todo }) => ({ what, where: setting, todo })));
  return resolved;
}

/** The parameters of a stream. @throws UserError where they do not go with the source */
export function parametersOrThrow(
  session: ResolvedSession,
  encoders: readonly EncoderInfo[],
  source: PictureSource,
  limits: StreamLimits = NO_LIMITS,
): EncodeParameters {
  const encoder = encoders.find(({ name }) => name === session.encoder)!;
  const parameters = streamParameters(session, encoder, source, limits);
  if (!('problem' in parameters)) return parameters;
  const { setting, what, todo } = parameters.problem;
  throw new UserError({ what, where: setting, todo });
}

export class SenderSettings {
  readonly #channel: PartChannel;
  readonly #encoders: readonly EncoderInfo[];
  readonly #sender: StreamSender;
  #settings: Settings;
  #session: ResolvedSession;
  #limits = NO_LIMITS;
  #adaptation: AdaptationState | null = null;
  #adapting = false;
  /** Changes are made one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    channel: PartChannel,
    encoders: readonly EncoderInfo[],
    sender: StreamSender,
    settings: Settings,
    session: ResolvedSession,
  ) {
    this.#channel = channel;
    this.#encoders = encoders;
    this.#sender = sender;
    this.#settings = settings;
    this.#session = session;
    this.#tellRunning();
  }

  /** As they are wanted, defaults left out. */
  get wanted(): Settings {
    return this.#settings;
  }

  get encoder(): string {
    return this.#session.encoder;
  }

  /** Applies what is right of them; what is not is refused, and the rest goes on as it was. */
  control(changes: Changes): Promise<readonly ControlResult[]> {
    return this.#inTurn(() => this.#control(changes));
  }

  /** Feedback of the receiver: adaptation follows it where it is on. */
  report(report: ReceiverReport): void {
    const counts = this.#sender.takeCounts(report);
    if (!this.#session.adapt || this.#session.bitrate === null || this.#adapting) return;
    const bounds = this.#bounds(this.#session.bitrate);
    this.#adaptation ??= startAdaptation(bounds);
    const adapted = adapt(this.#adaptation, { report, ...counts }, bounds);
    this.#adaptation = adapted.state;
    if (adapted.pauseUs !== undefined) this.#sender.pause(adapted.pauseUs);
    if (adapted.why === undefined) return;
    this.#adapting = true;
    void this.#inTurn(() => this.#adapt(adapted)).finally(() => (this.#adapting = false));
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #control(changes: Changes): Promise<readonly ControlResult[]> {
    let left = changes;
    const refused = new Map<string, string>();
    for (;;) {
      const plan = planChanges(this.#settings, left, this.#encoders);
      for (const [name, why] of plan.refused) refused.set(name, why);
      const changed = plan.taken.length === 0 ? null : await this.#apply(plan);
      if (changed !== null && 'error' in changed) {
        for (const [name, why] of await this.#blame(plan, changed, left)) refused.set(name, why);
        left = Object.fromEntries(Object.entries(left).filter(([name]) => !refused.has(name)));
        continue;
      }
      return this.#results(changes, plan, changed, refused);
    }
  }

  async #apply(plan: PlannedChanges): Promise<Changed> {
    let source: PictureSource | null = null;
    let blamed: string | null = null;
    try {
      const { session } = plan;
      if (JSON.stringify(session.source) !== JSON.stringify(this.#session.source)) {
        blamed = plan.taken.find((name) => name === 'source' || name === 'display') ?? null;
        source = await openFirst(session.source);
        blamed = null;
      }
      const limits = session.adapt && session.bitrate === this.#session.bitrate ? this.#limits : NO_LIMITS;
      const parameters = parametersOrThrow(session, this.#encoders, source ?? this.#sender.source, limits);
      const changed = await this.#sender.change(parameters, source);
      if ('error' in changed) {
        source?.close();
        return changed;
      }
      if (limits === NO_LIMITS) this.#adaptation = null;
      this.#limits = limits;
      this.#settings = plan.settings;
      this.#session = session;
      this.#tellRunning();
      return changed;
    } catch (error) {
      source?.close();
      if (!(error instanceof UserError)) throw error;
      const { what, where, todo } = error.problems[0]!;
      return { error: todo === undefined ? what : `${what}. ${todo}`, setting: blamed ?? where ?? null };
    }
  }

  /** Which changes an encoder (or a source) does not take: what it names, what it refuses alone as well, or else all of them. */
  async #blame(
    { taken }: PlannedChanges,
    { error, setting }: Extract<Changed, { error: string }>,
    changes: Changes,
  ): Promise<ReadonlyMap<string, string>> {
    if (setting !== null && taken.includes(setting)) return new Map([[setting, error]]);
    const blamed = new Map<string, string>();
    for (const name of taken.length > 1 ? taken : []) {
      const alone = planChanges(this.#settings, { [name]: changes[name]! }, this.#encoders);
      const parameters = parametersOrThrow(alone.session, this.#encoders, this.#sender.source);
      const why = await this.#sender.wouldRefuse(parameters);
      if (why !== null) blamed.set(name, why);
    }
    return blamed.size > 0 ? blamed : new Map(taken.map((name) => [name, error]));
  }

  #results(
    changes: Changes,
    plan: PlannedChanges,
    changed: Exclude<Changed, { error: string }> | null,
    refused: ReadonlyMap<string, string>,
  ): ControlResult[] {
    const actual = this.#sender.actual(this.#session);
    const dropped =
      plan.dropped.length === 0
        ? null
        : `taken back, as ${plan.session.encoder} has none such: ${plan.dropped.join(', ')}`;
    if (changed?.how === 'restart') this.#channel.message(restartText(plan, changed.gapMs, dropped));
    return Object.entries(changes).map(([name, value]): ControlResult => {
      const why = refused.get(name);
      const result = { name, requested: value ?? DEFAULT_WORD, actual: actual[name] ?? null };
      if (why !== undefined) return { ...result, how: 'refused', gapMs: null, note: why };
      const next = NEXT[name];
      if (next !== undefined) return { ...result, how: 'next', gapMs: null, note: next };
      const { how, gapMs } = changed ?? { how: 'live', gapMs: null };
      return { ...result, how: name === 'adapt' ? 'live' : how, gapMs, note: name === 'encoder' ? dropped : null };
    });
  }

  async #adapt({ state, why }: Adaptation): Promise<void> {
    const limits: StreamLimits = { bitrate: state.bitrate, rateScale: state.rateScale, sizeScale: state.sizeScale };
    const parameters = parametersOrThrow(this.#session, this.#encoders, this.#sender.source, limits);
    const changed = await this.#sender.change(parameters);
    if ('error' in changed) {
      this.#channel.message(`adaptation could not change the encoder: ${changed.error}`);
      return;
    }
    this.#limits = limits;
    const { width, height, frameRate } = parameters;
    const rate = formatQuantity(state.bitrate, 'bit/s');
    this.#channel.message(
      `adapted to ${rate}, ${width}x${height}, ${Number((frameRate.num / frameRate.den).toFixed(2))} fps: ${why}`,
    );
    this.#tellRunning();
  }

  #bounds(maxBitrate: number): AdaptationBounds {
    const full = parametersOrThrow(this.#session, this.#encoders, this.#sender.source);
    return {
      maxBitrate,
      minBitrate: Math.min(maxBitrate, Math.max(LOWEST_BITRATE, maxBitrate * LOWEST_SHARE)),
      frameRate: full.frameRate.num / full.frameRate.den,
      pixels: full.width * full.height,
      smallestStep: takesLive(full.encoder) ? STEP.live : STEP.restart,
    };
  }

  #tellRunning(): void {
    this.#channel.running(this.#sender.actual(this.#session));
  }
}

function restartText({ settings, taken }: PlannedChanges, gapMs: number | null, dropped: string | null): string {
  const what = taken.map((name) => {
    const value = settings[name];
    return `${name}=${value === undefined ? DEFAULT_WORD : formatSettingValue(value)}`;
  });
  const gap = gapMs === null ? '' : `, ${Math.round(gapMs)} ms`;
  return `the encoder was opened anew for ${what.join(' ')}${gap}${dropped === null ? '' : `; ${dropped}`}`;
}
