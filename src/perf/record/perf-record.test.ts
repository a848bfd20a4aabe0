import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, expect, test } from 'vitest';
import { USUAL_PROFILE, type ProfileWanted } from '#core/profile';
import { runChild, startChild } from '#system/child-process';
import { processStartTicks } from '#system/process-identity';
import { profileFromPerf } from '../assemble/profile-from-perf.ts';
import { openImages } from '../symbols/open-images.ts';
import { recordArguments } from './perf-arguments.ts';
import { PerfProcess } from './perf-process.ts';
import { perfRights } from './perf-rights.ts';
import { startPerfRecord, type PerfRecording } from './start-perf-record.ts';

const rights = await perfRights();
const nothing = rights.scope === 'none';
const notWhole = rights.scope !== 'system' || rights.noSwitches !== null;

const folder = mkdtempSync(join(tmpdir(), 'perf-record-'));
const path = process.env['PATH'];
afterEach(() => {
  process.env['PATH'] = path;
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Wakes up and sleeps as fast as it can, and tells the kernel's own count of its switches. */
const SLEEPER = `
  const { readFileSync } = require('node:fs');
  const wait = new Int32Array(new SharedArrayBuffer(4));
  const switches = () => {
    const counts = readFileSync('/proc/self/status', 'latin1').match(/ctxt_switches:\\s+(\\d+)/g);
    return counts.reduce((sum, line) => sum + Number(line.split(':')[1]), 0);
  };
  process.stdin.once('data', () => {
    const before = switches();
    for (let i = 0; i < 500; i++) Atomics.wait(wait, 0, 0, 0.5);
    console.log(switches() - before);
    process.exit();
  });
  console.log('ready');
`;

function recording(started: Awaited<ReturnType<typeof startPerfRecord>>): PerfRecording {
  if ('reason' in started) throw new Error(started.reason);
  return started;
}

test.skipIf(notWhole)(
  'no switch of a thread is missing, however often it sleeps, and samples keep their frequency',
  async () => {
    let out = '';
    let heard = (): void => undefined;
    const child = startChild(process.execPath, ['-e', SLEEPER], {
      openInput: true,
      onStdout: (chunk) => {
        out += chunk.toString();
        heard();
      },
    });
    await new Promise<void>((resolve) => {
      heard = resolve;
      if (out !== '') resolve();
    });
    const data = join(folder, 'whole.data');
    const perf = recording(await startPerfRecord({ wanted: USUAL_PROFILE, pids: [child.pid!], output: data }));
    expect(perf).toMatchObject({ scope: 'system', switches: true, absent: rights.absent });
    child.stdin!.end('begin\n');
    await child.result;
    const end = await perf.stop();
    expect(end.problem).toBeNull();
    expect(end.overheadCpuS).toBeGreaterThanOrEqual(0);

    // Perf's own reading: of its events none may be missing. (A kernel may drop those of other threads; that is not for us to mend.)
    let text = '';
    await runChild('perf', ['script', '-i', data, '-F', 'event,trace'], {
      onStdout: (chunk) => (text += chunk.toString()),
    });
    const left = text.split('\n').filter((line) => line.includes(` prev_pid=${child.pid} `)).length;
    expect(left).toBeGreaterThanOrEqual(Number(out.split('\n')[1]));

    const { header, spans, samples } = await profileFromPerf(data, { images: openImages() });
    expect(header).toMatchObject({ clock: 'monotonic', scope: 'system', frequencyHz: 999, lost: 0 });
    expect(spans!.startNs.length).toBeGreaterThan(0);
    // Idle CPUs are sampled too: nearly all of the time has a sample, though some is stolen on a virtual machine.
    const seconds = (header.endNs - header.startNs) / 1e9;
    expect(samples.timeNs.length).toBeGreaterThan(seconds * 999 * header.cpus.length * 0.5);
    expect(samples.timeNs.length).toBeLessThan(seconds * 999 * header.cpus.length * 1.1);
  },
);

/** A second fills the size that follows; the processes of a machine, which come first, do not. */
const OFTEN: ProfileWanted = { ...USUAL_PROFILE, frequencyHz: 10_000 };
const MAX_BYTES = 3_000_000;

test.skipIf(nothing)('the stream of pipe mode comes while it records, and ends at its size', async () => {
  const busy = startChild('sh', ['-c', 'while :; do :; done']);
  let bytes = 0;
  const perf = recording(
    await startPerfRecord({
      wanted: OFTEN,
      pids: [busy.pid!],
      output: (chunk) => (bytes += chunk.length),
      maxBytes: MAX_BYTES,
    }),
  );
  for (let tries = 0; bytes < MAX_BYTES && tries < 200; tries++) await sleep(50);
  const end = await perf.stop();
  busy.kill();
  expect(bytes).toBeGreaterThanOrEqual(MAX_BYTES);
  expect(end.problem).toContain('no profile is larger');
});

test.skipIf(nothing)('a file ends at its size, and a recording at its time', async () => {
  const busy = startChild('sh', ['-c', 'while :; do :; done']);
  const data = join(folder, 'small.data');
  const options = { wanted: OFTEN, pids: [busy.pid!] };
  const small = recording(await startPerfRecord({ ...options, output: data, maxBytes: MAX_BYTES }));
  const short = recording(await startPerfRecord({ ...options, output: join(folder, 'short.data'), maxSeconds: 0.05 }));
  for (let tries = 0; statSync(data).size < MAX_BYTES && tries < 200; tries++) await sleep(50);
  await sleep(500);
  const ends = await Promise.all([small.stop(), short.stop()]);
  busy.kill();
  expect(ends[0].problem).toContain('no profile is larger');
  expect(ends[1].problem).toContain('no profile is longer');
});

test.skipIf(nothing)(
  'perf that ends with the processes that it watches has ended in time; one that is killed has not',
  async () => {
    const problemOf = async (name: string, end: (watched: number, perf: number) => void, endsWithProcesses = true) => {
      const watched = startChild('sleep', ['60']);
      const wanted = { ...USUAL_PROFILE, switches: false };
      const args = recordArguments(wanted, { pids: [watched.pid!] }, join(folder, name), MAX_BYTES);
      const perf = new PerfProcess(args, { onData: null, maxBytes: MAX_BYTES, maxSeconds: 60, endsWithProcesses });
      expect(await perf.begin()).toBeNull();
      end(watched.pid!, perf.pid!);
      await perf.ended;
      watched.kill();
      return (await perf.stop()).problem;
    };
    const withCommand = (watched: number) => void process.kill(watched, 'SIGTERM');
    expect(await problemOf('with.data', withCommand)).toBeNull();
    expect(await problemOf('all.data', withCommand, false)).toMatch(/^perf ended before the run did/);
    const killed = await problemOf('killed.data', (_, perf) => void process.kill(perf, 'SIGKILL'));
    expect(killed).toMatch(/^perf ended before the run did/);
  },
);

test('without perf on the PATH nothing is recorded, and the line that would mend it is told', async () => {
  process.env['PATH'] = folder;
  expect(await perfRights()).toMatchObject({ tool: null, scope: 'none' });
  const started = await startPerfRecord({ wanted: USUAL_PROFILE, pids: [process.pid], output: join(folder, 'none') });
  expect(started).toEqual({ reason: 'perf is not installed: sudo apt-get install linux-perf' });
});

test.skipIf(nothing || process.getuid?.() !== 0)(
  'a user who may watch own processes only is told what would allow more',
  async () => {
    const place = mkdtempSync(join(folder, 'bin-'));
    chmodSync(folder, 0o755);
    const perf = path!
      .split(delimiter)
      .map((one) => join(one, 'perf'))
      .find((one) => isFile(one))!;
    writeFileSync(join(place, 'perf'), `#!/bin/sh\nexec setpriv --reuid 65534 --clear-groups ${perf} "$@"\n`);
    chmodSync(join(place, 'perf'), 0o755);
    process.env['PATH'] = `${place}${delimiter}${path}`;
    const found = await perfRights();
    const level = Number(readFileSync('/proc/sys/kernel/perf_event_paranoid', 'latin1'));
    expect(found.scope).toBe(level >= 3 ? 'none' : level >= 1 ? 'processes' : 'system');
    if (level < 1) return;
    const all = [...found.absent, found.noSwitches];
    for (const one of all) expect(one).toMatch(/^[A-Z][^:]+: .+\. This allows it: (sudo |docker )\S/);
    expect(new Set(all).size).toBe(all.length);
  },
);

test.skipIf(nothing)('perf goes with who started it, even where that is killed', async () => {
  const script = `
    import { startPerfRecord } from '#perf/record/start-perf-record';
    await startPerfRecord({ wanted: ${JSON.stringify(USUAL_PROFILE)}, pids: [process.pid], output: ${JSON.stringify(join(folder, 'killed.data'))} });
    console.log((await import('node:fs')).readdirSync('/proc/self/task').flatMap((task) =>
      (process.getBuiltinModule('node:fs').readFileSync('/proc/self/task/' + task + '/children', 'latin1')).trim().split(' ')).filter(Boolean).join(' '));
    setInterval(() => undefined, 1000);
  `;
  let out = '';
  const owner = startChild(process.execPath, ['--conditions=encodelab-source', '--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    onStdout: (chunk) => (out += chunk.toString()),
  });
  for (let tries = 0; !out.includes('\n') && tries < 400; tries++) await sleep(50);
  const children = out.trim().split(' ').map(Number);
  expect(children.some((pid) => processStartTicks(pid) !== null)).toBe(true);
  process.kill(owner.pid!, 'SIGKILL');
  await owner.result;
  for (let tries = 0; children.some((pid) => processStartTicks(pid) !== null) && tries < 100; tries++) await sleep(50);
  expect(children.filter((pid) => processStartTicks(pid) !== null)).toEqual([]);
});

function isFile(file: string): boolean {
  try {
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
