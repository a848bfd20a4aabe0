import { expect, test } from 'vitest';
import { plantedProfile } from '../../../test/profile/planted-profile.ts';
import type { Profile } from '#core/profile';
import { diagnose } from './diagnose.ts';

const FROM = 1.6;
const TO = 2.2;

/** Of two CPUs; from 1.6 to 2.2 s the second one tells nothing, neither samples nor stays. */
function withGap(turns: readonly [workMs: number, pauseMs: number], lost: number): Profile {
  const one = { process: 'encoder', name: 'worker', turns: () => turns, waitsIn: [], runs: () => 'satd' };
  const whole = plantedProfile({ seed: 1, cpus: 2, seconds: 4, hertz: 999, threads: [one, one, one], spans: true });
  const { header, samples, spans } = whole;
  const [from, to] = [header.startNs + FROM * 1e9, header.startNs + TO * 1e9];
  const isIdle = (row: number) => whole.threads.thread[samples.thread[row]!] === 0;
  const rows = [...samples.timeNs.keys()].filter(
    (row) => !isIdle(row) && (samples.cpu[row] !== 1 || samples.timeNs[row]! < from || samples.timeNs[row]! >= to),
  );
  const stays = [...spans!.startNs.keys()].filter(
    (row) => spans!.cpu[row] !== 1 || spans!.endNs[row]! < from || spans!.startNs[row]! >= to,
  );
  return {
    ...whole,
    header: { ...header, lost },
    samples: pick(samples, rows),
    spans: pick(spans!, stays),
    losses: {
      timeNs: Float64Array.from(lost > 0 ? [to] : []),
      cpu: Int16Array.from(lost > 0 ? [1] : []),
      samples: Float64Array.from(lost > 0 ? [lost] : []),
    },
  };
}

function pick<Table extends object>(table: Table, rows: readonly number[]): Table {
  const columns = Object.entries(table) as [string, Float64Array | null][];
  return Object.fromEntries(
    columns.map(([name, column]) => [name, column?.filter((_, row) => wanted(rows).has(row)) ?? null]),
  ) as Table;
}

const sets = new WeakMap<readonly number[], ReadonlySet<number>>();

function wanted(rows: readonly number[]): ReadonlySet<number> {
  const set = sets.get(rows) ?? new Set(rows);
  sets.set(rows, set);
  return set;
}

const seconds = (profile: Profile, ns: number) => (ns - profile.header.startNs) / 1e9;

test('a CPU of which the kernel lost everything for a while is missing data, and nothing is found in that time', () => {
  const profile = withGap([100, 0], 3000);
  const found = diagnose(profile);
  const missing = found.find(({ diagnosis }) => diagnosis === 'missing-data')!;
  expect(missing.evidence).toContainEqual(
    expect.stringMatching(/^nothing is known of CPU 1 for \d+ ms of it: the kernel lost what it did$/),
  );
  expect(missing.evidence).toContain('the kernel lost 3,000 records, samples or scheduler events: its buffer was full');
  expect(seconds(profile, missing.rangesNs[0]!)).toBeCloseTo(FROM, 0);
  expect(seconds(profile, missing.rangesNs.at(-1)!)).toBeCloseTo(TO, 0);
  const saturated = found.find(({ diagnosis }) => diagnosis === 'saturated')!;
  const middle = profile.header.startNs + 1.9e9;
  for (let i = 0; i < saturated.rangesNs.length; i += 2)
    expect(saturated.rangesNs[i]! < middle && saturated.rangesNs[i + 1]! > middle).toBe(false);
});

test('a CPU that idled is no missing data: nobody calls it lost, or too little was lost to fill it', () => {
  for (const lost of [0, 5])
    expect(diagnose(withGap([100, 0], lost)).map(({ diagnosis }) => diagnosis)).not.toContain('missing-data');
});
