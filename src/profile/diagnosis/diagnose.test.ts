import { expect, test } from 'vitest';
import { PLANTED_CASES } from '../../../test/profile/planted-cases.ts';
import { plantedProfile } from '../../../test/profile/planted-profile.ts';
import { diagnose, tooThin } from './diagnose.ts';
import { nothingFound } from './nothing-found.ts';

const EVERYTHING = { hertz: 999, spans: true };
/** Of 4 CPUs: many more are made by bench/diagnosis.ts, and counted in docs/diagnosis.md. */
const SEEDS = [1];

for (const each of PLANTED_CASES) {
  test(`${each.name}: ${each.plants ?? 'nothing'} is found`, () => {
    for (const seed of SEEDS) {
      const [profile, context] = each.make(seed, EVERYTHING);
      const found = diagnose(profile, context);
      const kinds = found.map(({ diagnosis }) => diagnosis);
      if (each.plants !== null) expect(kinds, `seed ${seed}`).toContain(each.plants);
      expect(
        kinds.filter((kind) => kind !== each.plants && !each.alsoTrue.includes(kind)),
        `seed ${seed}: ${found.map(({ what }) => what).join('; ')}`,
      ).toEqual([]);
      for (const { confidence, share, rangesNs, evidence, todo } of found) {
        expect(confidence).toBeGreaterThan(0.5);
        expect(confidence).toBeLessThanOrEqual(1);
        expect(share).toBeGreaterThan(0);
        expect(share).toBeLessThanOrEqual(1);
        expect(rangesNs.every((time, i) => i === 0 || time > rangesNs[i - 1]!)).toBe(true);
        expect(evidence.length).toBeGreaterThan(0);
        expect(todo.length).toBeGreaterThan(0);
      }
    }
  });
}

const caseNamed = (name: string) => PLANTED_CASES.find((each) => each.name === name)!;

test('idle time tells what the threads waited for, and where', () => {
  const waitsOf = (name: string) => {
    const [profile, context] = caseNamed(name).make(1, EVERYTHING);
    return diagnose(profile, context)
      .find(({ diagnosis }) => diagnosis === 'idle')!
      .evidence.filter((fact) => fact.includes('waited'))
      .join('\n');
  };
  expect(waitsOf('gaps, waiting for input')).toMatch(
    /worker \d of encoder \(\d+\) waited .* for input from a file or disk/,
  );
  expect(waitsOf('gaps, waiting for a lock')).toMatch(/for a lock \(/);
});

test('a serial stretch names the thread, the phase, and who waits for it', () => {
  const [profile] = caseNamed('serial stretches').make(1, EVERYTHING);
  const { startNs, endNs } = profile.header;
  const phases = [{ name: 'encode', fromNs: startNs, toNs: endNs }];
  const [serial] = diagnose(profile, { phases }).filter(({ diagnosis }) => diagnosis === 'serial');
  expect(serial!.what).toMatch(/one thread worked alone: main of encoder/);
  const evidence = serial!.evidence.join('\n');
  expect(evidence).toMatch(/in phase encode .*\(100 % of it\)/);
  expect(evidence).toMatch(/worker \d of encoder \(\d+\) waited .* for work or a free place in a queue/);
  // One second of every two at most.
  expect(serial!.share).toBeGreaterThan(0.15);
  expect(serial!.share).toBeLessThan(0.55);
});

test('busy CPUs tell the hot functions with their intervals, and the share of vector code', () => {
  const [profile] = caseNamed('all CPUs busy').make(1, EVERYTHING);
  const [saturated] = diagnose(profile).filter(({ diagnosis }) => diagnosis === 'saturated');
  expect(saturated!.evidence[0]).toMatch(/^3[45] % \(\d+ to \d+ %\) satd_avx2 in libencoder.so$/);
  expect(saturated!.evidence.at(-1)).toMatch(/^vector instructions: 6\d % .* AVX and AVX2 6\d %/);
});

test('slow frames tell in which function they differ', () => {
  const [profile, context] = caseNamed('slow frames in a function of their own').make(1, EVERYTHING);
  const [slow] = diagnose(profile, context).filter(({ diagnosis }) => diagnosis === 'slow-frames');
  expect(slow!.evidence.join('\n')).toMatch(/scenecut_analysis in libencoder.so: 2\d % of their time, 0?\.?\d %/);
});

test('a selection of threads is judged by itself, and the others are told', () => {
  const [profile] = caseNamed('serial stretches').make(1, EVERYTHING);
  const main = profile.threads.name.indexOf('main');
  const alone = diagnose(profile, { selection: { rangesNs: null, cpus: null, threads: new Set([main]) } });
  expect(alone.map(({ diagnosis }) => diagnosis)).not.toContain('saturated');
});

test('a thread that is chosen from a busy process is not said to work alone, and the others are of its process', () => {
  const [profile] = caseNamed('all CPUs busy').make(1, EVERYTHING);
  const { name, processName } = profile.threads;
  const workers = [...name.keys()].filter((i) => processName[i] === 'encoder');
  for (const thread of workers) {
    const found = diagnose(profile, { selection: { rangesNs: null, cpus: null, threads: new Set([thread]) } });
    expect(found.map(({ diagnosis }) => diagnosis)).not.toContain('serial');
    const told = found.flatMap(({ evidence }) => evidence).join('\n');
    expect(told).not.toContain('other programs');
    for (const { evidence } of found.filter(({ diagnosis }) => diagnosis === 'idle'))
      expect(evidence.join('\n')).toMatch(/other threads of the same process kept \d\.\d\d CPUs busy/);
  }
});

test('a process that is chosen can be serial, and what runs beside it are other programs', () => {
  const [profile] = caseNamed('serial stretches').make(1, EVERYTHING);
  const { processName } = profile.threads;
  const threads = new Set([...processName.keys()].filter((i) => processName[i] === 'encoder'));
  const found = diagnose(profile, { selection: { rangesNs: null, cpus: null, threads } });
  expect(found.map(({ diagnosis }) => diagnosis)).toContain('serial');
  expect(JSON.stringify(found)).not.toContain('other threads of the same');
});

test('stolen time and a low clock are read from what was measured of the host', () => {
  const [profile] = caseNamed('clean: 60 % busy, many threads').make(1, EVERYTHING);
  const { startNs, endNs } = profile.header;
  const timeNs = Float64Array.from({ length: 80 }, (_, i) => startNs + ((endNs - startNs) * (i + 1)) / 80);
  const series = (name: string, valueOf: (i: number) => number) => ({
    name,
    timeNs,
    value: Float64Array.from(timeNs, (_, i) => valueOf(i)),
  });
  const steal = diagnose(profile, { series: [series('cpu.steal', (i) => (i < 20 ? 0.8 : 0))] });
  expect(steal.map(({ diagnosis, what }) => `${diagnosis}: ${what}`)).toEqual([
    expect.stringMatching(/^throttled: for 1\.\d+ s the hypervisor gave 0\.80 of 4 CPUs/),
  ]);
  const clock = diagnose(profile, { series: [series('cpu.frequency[0]', (i) => (i < 40 ? 4e9 : 2e9))] });
  expect(clock.map(({ what }) => what)).toEqual([
    expect.stringMatching(/busy at 2\.\d\d GHz, and had run at 4\.00 GHz/),
  ]);
  expect(diagnose(profile, { series: [series('cpu.steal', () => 0.01)] })).toEqual([]);
});

test('a profile that is too short, too thin or without times says so, and has no findings', () => {
  const thread = { process: 'p', name: 't', turns: () => [1, 0] as const, waitsIn: [], runs: () => 'f' };
  const make = (seconds: number, hertz: number) =>
    plantedProfile({ seed: 1, cpus: 2, seconds, hertz, threads: [thread], spans: false });
  expect(tooThin(make(0.1, 999))).toMatch(/^100 ms is too short: it takes 200 ms/);
  expect(tooThin(make(4, 10))).toMatch(/^80 samples are too few: it takes 100/);
  const whole = make(4, 999);
  expect(tooThin(whole)).toBeNull();
  expect(tooThin({ ...whole, header: { ...whole.header, clock: 'none' } })).toMatch(/no times/);
  expect(diagnose(make(0.1, 999))).toEqual([]);
});

test('finding nothing claims no more than could be seen', () => {
  const told = (spans: boolean, hertz = 999) => {
    const [profile] = caseNamed('clean: 60 % busy, many threads').make(1, { hertz, spans });
    return nothingFound(profile);
  };
  expect(told(true)).toBe(
    'Nothing stands out: for no long time were the CPUs idle, held up by one thread, or all busy, and the data is whole. Stretches below 120 ms (where all are busy 320 ms), and those that are less than 2.0 % of the time together, are not seen.',
  );
  expect(told(false, 49)).toMatch(/Stretches below 6\d\d ms/);
  const [profile] = caseNamed('clean: 60 % busy, many threads').make(1, EVERYTHING);
  const absent = { ...profile, header: { ...profile.header, absent: ['Switches: some'] } };
  expect(nothingFound(absent)).not.toContain('whole');
});
