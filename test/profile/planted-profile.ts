// Made-up profiles with known contents: threads that run and wait by chance on a few CPUs, a scheduler that gives turns, a sampler that
// loses some samples. What a diagnosis must find is planted; what it must not is the noise.

import { seededRandom } from '#analysis/random';
import { INSTRUCTION_KINDS, LEAVING_REASONS, type Profile } from '#core/profile';
import { ProfileBuilder } from '#profile/profile-builder';

export interface PlantedThread {
  readonly process: string;
  readonly name: string;
  /** Mean milliseconds of a burst of work and of a pause, at a time in seconds. Pauses of 0: never; work of 0: only pauses. */
  readonly turns: (timeS: number) => readonly [workMs: number, pauseMs: number];
  /** Functions on the stack with which it leaves, from the innermost to the outermost. */
  readonly waitsIn: readonly string[];
  /** The innermost function of a sample; `chance` is from 0 to 1. */
  readonly runs: (timeS: number, chance: number) => string;
}

export interface PlantedOptions {
  readonly seed: number;
  readonly cpus: number;
  readonly seconds: number;
  readonly hertz: number;
  readonly threads: readonly PlantedThread[];
  /** Scheduler events too. */
  readonly spans: boolean;
  /** Share of the samples that are lost, at a time. */
  readonly lost?: (timeS: number) => number;
}

const STEP_MS = 1;
/** A thread has its CPU for so long before another that waits gets it. */
const SLICE_MS = 6;

interface Running {
  readonly thread: number;
  readonly sinceNs: number;
  readonly readyNs: number;
}

export function plantedProfile(options: PlantedOptions): Profile {
  const { cpus, seconds, hertz, threads } = options;
  const random = seededRandom(options.seed);
  const chance = () => random() / 2 ** 32;
  const exponential = (mean: number) => -mean * Math.log(1 - chance());
  const builder = new ProfileBuilder();
  const startNs = 1e12;
  const atNs = (ms: number) => startNs + ms * 1e6;
  const idle = builder.addThread(0, 0, 'swapper', 'swapper');
  const processes = [...new Set(threads.map(({ process }) => process))];
  const positions = threads.map(({ process, name }, i) =>
    builder.addThread(1000 + processes.indexOf(process) * 100, 1000 + i, process, name),
  );
  const stackOf = (names: readonly string[], library: string) => {
    let node = -1;
    for (const name of names) {
      const isKernel = name.startsWith('__x64_') || name === 'schedule';
      node = builder.stacks.add(
        node,
        builder.function(name, isKernel ? '[kernel]' : library, isKernel ? 'kernel' : 'user', 'symbols'),
      );
    }
    return node;
  };
  const leaving = threads.map(({ waitsIn }) => stackOf([...waitsIn].toReversed(), 'libc.so.6'));
  if (options.spans) builder.expectSpans();

  const works = threads.map(() => false);
  const changesMs = threads.map((_, i) => {
    const [work, pause] = threads[i]!.turns(0);
    works[i] = pause === 0 || (work > 0 && chance() < work / (work + pause));
    return 0;
  });
  const readySinceMs = threads.map((_, i) => (works[i]! ? 0 : NaN));
  const onCpu: (Running | null)[] = Array.from({ length: cpus }, () => null);
  const queue: number[] = threads.flatMap((_, i) => (works[i]! ? [i] : []));
  const leave = (cpu: number, ms: number, reason: 'running' | 'sleeping') => {
    const { thread, sinceNs, readyNs } = onCpu[cpu]!;
    onCpu[cpu] = null;
    if (!options.spans) return;
    builder.addSpan({
      startNs: sinceNs,
      endNs: atNs(ms),
      cpu,
      thread: positions[thread]!,
      left: LEAVING_REASONS.indexOf(reason),
      stack: reason === 'sleeping' ? leaving[thread]! : -1,
      readyNs,
      waker: -1,
    });
  };
  const nextSampleMs = Array.from({ length: cpus }, () => (chance() * 1000) / hertz);
  const code = (name: string) => (name.includes('avx2') ? 'vex' : name.includes('sse') ? 'sse' : 'scalar');

  for (let ms = 0; ms < seconds * 1000; ms += STEP_MS) {
    const timeS = ms / 1000;
    for (let i = 0; i < threads.length; i++) {
      const [work, pause] = threads[i]!.turns(timeS);
      const forced = pause === 0 ? true : work === 0 ? false : null;
      if (forced !== null ? works[i] === forced : ms < changesMs[i]!) continue;
      works[i] = forced ?? !works[i]!;
      changesMs[i] = ms + exponential(works[i]! ? work : pause);
      if (works[i]!) {
        readySinceMs[i] = ms;
        queue.push(i);
      } else if (queue.includes(i)) queue.splice(queue.indexOf(i), 1);
    }
    for (let cpu = 0; cpu < cpus; cpu++) {
      const now = onCpu[cpu]!;
      if (now !== null && !works[now.thread]!) leave(cpu, ms, 'sleeping');
      else if (now !== null && queue.length > 0 && atNs(ms) - now.sinceNs >= SLICE_MS * 1e6) {
        leave(cpu, ms, 'running');
        readySinceMs[now.thread] = ms;
        queue.push(now.thread);
      }
    }
    for (let cpu = 0; cpu < cpus && queue.length > 0; cpu++) {
      if (onCpu[cpu] !== null) continue;
      const thread = queue.shift()!;
      onCpu[cpu] = { thread, sinceNs: atNs(ms), readyNs: atNs(readySinceMs[thread]!) };
    }
    for (let cpu = 0; cpu < cpus; cpu++) {
      while (nextSampleMs[cpu]! < ms + STEP_MS) {
        const sampleMs = nextSampleMs[cpu]!;
        nextSampleMs[cpu]! += 1000 / hertz;
        if (chance() < (options.lost?.(timeS) ?? 0)) continue;
        const running = onCpu[cpu]!;
        if (running === null) builder.addSample(atNs(sampleMs), cpu, idle, -1);
        else {
          const name = threads[running.thread]!.runs(timeS, chance());
          const stack = stackOf(['main', name], 'libencoder.so');
          const instruction = INSTRUCTION_KINDS.indexOf(code(name));
          builder.addSample(atNs(sampleMs), cpu, positions[running.thread]!, stack, instruction);
        }
      }
    }
  }
  for (let cpu = 0; cpu < cpus; cpu++) if (onCpu[cpu] !== null) leave(cpu, seconds * 1000, 'running');
  return builder.finish({
    tool: 'planted',
    file: null,
    clock: 'monotonic',
    startNs,
    endNs: atNs(seconds * 1000),
    frequencyHz: hertz,
    weightUnit: 'samples',
    sampleNs: 1e9 / hertz,
    cpus: Array.from({ length: cpus }, (_, cpu) => cpu),
    scope: 'system',
    stacks: 'frame-pointers',
    lost: 0,
    throttled: 0,
    overheadCpuS: null,
    absent: [],
    quality: [],
  });
}
