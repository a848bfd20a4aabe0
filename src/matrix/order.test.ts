import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Benchmark, Cell } from '#core/benchmark';
import { MIN_RUNS_FOR_SENTINEL, planSteps, type PlanStep } from './order.ts';
import { parseBenchmark } from './parse-benchmark.ts';

const hooked = parseBenchmark(
  `
source: clip.mp4
matrix: {bitrate: [1M, 2M, 4M], resolution: [720p, 1080p], load: {idle: , busy: }}
repeat: 3
setup: begin
teardown: end
hooks:
  resolution: {before: show $resolution, after: hide $resolution}
  load: {before: [[start, "the \${load}"]], after: {shell: stop $load}}
`,
  'order.yaml',
);

const small = (text: string): Benchmark => parseBenchmark(`source: clip.mp4\n${text}`, 'order.yaml');
const show = (step: PlanStep): string =>
  step.kind === 'run'
    ? `${step.repeat} ${step.cell.label}`
    : `${step.moment} ${step.property ?? ''} ${step.value ?? ''}`.trim();
const runs = (steps: Iterable<PlanStep>) => Array.from(steps).filter((step) => step.kind === 'run');

test('a listed order is the order of the file, and hooks run where their value changes', () => {
  const benchmark = small(
    'matrix: {b: [1, 2], r: [x, y]}\norder: listed\nrepeat: 2\nsetup: s\nhooks: {r: {before: on $r, after: off $r}}',
  );
  expect(Array.from(planSteps(benchmark, 1), show)).toEqual([
    'setup',
    'before r x',
    '1 b=1 r=x',
    '1 b=2 r=x',
    'after r x',
    'before r y',
    '1 b=1 r=y',
    '1 b=2 r=y',
    'after r y',
    'before r x',
    '2 b=1 r=x',
    '2 b=2 r=x',
    'after r x',
    'before r y',
    '2 b=1 r=y',
    '2 b=2 r=y',
    'after r y',
  ]);
});

test('the value is put in as an argument, or as a variable of a shell line', () => {
  const hooks = Array.from(planSteps({ ...hooked, order: 'listed' }, 1)).filter((step) => step.kind === 'hook');
  expect(hooks.map(({ commands }) => commands).slice(0, 4)).toMatchObject([
    [{ argv: ['begin'] }],
    [{ argv: ['show', '720p'] }],
    [{ argv: ['start', 'the idle'] }],
    [{ kind: 'shell', line: 'stop $load', env: { load: 'idle' } }],
  ]);
});

test('a hostile value stays one argument', () => {
  const benchmark = small(`matrix: {b: ["1; rm -rf / $b"]}\nhooks: {b: {before: tc $b}}`);
  expect(Array.from(planSteps(benchmark, 1))[0]).toMatchObject({ commands: [{ argv: ['tc', '1; rm -rf / $b'] }] });
});

test('a cell without the property of a hook has none of its values in place', () => {
  const benchmark = small('matrix: {c: {x: {p: [1, 2]}, y: {}}}\norder: listed\nhooks: {p: {before: on, after: off}}');
  expect(Array.from(planSteps(benchmark, 1), show)).toEqual([
    'before p 1',
    '1 c=x p=1',
    'after p 1',
    'before p 2',
    '1 c=x p=2',
    'after p 2',
    '1 c=y',
  ]);
});

test('a warm-up comes right before the first run of its cell, and not for a cell with nothing to run', () => {
  const benchmark = small('matrix: {b: [1, 2]}\norder: listed\nrepeat: 2\nwarmup: 2');
  const wanted = (cell: Cell) => cell.index === 1;
  expect(Array.from(planSteps(benchmark, 1, { wanted }), show)).toEqual(['0 b=2', '0 b=2', '1 b=2', '2 b=2']);
});

test('a bench with nothing left to run does nothing at all', () => {
  expect(Array.from(planSteps(hooked, 1, { wanted: () => false }))).toEqual([]);
});

test('once stopped, only the hooks that are open are closed', () => {
  let stopped = false;
  const steps: string[] = [];
  for (const step of planSteps({ ...hooked, order: 'listed' }, 1, { stopped: () => stopped })) {
    steps.push(show(step));
    if (step.kind === 'run') stopped = true;
  }
  expect(steps).toEqual([
    'setup',
    'before resolution 720p',
    'before load idle',
    '1 bitrate=1M resolution=720p load=idle',
    'after load idle',
    'after resolution 720p',
    'teardown',
  ]);
});

test('a set-up that fails is followed by nothing but the tear-down', () => {
  const steps: string[] = [];
  for (const step of planSteps(hooked, 1, { stopped: () => steps.length > 0 })) steps.push(show(step));
  expect(steps).toEqual(['setup', 'teardown']);
});

test('the order of known seeds does not change between versions', () => {
  const benchmark = small('matrix: {b: [1, 2, 3, 4, 5, 6]}');
  const order = (seed: number) =>
    runs(planSteps(benchmark, seed))
      .map(({ cell }) => cell.properties['b'])
      .join('');
  expect([0, 1, 2, 2 ** 32, Number.MAX_SAFE_INTEGER].map(order)).toMatchInlineSnapshot(`
    [
      "425361",
      "632541",
      "562431",
      "246513",
      "534126",
    ]
  `);
});

const seeds = fc.integer({ min: 0, max: 2 ** 40 });
/** Which runs are recorded already: one bit for each of the 36. */
const recorded = fc.array(fc.boolean(), { minLength: 36, maxLength: 36 });
const wantedBy = (done: readonly boolean[]) => (cell: Cell, repeat: number) =>
  repeat === 0 || !done[cell.index * 3 + repeat - 1];

test('every run that is wanted comes exactly once, and nothing else', () => {
  fc.assert(
    fc.property(seeds, recorded, (seed, done) => {
      const found = runs(planSteps(hooked, seed, { wanted: wantedBy(done) })).map(
        ({ cell, repeat }) => cell.index * 3 + repeat - 1,
      );
      const expected = done.flatMap((isDone, index) => (isDone ? [] : [index]));
      expect(found.toSorted((a, b) => a - b)).toEqual(expected);
    }),
  );
});

test('a whole repeat is done before the next one begins', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const repeats = runs(planSteps(hooked, seed)).map(({ repeat }) => repeat);
      expect(repeats).toEqual(repeats.toSorted((a, b) => a - b));
    }),
  );
});

test('the same seed gives the same order, and what is recorded already only leaves gaps in it', () => {
  fc.assert(
    fc.property(seeds, recorded, (seed, done) => {
      const wanted = wantedBy(done);
      const whole = runs(planSteps(hooked, seed)).filter(({ cell, repeat }) => wanted(cell, repeat));
      expect(runs(planSteps(hooked, seed, { wanted })).map(show)).toEqual(whole.map(show));
    }),
  );
});

test('hooks are balanced: every run has the hooks of its own values in place, and all are undone at the end', () => {
  fc.assert(
    fc.property(seeds, recorded, (seed, done) => {
      const open = new Map<string, string>();
      const around: string[] = [];
      for (const step of planSteps(hooked, seed, { wanted: wantedBy(done) })) {
        if (step.kind === 'run') {
          expect(Object.fromEntries(open)).toEqual({
            resolution: step.cell.properties['resolution'],
            load: step.cell.properties['load'],
          });
        } else if (step.moment === 'before') {
          expect(open.has(step.property!)).toBe(false);
          open.set(step.property!, step.value!);
        } else if (step.moment === 'after') {
          expect(open.get(step.property!)).toBe(step.value);
          open.delete(step.property!);
        } else around.push(step.moment);
      }
      expect(open.size).toBe(0);
      expect(around).toEqual(done.every(Boolean) ? [] : ['setup', 'teardown']);
    }),
  );
});

test('hooks run only when their value changes: at most once for each block of a repeat', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      let last: string | null = null;
      const begun = { resolution: 0, load: 0 };
      for (const step of planSteps(hooked, seed)) {
        if (step.kind !== 'hook' || step.property === null) continue;
        if (step.moment === 'before') begun[step.property as 'resolution' | 'load']++;
        // The same value is never taken away and put in place again.
        if (step.moment === 'before') expect(`${step.property} ${step.value}`).not.toBe(last);
        last = step.moment === 'after' ? `${step.property} ${step.value}` : last;
      }
      expect(begun.resolution).toBeLessThanOrEqual(3 * 2);
      expect(begun.load).toBeLessThanOrEqual(3 * 2 * 2);
    }),
  );
});

test('a sentinel is the first cell at the start, regularly, and at the end', () => {
  const benchmark = small('matrix: {b: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}\nrepeat: 2');
  const steps = runs(planSteps(benchmark, 7, { sentinelEvery: 10 }));
  const visits = steps.flatMap((step, index) => (step.sentinel ? [index] : []));
  expect(visits).toEqual([0, 11, 22, 27]);
  expect(visits.map((index) => show(steps[index]!))).toEqual(['-1 b=1', '-2 b=1', '-3 b=1', '-4 b=1']);
  expect(runs(planSteps({ ...benchmark, repeat: 1 }, 7, { sentinelEvery: 10 })).length).toBeLessThan(
    MIN_RUNS_FOR_SENTINEL,
  );
});

test('with hooks a sentinel waits for its own values, and runs no hooks of its own', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const first = hooked.cells[0]!.properties;
      const steps = Array.from(planSteps(hooked, seed, { sentinelEvery: 4 }));
      const visits = steps.filter((step) => step.kind === 'run' && step.sentinel);
      expect(visits.length).toBeGreaterThan(0);
      expect(steps.filter((step) => step.kind === 'hook').map(show)).toEqual(
        Array.from(planSteps(hooked, seed))
          .filter((step) => step.kind === 'hook')
          .map(show),
      );
      let open: Record<string, string> = {};
      for (const step of steps) {
        if (step.kind === 'hook' && step.moment === 'before') open = { ...open, [step.property!]: step.value! };
        if (step.kind === 'run' && step.sentinel)
          expect(open).toEqual({ resolution: first['resolution'], load: first['load'] });
      }
    }),
  );
});
