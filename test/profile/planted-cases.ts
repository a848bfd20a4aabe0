// Cases that a diagnosis must find, and clean ones in which it must find nothing, each for any seed: CPUs, threads and noise vary with it.

import { seededRandom } from '#analysis/random';
import type { Diagnosis, Profile } from '#core/profile';
import type { DiagnosisContext, DiagnosisFrames } from '#profile/diagnosis/context';
import { plantedProfile, type PlantedThread } from './planted-profile.ts';

export interface PlantedCase {
  readonly name: string;
  /** What must be found; null: nothing at all. */
  readonly plants: Diagnosis | null;
  /** What is there as well, so that finding it is right. */
  readonly alsoTrue: readonly Diagnosis[];
  /** Seen only with scheduler events. */
  readonly needsSpans?: true;
  /** How many samples a second this case can be seen with; every number where it is left out. */
  readonly leastHertz?: number;
  readonly make: (seed: number, how: PlantedHow) => readonly [Profile, DiagnosisContext];
}

export interface PlantedHow {
  readonly hertz: number;
  readonly spans: boolean;
}

const SECONDS = 8;
const QUEUE = ['schedule', '__x64_sys_futex', 'pthread_cond_wait', 'get_job'];
const READ = ['schedule', '__x64_sys_read', 'read', 'fill_buffer'];
const LOCK = ['schedule', '__x64_sys_futex', '__lll_lock_wait', 'pthread_mutex_lock', 'put_row'];
const FUNCTIONS = ['satd_avx2', 'sad_avx2', 'quant_avx2', 'cabac', 'trellis', 'deblock_sse2', 'lookahead', 'memcpy'];

/** Heavy ones first, as in any encoder. */
function anyFunction(_timeS: number, chance: number): string {
  return FUNCTIONS[Math.floor(FUNCTIONS.length * chance * chance)]!;
}

function thread(name: string, turns: PlantedThread['turns'], waitsIn = QUEUE): PlantedThread {
  return { process: 'encoder', name, turns, waitsIn, runs: anyFunction };
}

/** What runs on any machine beside the encode: little. */
const NOISE: readonly PlantedThread[] = [
  { process: 'sshd', name: 'sshd', turns: () => [1, 150], waitsIn: ['__x64_sys_poll'], runs: () => 'sshd_work' },
  { process: 'kworker/0:1', name: 'kworker/0:1', turns: () => [1, 90], waitsIn: [], runs: () => 'kernel_work' },
];

function setting(seed: number) {
  const random = seededRandom(seed + 17);
  const cpus = [2, 4, 8][seed % 3]!;
  const between = (low: number, high: number) => low + (random() / 2 ** 32) * (high - low);
  return { cpus, between };
}

function made(seed: number, cpus: number, how: PlantedHow, threads: readonly PlantedThread[], lost = 0.005) {
  return plantedProfile({ seed, cpus, seconds: SECONDS, ...how, threads: [...threads, ...NOISE], lost: () => lost });
}

/** Threads that keep `load` of all CPUs busy together. */
function crowd(count: number, cpus: number, load: number, burstMs: number): PlantedThread[] {
  const each = Math.min(0.97, (load * cpus) / count);
  return Array.from({ length: count }, (_, i) => thread(`worker ${i}`, () => [burstMs, (burstMs * (1 - each)) / each]));
}

/** A part of every `everyS` seconds. */
const within = (timeS: number, everyS: number, fromS: number, lengthS: number) => {
  const at = timeS % everyS;
  return at >= fromS && at < fromS + lengthS;
};

function gap(name: string, waitsIn: readonly string[]): PlantedCase {
  return {
    name,
    plants: 'idle',
    alsoTrue: ['saturated'],
    make: (seed, how) => {
      const { cpus, between } = setting(seed);
      const lengthS = between(0.25, 0.6);
      const threads = crowd(cpus, cpus, 0.75, 12).map((each) => ({
        ...each,
        waitsIn,
        turns: (timeS: number) => (within(timeS, 2, 1, lengthS) ? ([0, 1] as const) : each.turns(timeS)),
      }));
      return [made(seed, cpus, how, threads), {}];
    },
  };
}

function serial(seed: number, bursts: boolean, how: PlantedHow): readonly [Profile, DiagnosisContext] {
  const { cpus, between } = setting(seed);
  const lengthS = between(0.4, 1);
  const main = thread('main', (timeS) => (bursts || within(timeS, 2, 1, lengthS) ? [1, 0] : [10, 5]), READ);
  const workers = crowd(cpus, cpus, 0.4, 10).map((each) => ({
    ...each,
    turns: (timeS: number) =>
      bursts
        ? within(timeS, 0.5, 0.2, 0.06)
          ? ([1, 0] as const)
          : ([0, 1] as const)
        : within(timeS, 2, 1, lengthS)
          ? ([0, 1] as const)
          : each.turns(timeS),
  }));
  return [made(seed, cpus, how, [main, ...workers]), {}];
}

/** Frames of about 25 ms, one after the other; some are slow. */
function frames(seed: number, isSlow: (frame: number) => boolean): DiagnosisFrames {
  const random = seededRandom(seed + 5);
  const startNs: number[] = [];
  const endNs: number[] = [];
  let now = 1e12;
  for (let frame = 0; now < 1e12 + (SECONDS - 0.3) * 1e9; frame++) {
    const chance = random() / 2 ** 32;
    const ns = isSlow(frame) ? 120e6 + 40e6 * chance : 20e6 * Math.exp(0.4 * (chance - 0.5));
    startNs.push(now);
    endNs.push(now + ns);
    now += ns;
  }
  const numbers = Int32Array.from(startNs.keys());
  return { frame: numbers, startNs: Float64Array.from(startNs), endNs: Float64Array.from(endNs) };
}

/** Share of the slow frames' samples that are in a function of their own. */
const OWN_SHARE = { elsewhere: 0.25, 'hardly elsewhere': 0.05, waited: 0, 'more of the same': 0 } as const;

function slowFrames(seed: number, how: PlantedHow, kind: keyof typeof OWN_SHARE) {
  const { cpus } = setting(seed);
  const all = frames(seed, (frame) => frame % 60 === 59);
  const isSlowAt = (timeS: number) => {
    const ns = 1e12 + timeS * 1e9;
    for (let row = 59; row < all.frame.length; row += 60)
      if (ns >= all.startNs[row]! && ns < all.endNs[row]!) return true;
    return false;
  };
  const threads = crowd(cpus, cpus, 0.7, 8).map((each) => ({
    ...each,
    waitsIn: kind === 'waited' ? READ : each.waitsIn,
    turns: (timeS: number) => (kind === 'waited' && isSlowAt(timeS) ? ([2, 40] as const) : each.turns(timeS)),
    runs: (timeS: number, chance: number) =>
      chance < OWN_SHARE[kind] && isSlowAt(timeS) ? 'scenecut_analysis' : anyFunction(timeS, (chance * 7) % 1),
  }));
  return [made(seed, cpus, how, threads), { frames: all }] as const;
}

const clean = (name: string, make: PlantedCase['make']): PlantedCase => ({ name, plants: null, alsoTrue: [], make });

export const PLANTED_CASES: readonly PlantedCase[] = [
  gap('gaps, waiting for input', READ),
  gap('gaps, waiting for a lock', LOCK),
  { name: 'serial stretches', plants: 'serial', alsoTrue: [], make: (seed, how) => serial(seed, false, how) },
  {
    name: 'serial with bursts',
    plants: 'bursts',
    alsoTrue: [],
    leastHertz: 500,
    make: (seed, how) => serial(seed, true, how),
  },
  {
    name: 'all CPUs busy',
    plants: 'saturated',
    alsoTrue: ['oversubscribed'],
    make: (seed, how) => {
      const { cpus } = setting(seed);
      return [
        made(
          seed,
          cpus,
          how,
          Array.from({ length: cpus }, (_, i) => thread(`w${i}`, () => [1, 0])),
        ),
        {},
      ];
    },
  },
  {
    name: 'twice as many threads as CPUs',
    plants: 'oversubscribed',
    alsoTrue: ['saturated'],
    needsSpans: true,
    make: (seed, how) => {
      const { cpus } = setting(seed);
      return [
        made(
          seed,
          cpus,
          how,
          Array.from({ length: 2 * cpus }, (_, i) => thread(`w${i}`, () => [50, 1])),
        ),
        {},
      ];
    },
  },
  {
    name: '8 % of the samples missing for half of it',
    plants: 'missing-data',
    alsoTrue: [],
    make: (seed, how) => {
      const { cpus } = setting(seed);
      const threads = [...crowd(2 * cpus, cpus, 0.6, 8), ...NOISE];
      const lost = (timeS: number) => (timeS < SECONDS / 2 ? 0.08 : 0.005);
      return [plantedProfile({ seed, cpus, seconds: SECONDS, ...how, threads, lost }), {}];
    },
  },
  {
    name: 'slow frames in a function of their own',
    plants: 'slow-frames',
    alsoTrue: [],
    leastHertz: 500,
    make: (seed, how) => slowFrames(seed, how, 'elsewhere'),
  },
  {
    name: 'slow frames that wait',
    plants: 'slow-frames',
    alsoTrue: ['idle'],
    leastHertz: 500,
    make: (seed, how) => slowFrames(seed, how, 'waited'),
  },
  clean('clean: 60 % busy, many threads', (seed, how) => {
    const { cpus } = setting(seed);
    return [made(seed, cpus, how, crowd(2 * cpus, cpus, 0.6, 8)), {}];
  }),
  clean('clean: 60 % busy, as many threads as CPUs', (seed, how) => {
    const { cpus, between } = setting(seed);
    return [made(seed, cpus, how, crowd(cpus, cpus, 0.6, between(3, 15))), {}];
  }),
  clean('clean: 25 % busy', (seed, how) => {
    const { cpus } = setting(seed);
    return [made(seed, cpus, how, crowd(3 * cpus, cpus, 0.25, 4)), {}];
  }),
  clean('clean: one CPU’s worth of work on three threads', (seed, how) => {
    const { cpus } = setting(seed);
    return [made(seed, cpus, how, crowd(3, cpus, 1 / cpus, 5)), {}];
  }),
  clean('clean: a frame every 40 ms, half of it busy', (seed, how) => {
    const { cpus } = setting(seed);
    const threads = Array.from({ length: cpus }, (_, i) =>
      thread(`w${i}`, (timeS) => (timeS % 0.04 < 0.02 ? [1, 0] : [0, 1])),
    );
    return [made(seed, cpus, how, threads), {}];
  }),
  clean('clean: 2 % of the samples missing', (seed, how) => {
    const { cpus } = setting(seed);
    return [made(seed, cpus, how, crowd(2 * cpus, cpus, 0.6, 8), 0.015), {}];
  }),
  clean('clean: frames that differ by chance', (seed, how) => {
    const { cpus } = setting(seed);
    return [made(seed, cpus, how, crowd(2 * cpus, cpus, 0.6, 8)), { frames: frames(seed, () => false) }];
  }),
  clean('clean: slow frames with more of the same', (seed, how) => slowFrames(seed, how, 'more of the same')),
  clean('clean: slow frames with more of the same and a little of their own', (seed, how) =>
    slowFrames(seed, how, 'hardly elsewhere'),
  ),
];
