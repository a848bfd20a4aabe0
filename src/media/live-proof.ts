// Proves which parameters of an encoder can be changed while it works, by hundreds of small encodes.
//
// Whole groups are changed at once: where the output stays the same, none of them does anything, and that is one encode
// instead of fifty. Where it does not, the group is cut in halves.

import type { EncoderInfo, EncoderParameter, LiveChange } from '#core/encoder';
import type { EncodeParameters } from './encode-job.ts';
import { alternativesOf } from './live-alternatives.ts';
import { qualityBases, rateBases, type LiveBase } from './live-bases.ts';
import { CLIP_SIZES } from './live-clip.ts';
import type { LiveEncodes, LiveOutcome } from './live-encodes.ts';
import { smallEncode } from './small-encode.ts';

/** So many packets have come before the change, so that it is one in the middle. */
const PACKETS_BEFORE = 5;
/** Frames that follow it. */
const FRAMES_AFTER = 20;
/** An encoder that has given nothing by then keeps everything to its end. */
const MAX_FRAMES_BEFORE = 150;
/** An encode without a change is repeated so often, to see that its output is always the same. */
const REPEATS = 2;
/** In every base but the first only the first values are tried: the rest would show nothing new there. */
const VALUES_IN_LATER_BASES = 2;
/** Parameters that are tried at once at first: an encoder's own mostly do something, and are only taken apart again. */
const FIRST_GROUP = { private: 4, generic: 16 } as const;

type Encoded = Extract<LiveOutcome, { kind: 'encoded' }>;

/** A base that works, with the output of an encode without any change. */
interface Ground {
  readonly base: LiveBase;
  readonly changeAt: number;
  readonly plain: Encoded;
}

interface Candidate {
  readonly parameter: EncoderParameter;
  readonly value: string;
}

interface Effect {
  readonly ground: Ground;
  readonly value: string;
}

/** What a group did to the output; `refused` and `broken` of a group are nobody's before it is cut down to one. */
type GroupOutcome = 'same' | 'differs' | { readonly refused: string } | { readonly broken: string };

export interface ProofOptions {
  /** Values of free texts that the library told of, by parameter. */
  readonly choices: ReadonlyMap<string, readonly string[]>;
  /** Milliseconds (`performance.now`) after which nothing more is begun. */
  readonly untilMs: number;
  readonly onDecided: (name: string, change: LiveChange) => void;
}

export class LiveProof {
  readonly #encoder: EncoderInfo;
  readonly #encodes: LiveEncodes;
  readonly #options: ProofOptions;
  #grounds: Ground[] | null = null;
  #size = CLIP_SIZES[0]!;
  #varies = false;
  /** Why a value of a parameter was not taken, the first reason. */
  readonly #refusals = new Map<string, string>();
  /** What is refused in one base is not tried in the next. */
  readonly #refused = new Set<string>();

  constructor(encoder: EncoderInfo, encodes: LiveEncodes, options: ProofOptions) {
    this.#encoder = encoder;
    this.#encodes = encodes;
    this.#options = options;
  }

  /** Decides these parameters, as far as the time lasts; what is decided is told at once. */
  async run(parameters: readonly EncoderParameter[]): Promise<void> {
    for (const size of CLIP_SIZES) {
      if (this.#grounds !== null && this.#grounds.length > 0) break;
      this.#size = size;
      this.#grounds = await this.#findGrounds();
    }
    if (this.#grounds === null || this.#grounds.length === 0) {
      const how = this.#varies ? 'equal encodes give different output' : 'the small clip can not be encoded';
      for (const { name } of parameters) this.#options.onDecided(name, { state: 'unknown', how });
      return;
    }
    if (this.#late) return;
    const effects = await this.#findEffects(parameters);
    if (effects === null) return;
    for (const parameter of parameters)
      if (!effects.has(parameter.name)) this.#options.onDecided(parameter.name, this.#withoutEffect(parameter));
    await this.#change(
      parameters.filter(({ name }) => effects.has(name)),
      effects,
    );
  }

  get #late(): boolean {
    return performance.now() > this.#options.untilMs;
  }

  async #findGrounds(): Promise<Ground[]> {
    const plain = await this.#ground({ name: 'defaults', options: {} });
    const qualities: Ground[] = [];
    for (const base of qualityBases(this.#encoder)) {
      const ground = await this.#ground(base);
      if (ground !== null) qualities.push(ground);
    }
    const first = qualities[0] ?? plain;
    if (first === null) return [];
    const { num, den } = this.#parameters({}).frameRate;
    const rateBps = (first.plain.bytes * 8 * num) / (first.plain.frames * den);
    const rates: Ground[] = [];
    for (const base of rateBases(qualities[0]?.base ?? null, rateBps)) {
      const ground = await this.#ground(base);
      if (ground !== null) rates.push(ground);
    }
    // Two ways of asking for the same need only one.
    const seen = new Set<string>();
    return [...(plain === null ? [] : [plain]), ...qualities, ...rates].filter((ground) => {
      const output = ground.plain.packets.join();
      return seen.has(output) ? false : seen.add(output);
    });
  }

  /** Null where the encoder does not take the base, or gives another output each time. */
  async #ground(base: LiveBase): Promise<Ground | null> {
    const parameters = this.#parameters(base.options);
    const delay = await this.#encodes.encode({
      parameters,
      frames: MAX_FRAMES_BEFORE,
      untilPackets: PACKETS_BEFORE,
      change: null,
    });
    if (delay.kind !== 'encoded') return null;
    const request = { parameters, frames: delay.frames + FRAMES_AFTER, untilPackets: null, change: null };
    const plain = await this.#encodes.encode(request);
    if (plain.kind !== 'encoded') return null;
    for (let i = 0; i < REPEATS; i++) {
      const again = await this.#encodes.encode(request);
      if (again.kind === 'encoded' && firstDifference(plain, again) < 0) continue;
      this.#varies = true;
      return null;
    }
    return { base, changeAt: delay.frames, plain };
  }

  /** For each parameter a base and a value that make a difference from the beginning; null where time ran out. */
  async #findEffects(parameters: readonly EncoderParameter[]): Promise<Map<string, Effect> | null> {
    const effects = new Map<string, Effect>();
    for (const ground of this.#grounds!) {
      const most = ground === this.#grounds![0] ? Infinity : VALUES_IN_LATER_BASES;
      const values = new Map(
        parameters.map((parameter) => [parameter.name, this.#values(parameter, ground).slice(0, most)]),
      );
      const rounds = Math.max(0, ...[...values.values()].map(({ length }) => length));
      for (let round = 0; round < rounds; round++) {
        const candidates = parameters.flatMap((parameter): Candidate[] => {
          const value = values.get(parameter.name)![round];
          const open = value !== undefined && !effects.has(parameter.name);
          return open && !this.#refused.has(`${parameter.name}=${value}`) ? [{ parameter, value }] : [];
        });
        for (const group of groupsOf(candidates))
          await this.#divide(
            group,
            (some) => this.#fromBeginning(ground, some),
            ({ parameter, value }, outcome) => {
              if (outcome === 'differs') effects.set(parameter.name, { ground, value });
              else if (outcome !== 'same') {
                this.#refused.add(`${parameter.name}=${value}`);
                const reason = 'refused' in outcome ? outcome.refused : outcome.broken;
                if (!this.#refusals.has(parameter.name)) this.#refusals.set(parameter.name, `${value}: ${reason}`);
              }
            },
          );
        if (this.#late) return null;
      }
    }
    return effects;
  }

  #withoutEffect(parameter: EncoderParameter): LiveChange {
    const tried = this.#values(parameter, this.#grounds![0]!);
    const refused = this.#refusals.get(parameter.name);
    const how =
      tried.length === 0
        ? 'no other value is known that could be tried'
        : `tried ${tried.join(', ')}: no difference even from the beginning${refused === undefined ? '' : ` (${refused})`}`;
    return { state: 'unknown', how };
  }

  /** Changes them in the middle, in every base, until one shows that it works. */
  async #change(parameters: readonly EncoderParameter[], effects: ReadonlyMap<string, Effect>): Promise<void> {
    const decided = new Map<string, LiveChange>();
    const decide = (name: string, change: LiveChange) => {
      if (decided.has(name)) return;
      decided.set(name, change);
      this.#options.onDecided(name, change);
    };
    for (const ground of this.#grounds!) {
      const values = new Map(
        parameters.map((parameter) => {
          const effect = effects.get(parameter.name)!;
          // Where the base sets it, what to change it to depends on that; elsewhere what made a difference will do.
          const own = parameter.name in ground.base.options ? this.#values(parameter, ground) : [];
          return [
            parameter.name,
            effect.ground === ground ? [effect.value, ...own] : own.length > 0 ? own : [effect.value],
          ];
        }),
      );
      const rounds = Math.max(0, ...[...values.values()].map(({ length }) => length));
      for (let round = 0; round < rounds; round++) {
        const candidates = parameters.flatMap((parameter): Candidate[] => {
          const value = values.get(parameter.name)![round];
          return value === undefined || decided.has(parameter.name) ? [] : [{ parameter, value }];
        });
        for (const group of groupsOf(candidates))
          await this.#divide(
            group,
            (some) => this.#inMiddle(ground, some),
            (candidate, outcome, at) => {
              const { name } = candidate.parameter;
              if (outcome === 'differs') decide(name, { state: 'yes', how: changeText(candidate, ground, at) });
              else if (outcome !== 'same' && 'broken' in outcome)
                decide(name, {
                  state: 'unknown',
                  how: `changed to ${candidate.value} before frame ${ground.changeAt} (${ground.base.name}): ${outcome.broken}`,
                });
            },
          );
        if (this.#late) return;
      }
    }
    for (const { name } of parameters) {
      const { ground, value } = effects.get(name)!;
      const before = ground.base.options[name];
      decide(name, {
        state: 'no',
        how: `${before === undefined ? '' : `${before} -> `}${value} before frame ${ground.changeAt} (${ground.base.name}) changes nothing; from the beginning it does`,
      });
    }
  }

  /** Tries a group, and its halves where it is not without effect; tells of each parameter alone what became of it. */
  async #divide(
    group: readonly Candidate[],
    attempt: (group: readonly Candidate[]) => Promise<{ outcome: GroupOutcome; at: number }>,
    tell: (candidate: Candidate, outcome: GroupOutcome, at: number) => void,
  ): Promise<void> {
    if (group.length === 0 || this.#late) return;
    const { outcome, at } = await attempt(group);
    if (group.length === 1 || outcome === 'same') {
      for (const candidate of group) tell(candidate, outcome, at);
      return;
    }
    const half = Math.ceil(group.length / 2);
    await this.#divide(group.slice(0, half), attempt, tell);
    await this.#divide(group.slice(half), attempt, tell);
  }

  async #fromBeginning(ground: Ground, group: readonly Candidate[]): Promise<{ outcome: GroupOutcome; at: number }> {
    const outcome = await this.#encodes.encode({
      parameters: this.#parameters({ ...ground.base.options, ...optionsOf(group) }),
      frames: ground.plain.frames,
      untilPackets: null,
      change: null,
    });
    return compare(ground.plain, outcome);
  }

  async #inMiddle(ground: Ground, group: readonly Candidate[]): Promise<{ outcome: GroupOutcome; at: number }> {
    const request = {
      parameters: this.#parameters(ground.base.options),
      frames: ground.plain.frames,
      untilPackets: null,
      change: { atFrame: ground.changeAt, options: optionsOf(group) },
    };
    const changed = await this.#encodes.encode(request);
    const compared = compare(ground.plain, changed);
    if (compared.outcome !== 'differs' || changed.kind !== 'encoded' || group.length > 1) return compared;
    // A yes must stand: the same once more, and nothing before the change.
    const again = await this.#encodes.encode(request);
    if (compared.at < changed.before || again.kind !== 'encoded' || firstDifference(changed, again) >= 0)
      return { outcome: { broken: 'the output differs from encode to encode' }, at: -1 };
    return compared;
  }

  #values(parameter: EncoderParameter, ground: Ground): string[] {
    const keys = this.#encoder.subOptions.filter((key) => key.parameter === parameter.name);
    const choices = this.#options.choices.get(parameter.name) ?? [];
    return alternativesOf(parameter, ground.base.options[parameter.name] ?? null, choices, keys);
  }

  /** One thread, so that the output is the same each time. */
  #parameters(options: Readonly<Record<string, string>>): EncodeParameters {
    return smallEncode(this.#encoder, { ...this.#size, threads: 1, options });
  }
}

function groupsOf(candidates: readonly Candidate[]): Candidate[][] {
  const groups: Candidate[][] = [];
  for (const scope of ['private', 'generic'] as const) {
    const some = candidates.filter(({ parameter }) => parameter.scope === scope);
    for (let i = 0; i < some.length; i += FIRST_GROUP[scope]) groups.push(some.slice(i, i + FIRST_GROUP[scope]));
  }
  return groups;
}

function optionsOf(group: readonly Candidate[]): Record<string, string> {
  return Object.fromEntries(group.map(({ parameter, value }) => [parameter.name, value]));
}

function compare(plain: Encoded, outcome: LiveOutcome): { outcome: GroupOutcome; at: number } {
  if (outcome.kind === 'refused') return { outcome: { refused: outcome.reason }, at: -1 };
  if (outcome.kind === 'broken') return { outcome: { broken: outcome.reason }, at: -1 };
  const at = firstDifference(plain, outcome);
  return { outcome: at < 0 ? 'same' : 'differs', at };
}

/** Number of the first packet that differs; -1 where none does. */
function firstDifference(a: Encoded, b: Encoded): number {
  const length = Math.max(a.packets.length, b.packets.length);
  for (let i = 0; i < length; i++) if (a.packets[i] !== b.packets[i]) return i;
  return -1;
}

function changeText({ parameter, value }: Candidate, { base, changeAt }: Ground, at: number): string {
  const before = base.options[parameter.name] ?? parameter.default;
  return `${before === null || before === '' ? '' : `${before} -> `}${value} before frame ${changeAt} (${base.name}): packets differ from the ${at + 1}th on`;
}
