import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LEAVING_REASONS, type Profile } from '#core/profile';
import { readProfileText } from '#profile/formats/read-profile';
import type { Image, Images } from '../image.ts';
import { GrowingPerfProfile, profileFromPerf } from './profile-from-perf.ts';

const folder = mkdtempSync(join(tmpdir(), 'encodelab-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const canRecord =
  spawnSync('perf', ['record', '-q', '-e', 'cpu-clock,sched:sched_switch', '-a', '-o', '/dev/null', '--', 'true'])
    .status === 0;

/** Small buffers: perf marks its rounds more often. */
const RECORD = ['record', '-q', '-m', '32', '-c', '1', '-g', '-k', 'CLOCK_MONOTONIC', '-e', 'cpu-clock/freq=2500/'];
const SCHEDULER = ['-e', 'sched:sched_switch', '-e', 'sched:sched_wakeup', '-e', 'sched:sched_waking'];
/** A shell that forks, one that becomes another program, threads that sleep and are woken. */
const PROGRAM = `${process.execPath} -e 'const end = Date.now() + 200; while (Date.now() < end);' & sleep 0.1; wait`;

/** Knows files by their names only; each page of one is a function. */
const PAGES: Images = {
  file: (path) => pages(path.slice(path.lastIndexOf('/') + 1), 'user'),
  kernel: () => pages('[kernel]', 'kernel'),
  vdso: () => pages('[vdso]', 'user'),
  perfMap: (process) => pages(`[jit ${process}]`, 'jit'),
};

describe.skipIf(!canRecord)('A profile of a perf.data (needs perf, and the right to watch everything)', () => {
  let path = '';
  let profile!: Profile;
  const began = process.hrtime.bigint();
  beforeAll(async () => {
    path = join(folder, 'pipe.data');
    const args = [...RECORD, '-a', ...SCHEDULER, '-o', '-', '--', 'sh', '-c', PROGRAM];
    writeFileSync(path, execFileSync('perf', args, { maxBuffer: 2 ** 28 }));
    profile = await profileFromPerf(path, { images: PAGES });
  });

  test('It has the times, the CPUs and the rate of the recording', () => {
    const { header, samples } = profile;
    expect(header).toMatchObject({
      tool: expect.stringMatching(/^perf \d/),
      file: 'pipe.data',
      clock: 'monotonic',
      frequencyHz: 2500,
      sampleNs: 400_000,
      scope: 'system',
      stacks: 'frame-pointers',
    });
    // Not every kernel tells of each switch.
    expect(header.absent.filter((text) => !text.startsWith('Switches:'))).toEqual([]);
    expect(header.cpus.length).toBeGreaterThan(0);
    expect(header.startNs).toBeGreaterThan(Number(began));
    expect(header.endNs).toBeLessThan(Number(process.hrtime.bigint()));
    expect(header.endNs - header.startNs).toBeGreaterThan(2e8);
    expect(samples.timeNs).toEqual(samples.timeNs.toSorted());
    for (const cpu of new Set(samples.cpu)) expect(header.cpus).toContain(cpu);
  });

  test('Processes have the names of their programs, threads their last ones, and stacks lead from the program to the kernel', () => {
    const { threads, functions, stacks, samples, libraries } = profile;
    const busy = threads.processName.findIndex(
      (name, row) => name === 'node' && threads.process[row] === threads.thread[row],
    );
    expect(busy).toBeGreaterThanOrEqual(0);
    expect(['node', 'MainThread']).toContain(threads.name[busy]);
    const used = new Set<string>();
    let deepest = 0;
    for (const [sample, node] of samples.stack.entries()) {
      if (samples.thread[sample] !== busy) continue;
      let depth = 0;
      for (let at = node; at >= 0; at = stacks.parent[at]!, depth++) {
        used.add(libraries[functions.library[stacks.function[at]!]!]!);
      }
      deepest = Math.max(deepest, depth);
    }
    expect([...used]).toEqual(expect.arrayContaining(['node', expect.stringMatching(/^libc/)]));
    expect(deepest).toBeGreaterThan(5);
  });

  test('Stays of threads on a CPU follow one another, and know why they ended and who woke them', () => {
    const spans = profile.spans!;
    expect(spans.startNs).toEqual(spans.startNs.toSorted());
    const freeFrom = new Map<number, number>();
    for (const [i, startNs] of spans.startNs.entries()) {
      expect(startNs).toBeGreaterThanOrEqual(freeFrom.get(spans.cpu[i]!) ?? profile.header.startNs);
      expect(spans.endNs[i]).toBeGreaterThanOrEqual(startNs);
      expect(profile.threads.thread[spans.thread[i]!]).not.toBe(0);
      if (!Number.isNaN(spans.readyNs[i]!)) expect(spans.readyNs[i]).toBeLessThanOrEqual(startNs);
      freeFrom.set(spans.cpu[i]!, spans.endNs[i]!);
    }
    const sleeper = profile.threads.name.indexOf('sleep');
    const ends = [...spans.left.keys()]
      .filter((i) => spans.thread[i] === sleeper)
      .map((i) => LEAVING_REASONS[spans.left[i]!]);
    expect(ends).toContain('sleeping');
    expect(ends.at(-1)).toBe('dead');
    expect(spans.waker.some((waker) => waker >= 0)).toBe(true);
    expect(spans.stack.some((stack) => stack >= 0)).toBe(true);
  });

  test('A sample of a thread lies within its stay on that CPU', () => {
    const spans = profile.spans!;
    const { samples, threads } = profile;
    let within = 0;
    let busy = 0;
    for (const [sample, timeNs] of samples.timeNs.entries()) {
      const thread = samples.thread[sample]!;
      if (threads.thread[thread] === 0) continue;
      busy++;
      for (let i = 0; i < spans.startNs.length && spans.startNs[i]! <= timeNs; i++) {
        if (spans.thread[i] === thread && spans.cpu[i] === samples.cpu[sample] && timeNs <= spans.endNs[i]!) {
          within++;
          break;
        }
      }
    }
    expect(busy).toBeGreaterThan(50);
    expect(within / busy).toBeGreaterThan(0.95);
  });

  test('It grows while it is fed, and at the end it is that of the file', async () => {
    const bytes = readFileSync(path);
    const growing = new GrowingPerfProfile(PAGES);
    expect(growing.profile().header).toMatchObject({ clock: 'none', startNs: 0, endNs: 0 });
    let last = 0;
    for (let at = 0; at < bytes.length; at += 65_536) {
      await growing.feed(bytes.subarray(at, at + 65_536));
      const { samples } = growing.profile();
      expect(samples.timeNs.length).toBeGreaterThanOrEqual(last);
      last = samples.timeNs.length;
    }
    const whole = growing.end();
    expect(last).toBeGreaterThan(0);
    expect(byThread(whole)).toEqual(byThread({ ...profile, header: { ...profile.header, file: null } }));
  });

  test('Lost samples are told apart from lost scheduler events, as perf counts them; where nothing is lost nothing is', async ({
    skip,
  }) => {
    const [full, whole] = [join(folder, 'full.data'), join(folder, 'quiet.data')];
    const often = [...RECORD.slice(0, 2), '-m', '1', '-c', '1', '-g', '-e', 'cpu-clock/freq=4000/'];
    execFileSync('perf', [...often, '-a', ...SCHEDULER, '-o', full, '--', 'sh', '-c', PROGRAM], { stdio: 'ignore' });
    const told = execFileSync('perf', ['report', '-i', full, '--stat'], { encoding: 'utf8', stdio: 'pipe' });
    const ofEvents = told.slice(told.indexOf('cpu-clock'));
    const counts = [...ofEvents.matchAll(/LOST_SAMPLES events:\s+(\d+)/g)].map(([, count]) => Number(count));
    // Kernels before 6.0 do not count by event.
    if (counts.length < 2) return skip();
    const { header } = await profileFromPerf(full, { images: PAGES });
    expect(header.lost).toBe(
      /cpu-clock[^\n]*\n(?:(?!stats:)[^])*?LOST_SAMPLES events:\s+(\d+)/.test(ofEvents) ? counts[0] : 0,
    );
    expect(header.lostEvents).toBeGreaterThanOrEqual(counts.slice(1).reduce((sum, count) => sum + count, 0));

    execFileSync('perf', [...RECORD, '-o', whole, '--', 'true'], { stdio: 'ignore' });
    const quiet = await profileFromPerf(whole, { images: PAGES });
    expect([quiet.header.lost, quiet.header.lostEvents]).toEqual([0, undefined]);
  });

  test('Several files of one recording are one profile', async () => {
    const base = join(folder, 'switched.data');
    const args = [...RECORD, '-a', '--switch-output=1s', '-o', base, '--', 'sleep', '1.4'];
    execFileSync('perf', args, { stdio: 'ignore' });
    const files = readdirSync(folder).filter((name) => name.startsWith('switched.data.'));
    expect(files.length).toBeGreaterThan(1);
    const each = await Promise.all(files.map((file) => profileFromPerf(join(folder, file), { images: PAGES })));
    const all = await profileFromPerf(files.map((file) => join(folder, file)).toReversed(), { images: PAGES });
    expect(all.samples.timeNs.length).toBe(each.reduce((sum, { samples }) => sum + samples.timeNs.length, 0));
    expect(all.samples.timeNs).toEqual(all.samples.timeNs.toSorted());
    expect(all.header.endNs - all.header.startNs).toBeGreaterThan(1e9);
  });

  const scriptOf = async (data: string): Promise<Profile> => {
    async function* text() {
      yield execFileSync('perf', ['script', '-i', data], { encoding: 'utf8', stdio: 'pipe', maxBuffer: 2 ** 28 });
    }
    return readProfileText(text(), 'script.txt');
  };

  test('Scheduler events that were thinned by the frequency make no spans, and it is said; of the text of perf script too', async () => {
    const thinned = join(folder, 'thinned.data');
    const args = ['record', '-q', '-F', '99', '-a', '-e', 'cpu-clock', '-e', 'sched:sched_switch', '-o', thinned];
    // Below the frequency all are recorded: it takes a program that switches far more often.
    const switching = 'i=0; while [ $i -lt 400 ]; do /bin/true; i=$((i+1)); done';
    execFileSync('perf', [...args, '--', 'sh', '-c', switching], { stdio: 'ignore' });
    for (const { spans, header } of [await profileFromPerf(thinned, { images: PAGES }), await scriptOf(thinned)]) {
      expect(spans).toBeNull();
      expect(header.absent).toEqual([expect.stringContaining('only some of sched:sched_switch were recorded')]);
    }
  });

  test('The text of a whole recording tells of the same stays', async () => {
    const { spans, samples } = await scriptOf(path);
    const [ours, theirs] = [profile.spans!, spans!].map(({ startNs, endNs, cpu }) =>
      Array.from(startNs, (start, i) => [cpu[i], Math.floor(start / 1000), Math.floor(endNs[i]! / 1000)].join(' ')),
    );
    const same = theirs!.filter((stay) => ours!.includes(stay)).length;
    expect(same / ours!.length).toBeGreaterThan(0.95);
    expect(samples.timeNs.length).toBe(profile.samples.timeNs.length);
  });

  test('The names of our kernel are not given to the addresses of another', async () => {
    const kernel = pages('[kernel]', 'kernel');
    const moved: Image = { ...kernel, find: (address) => kernel.find(address - 64) };
    const named = ({ functions, libraries }: Profile) =>
      functions.name.filter((name, i) => libraries[functions.library[i]!] === '[kernel]' && name !== '[unknown]');
    const other = await profileFromPerf(path, { images: { ...PAGES, kernel: () => moved } });
    expect(named(profile).length).toBeGreaterThan(0);
    expect(named(other)).toEqual([]);
  });

  test('A file that ends early says so in what is absent', async () => {
    const short = join(folder, 'short.data');
    const bytes = readFileSync(path);
    writeFileSync(short, bytes.subarray(0, bytes.length - 1001));
    const { header } = await profileFromPerf(short, { images: PAGES });
    expect(header.absent).toContainEqual(expect.stringMatching(/^The rest of short\.data: it ends .* MB were read\.$/));
  });
});

function pages(library: string, kind: Image['kind']): Image {
  const functions = new Map<number, ReturnType<Image['find']>>();
  return {
    library,
    kind,
    todo: null,
    addressOf: (offset) => offset,
    find: (address) => {
      const start = Math.floor(address / 4096) * 4096;
      const found = functions.get(start) ?? { name: `${library}+${start}`, source: 'unwind', start, end: start + 4096 };
      functions.set(start, found);
      return found;
    },
    instructionAt: () => 1,
  };
}

/** With threads by their numbers instead of their rows: who asks meanwhile makes rows for those who are on a CPU. */
function byThread({ threads, samples, spans, ...rest }: Profile): object {
  const numbers = (rows: Uint32Array | Int32Array) => Array.from(rows, (row) => threads.thread[row] ?? null);
  return {
    ...rest,
    threads: Array.from(threads.thread, (number, i) => `${number} ${threads.process[i]} ${threads.name[i]}`).toSorted(),
    samples: { ...samples, thread: numbers(samples.thread) },
    spans: spans && { ...spans, thread: numbers(spans.thread), waker: numbers(spans.waker) },
  };
}
