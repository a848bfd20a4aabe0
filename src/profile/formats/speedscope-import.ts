// Reads speedscope's own JSON (its file-format-schema.json, version 0.6.0 on): several profiles are threads of one.

import { FUNCTION_KINDS, type Profile, type ProfileHeader } from '#core/profile';
import { UserError } from '#core/user-error';
import { ProfileBuilder } from '../profile-builder.ts';
import { finishGiven } from './given-profile.ts';
import { fileName, idOf, isObject, listOf, numberOf, textOf, type JsonObject } from './json-values.ts';
import { addSlice } from './slices.ts';
import { EXPORTER } from './speedscope-export.ts';

/** Nanoseconds of its units of time. */
const UNITS_NS: Readonly<Record<string, number>> = {
  nanoseconds: 1,
  microseconds: 1e3,
  milliseconds: 1e6,
  seconds: 1e9,
};
/** Functions that are open at once. */
const MAX_DEPTH = 16_384;

export function isSpeedscope(value: unknown): boolean {
  return isObject(value) && isObject(value['shared']) && Array.isArray(value['profiles']);
}

/** @throws UserError where its parts do not fit together */
export function readSpeedscope(value: unknown, file: string): Profile {
  return new SpeedscopeReader(value as JsonObject, file).read();
}

class SpeedscopeReader {
  readonly #file: JsonObject;
  readonly #where: string;
  readonly #builder = new ProfileBuilder();
  readonly #functions: readonly number[];
  readonly #absent: string[] = [];
  /** We wrote it: it tells more than the format has. */
  readonly #isOurs: boolean;

  constructor(file: JsonObject, where: string) {
    this.#file = file;
    this.#where = where;
    this.#isOurs = file['exporter'] === EXPORTER;
    const { frames } = file['shared'] as JsonObject;
    this.#functions = listOf(frames).map((frame, i) => {
      const name = isObject(frame) ? textOf(frame['name']) : null;
      if (!isObject(frame) || name === null) throw this.#error(`frame ${i} has no name`);
      const path = textOf(frame['file']);
      const kind = this.#isOurs ? FUNCTION_KINDS.find((one) => one === frame['kind']) : undefined;
      return this.#builder.function(name, path === null ? '[speedscope]' : fileName(path), kind ?? 'unknown', 'given');
    });
  }

  read(): Profile {
    const profiles = listOf(this.#file['profiles']).map((profile, i) => {
      if (!isObject(profile)) throw this.#error(`profile ${i} is no object`);
      return profile;
    });
    const active = numberOf(this.#file['activeProfileIndex']);
    const first = profiles[active] ?? profiles[0];
    if (first === undefined) throw this.#error('it holds no profile');
    const kind = unitKind(first['unit']);
    for (const [i, profile] of profiles.entries()) {
      const name = textOf(profile['name']) ?? `profile ${i + 1}`;
      if (unitKind(profile['unit']) === kind) this.#readProfile(profile, name, i);
      else this.#absent.push(`${name}: it is told in another unit than the others, and was left out`);
    }
    return finishGiven(this.#builder, {
      tool: textOf(this.#file['exporter']) ?? 'speedscope',
      file: this.#where,
      clock: kind === 'ns' ? 'own' : 'none',
      weightUnit: kind,
      absent: this.#absent,
    });
  }

  #readProfile(profile: JsonObject, name: string, number: number): void {
    const scale = UNITS_NS[String(profile['unit'])] ?? null;
    const thread = this.#threadOf(profile, name);
    const where = `profile ${number} (${name})`;
    if (profile['type'] === 'sampled') this.#readSampled(profile, thread, scale, where);
    else if (profile['type'] === 'evented') this.#readEvented(profile, thread, scale, where);
    else throw this.#error(`${where} is neither "sampled" nor "evented"`);
  }

  #threadOf(profile: JsonObject, name: string): number {
    const ours = this.#isOurs ? profile['thread'] : undefined;
    if (!isObject(ours)) return this.#builder.addThread(-1, threadNumber(name), '', name);
    const [processName, threadName] = [textOf(ours['processName']) ?? '', textOf(ours['name']) ?? ''];
    return this.#builder.addThread(idOf(ours['process']), idOf(ours['thread']), processName, threadName);
  }

  /** A sample without functions is time in which nothing was called; of ours one whose stack is not known. */
  #readSampled(profile: JsonObject, thread: number, scale: number | null, where: string): void {
    const samples = listOf(profile['samples']);
    const weights = listOf(profile['weights']);
    if (samples.length !== weights.length)
      throw this.#error(`${where} has ${samples.length} samples and ${weights.length} weights`);
    let at = numberOf(profile['startValue']);
    if (Number.isNaN(at)) at = 0;
    for (const [i, sample] of samples.entries()) {
      const weight = numberOf(weights[i]);
      if (Number.isNaN(weight) || weight < 0) throw this.#error(`${where}: weight ${i} is no number from 0 on`);
      let stack = -1;
      for (const frame of listOf(sample)) stack = this.#builder.stacks.add(stack, this.#functionOf(frame, where));
      if (stack >= 0 || this.#isOurs)
        this.#builder.addSample(scale === null ? 0 : at * scale, -1, thread, stack, 0, weight * (scale ?? 1));
      at += weight;
    }
  }

  #readEvented(profile: JsonObject, thread: number, scale: number | null, where: string): void {
    /** The stacks that are open, the innermost last, and their functions. */
    const stacks: number[] = [-1];
    const functions: number[] = [];
    let from = numberOf(profile['startValue']);
    if (Number.isNaN(from)) from = 0;
    const stay = (to: number) => {
      const stack = stacks.at(-1)!;
      if (stack >= 0 && scale !== null) addSlice(this.#builder, thread, stack, from * scale, to * scale);
      else if (stack >= 0 && to > from) this.#builder.addSample(0, -1, thread, stack, 0, to - from);
      from = to;
    };
    for (const [i, event] of listOf(profile['events']).entries()) {
      const at = isObject(event) ? numberOf(event['at']) : Number.NaN;
      if (!isObject(event) || Number.isNaN(at)) throw this.#error(`${where}: event ${i} has no time`);
      if (at < from && functions.length > 0)
        throw this.#error(`${where}: event ${i} is earlier than the one before it`);
      const called = this.#functionOf(event['frame'], where);
      stay(Math.max(from, at));
      if (event['type'] === 'O') {
        if (functions.length === MAX_DEPTH)
          throw this.#error(`${where}: more than ${MAX_DEPTH} functions are open at event ${i}`);
        functions.push(called);
        stacks.push(this.#builder.stacks.add(stacks.at(-1)!, called));
      } else if (event['type'] !== 'C') throw this.#error(`${where}: event ${i} is neither "O" nor "C"`);
      else {
        if (functions.pop() !== called)
          throw this.#error(`${where}: event ${i} closes a frame that is not the innermost one`);
        stacks.pop();
      }
    }
    const end = numberOf(profile['endValue']);
    if (functions.length > 0) {
      if (end > from) stay(end);
      this.#absent.push(`the end of ${functions.length} functions of ${where}: the events stop before it`);
    }
  }

  #functionOf(frame: unknown, where: string): number {
    const called = typeof frame === 'number' ? this.#functions[frame] : undefined;
    if (called === undefined) throw this.#error(`${where} names the frame ${String(frame)}, which is not in "shared"`);
    return called;
  }

  #error(what: string): UserError {
    return new UserError({
      what,
      where: this.#where,
      todo: 'The file does not follow speedscope’s file format: export it again.',
    });
  }
}

/** Profilers have no other place for it than the name; 0 is an idle CPU's. */
function threadNumber(name: string): number {
  const number = Number(/\btid[ :=]+(\d{1,9})\b/i.exec(name)?.[1] ?? -1);
  return number === 0 && !/^(swapper|idle)/.test(name) ? -1 : number;
}

function unitKind(unit: unknown): ProfileHeader['weightUnit'] {
  if (unit === 'bytes') return 'bytes';
  return typeof unit === 'string' && UNITS_NS[unit] !== undefined ? 'ns' : 'samples';
}
