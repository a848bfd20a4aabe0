import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, test } from 'vitest';
import { outputFile } from '#core/recording';
import type { RunRecord } from '#core/run';
import { UserError } from '#core/user-error';
import { startRecording } from '#recording/recorder';
import { readHeader, readSeries } from '#recording/read-recording';
import { runChild, startChild } from '#system/child-process';
import { newId } from '#system/clock';
import { deleteRuns } from './delete-runs.ts';
import { labPath, openLab, type Lab, type OpenLabOptions } from './lab.ts';
import { rebuildCatalogue } from './rebuild-catalogue.ts';
import { recoverInterruptedRuns } from './recover.ts';
import { sampleRecording, sampleRun } from '../../test/lab/sample-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'lab-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
const newFolder = () => join(folder, String(++count));

const newRun = (lab: Lab, fields: Partial<RunRecord> = {}) => sampleRun(lab, { sameKey: 'key', ...fields });
const recordingOf = (run: RunRecord) => ({
  ...sampleRecording(run),
  indicators: [{ name: 'cpu.busy', unit: '1', description: 'share of all cores' }],
});

test('the lab is the option, else the environment, else ./lab', () => {
  expect(labPath('a', { ENCODELAB_LAB: '/b' })).toBe(resolve('a'));
  expect(labPath(undefined, { ENCODELAB_LAB: '/b' })).toBe('/b');
  expect(labPath(undefined, { ENCODELAB_LAB: '' })).toBe(resolve('lab'));
  expect(labPath(undefined, {})).toBe(resolve('lab'));
});

test('a lab is made where there is none, and opened again as it is', async () => {
  const path = newFolder();
  const lab = await openLab(path);
  expect(readdirSync(path).toSorted()).toEqual(
    expect.arrayContaining(['benchmarks', 'cache', 'catalogue.sqlite', 'lab.json', 'recordings']),
  );
  expect(readdirSync(lab.recordingsFolder)).toEqual([]);
  const run = newRun(lab);
  await lab.catalogue.startRun(run);
  await lab.close();
  const again = await openLab(path);
  expect(await again.catalogue.run(run.id)).toEqual(run);
  await again.close();
});

test('only the id of a run names a recording: no path leads out of the lab', async () => {
  const lab = await openLab(newFolder());
  for (const id of ['', '..', '../../etc', `../${newId()}`, `${newId()}/..`])
    expect(() => lab.recordingFolder(id)).toThrow(UserError);
  await lab.close();
});

test.each<[string, (path: string) => void, RegExp]>([
  ['a file in its place', (path) => writeFileSync(path, ''), /a file stands where a folder is needed/],
  ['a file on the way to it', (path) => writeFileSync(path, ''), /a file stands/],
  ['a name with a question mark', () => undefined, /question mark/],
  ['a link to a place where nothing can be made', (path) => symlinkSync('/proc/nothing', path), /stands|not there/],
  ['a link to itself', (path) => symlinkSync(path, path), /lead in a circle|stands/],
  [
    'a file in place of the recordings',
    (path) => (mkdirSync(path), writeFileSync(join(path, 'recordings'), '')),
    /stands/,
  ],
  [
    'a lab of a newer version',
    (path) => (mkdirSync(path), writeFileSync(join(path, 'lab.json'), '{"version":99}')),
    /newer encodelab/,
  ],
  [
    'a lab file that is no JSON',
    (path) => (mkdirSync(path), writeFileSync(join(path, 'lab.json'), '{"ver')),
    /damaged/,
  ],
  [
    'a folder in place of the catalogue',
    (path) => mkdirSync(join(path, 'catalogue.sqlite'), { recursive: true }),
    /can't be used/,
  ],
  [
    'a catalogue of a newer version',
    (path) => {
      mkdirSync(path);
      const database = new DatabaseSync(join(path, 'catalogue.sqlite'));
      database.exec('PRAGMA application_id = 0x656e636c; PRAGMA user_version = 99');
      database.close();
    },
    /newer encodelab/,
  ],
])('%s is an error that names the place', async (name, prepare, message) => {
  const path = newFolder();
  prepare(path);
  const lab = name.includes('on the way') ? join(path, 'deeper') : path + (name.includes('question') ? '?' : '');
  const error = await openLab(lab).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).toMatch(message);
  expect((error as UserError).problems[0]?.where).toContain(path);
});

test('a lab that is not there is not made only to look into it', async () => {
  const path = newFolder();
  await expect(openLab(path, { existing: true })).rejects.toThrow('there is no lab here');
  await expect(openLab(path, { readonly: true })).rejects.toThrow('there is no lab here');
  expect(existsSync(path)).toBe(false);
});

// A mount of its own, seen by the child alone, so that nothing is left behind. Wants the right to make one.
const mounts = (await runChild('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt'])).code === 0;

const TRY_LAB = `
  import { openLab } from ${JSON.stringify(new URL('./lab.ts', import.meta.url).href)};
  const [path, readonly] = process.argv.slice(1);
  try {
    const lab = await openLab(path, { readonly: readonly === 'readonly' });
    console.log('opened', await lab.catalogue.countRuns({}));
    await lab.close();
  } catch (error) {
    console.log(error.name, error.message);
  }`;

const MOUNTED = `
  set -e
  mount -t tmpfs -o size=$1 none "$2"
  if [ "$3" = fill ]; then head -c 100M /dev/zero > "$2/filler" || true; fi
  shift 3
  exec "$@"`;

async function tryOnMount(size: string, at: string, fill: string, ...command: string[]): Promise<string> {
  const args = ['-rm', 'sh', '-c', MOUNTED, 'sh', size, at, fill, ...command];
  const result = await runChild('unshare', args);
  return result.stdout + result.stderr.replaceAll(/^head:.*\n/gm, '');
}

const node = [
  process.execPath,
  '--conditions=encodelab-source',
  '--disable-warning=ExperimentalWarning',
  '--input-type=module',
  '-e',
  TRY_LAB,
];

test.runIf(mounts)('a full disk is an error that says so (wants the right to mount)', async () => {
  const at = newFolder();
  mkdirSync(at);
  expect(await tryOnMount('1M', at, 'fill', ...node, join(at, 'lab'))).toMatch(/^UserError .*the disk is full/);
});

test.runIf(mounts)('a read-only file system can be read, and not written (wants the right to mount)', async () => {
  const path = newFolder();
  const lab = await openLab(path);
  await lab.catalogue.startRun(newRun(lab));
  await lab.close();
  const script = 'mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"; shift; "$@"; "$@" readonly';
  const result = await runChild('unshare', ['-rm', 'sh', '-c', script, 'sh', path, ...node, path]);
  expect(result.stdout).toMatch(/^UserError .*the file system is read-only[^]*opened 1\n$/);
});

test('a run whose bench was killed is ended as killed, with what it had recorded; one that lives is left alone', async () => {
  const lab = await openLab(newFolder());
  const mine = newRun(lab);
  await lab.catalogue.startRun(mine);
  const killed = newRun(lab);
  const unrecorded = newRun(lab);
  const script = `
    import { openLab } from ${JSON.stringify(new URL('./lab.ts', import.meta.url).href)};
    import { startRecording } from ${JSON.stringify(new URL('../recording/recorder.ts', import.meta.url).href)};
    const [path, killed, unrecorded, start] = process.argv.slice(1);
    const lab = await openLab(path);
    const run = JSON.parse(killed);
    await lab.catalogue.startRun(JSON.parse(unrecorded));
    await lab.catalogue.startRun(run);
    const recorder = await startRecording(lab.recordingFolder(run.id), { ...JSON.parse(start), run: run.id });
    const three = Float64Array.of(1, 2, 3);
    recorder.addSeries({ agent: 'local', indicator: new Uint16Array(3), timeUs: three, value: three });
    await recorder.flush();
    console.log('recorded');
    setInterval(() => {}, 1000);`;
  const args = [
    ...node.slice(1, -1),
    script,
    lab.path,
    JSON.stringify(killed),
    JSON.stringify(unrecorded),
    JSON.stringify(recordingOf(killed)),
  ];
  let text = '';
  const child = startChild(process.execPath, args, { onStdout: (chunk) => (text += chunk.toString()) });
  await expect.poll(() => text, { timeout: 30_000 }).toBe('recorded\n');
  expect(await recoverInterruptedRuns(lab)).toEqual([]);
  child.kill();
  await child.result;
  const output = join(lab.recordingFolder(killed.id), outputFile('mkv', 0));
  writeFileSync(output, 'half a video');

  const ended = await recoverInterruptedRuns(lab);
  const end = { outcome: 'killed', interrupted: true };
  expect(new Map(ended.map((run) => [run.id, run]))).toEqual(
    new Map([
      [killed.id, { ...killed, ...end, reason: 'the bench was killed while it ran' }],
      [unrecorded.id, { ...unrecorded, ...end, reason: 'the bench was killed while it ran; nothing was recorded' }],
    ]),
  );
  expect(existsSync(output)).toBe(false);
  expect(await readHeader(lab.recordingFolder(killed.id))).toMatchObject({
    state: 'partial',
    rows: { series: 3 },
    result: { ...killed, ...end, reason: 'the bench was killed while it ran' },
  });
  expect((await readSeries(lab.recordingFolder(killed.id))).get('cpu.busy')?.value).toEqual(Float64Array.of(1, 2, 3));
  expect(await lab.catalogue.openRuns()).toEqual([mine]);
  expect(await recoverInterruptedRuns(lab)).toEqual([]);
  await lab.close();
});

async function recordRun(lab: Lab): Promise<RunRecord> {
  const run = newRun(lab);
  await lab.catalogue.startRun(run);
  const recorder = await startRecording(lab.recordingFolder(run.id), recordingOf(run));
  recorder.addPhases([{ phase: 'encode', startUs: 0, endUs: 5, cpuS: null }]);
  const metrics = { 'encode.fps': { value: 61.5, unit: 'frame/s', better: 'higher' as const } };
  const end = { outcome: 'ok' as const, reason: null, interrupted: false, durationS: 1, metrics };
  await recorder.finish('complete', { result: { ...run, ...end } });
  await lab.catalogue.endRun(run.id, end);
  return { ...run, ...end };
}

test('deleted runs take their recordings with them; an unknown or running one is refused, and then nothing goes', async () => {
  const lab = await openLab(newFolder());
  const [one, two] = [await recordRun(lab), await recordRun(lab)];
  const running = newRun(lab);
  await lab.catalogue.startRun(running);
  await expect(deleteRuns(lab, [one.id, newId()])).rejects.toThrow('there is no run');
  await expect(deleteRuns(lab, [one.id, running.id])).rejects.toThrow('still going on');
  expect(existsSync(lab.recordingFolder(one.id))).toBe(true);
  expect(await deleteRuns(lab, [one.id])).toBe(1);
  expect(readdirSync(lab.recordingsFolder)).toEqual([two.id]);
  expect((await lab.catalogue.runs({})).map((run) => run.id).toSorted()).toEqual([two.id, running.id].toSorted());
  await lab.close();
});

test('a deletion that broke off is ended when the lab is opened', async () => {
  const lab = await openLab(newFolder());
  const run = await recordRun(lab);
  await lab.close();
  const recordings = join(lab.path, 'recordings');
  await runChild('mv', [join(recordings, run.id), join(recordings, `.trash-${run.id}`)]);
  const again = await openLab(lab.path);
  expect(await again.catalogue.run(run.id)).toBeNull();
  expect(readdirSync(recordings)).toEqual([]);
  await again.close();
  expect(readFileSync(join(lab.path, 'lab.json'), 'utf8')).toBe('{"version":1}\n');
});

test('a run whose recording tells its result keeps it, though its bench was killed before the catalogue knew', async () => {
  const lab = await openLab(newFolder());
  const run = await recordRun(lab);
  await lab.close();
  const database = new DatabaseSync(join(lab.path, 'catalogue.sqlite'));
  database.exec("UPDATE runs SET outcome = NULL, metrics = '{}', duration_s = NULL, owner_start_ticks = 1");
  database.close();
  const again = await openLab(lab.path);
  writeFileSync(join(again.recordingFolder(run.id), outputFile('mkv', 0)), 'a whole video');
  expect(await recoverInterruptedRuns(again)).toEqual([]);
  expect(await again.catalogue.run(run.id)).toEqual(run);
  expect(existsSync(join(again.recordingFolder(run.id), outputFile('mkv', 0)))).toBe(true);
  await again.close();
});

test('a lost catalogue is made again from the recordings, those left out that are damaged or have no result', async () => {
  const lab = await openLab(newFolder());
  const runs = [await recordRun(lab), await recordRun(lab), await recordRun(lab)];
  const [torn, strange] = [await recordRun(lab), await recordRun(lab)];
  writeFileSync(join(lab.recordingFolder(torn.id), 'recording.json'), '{"version":1,');
  writeFileSync(join(lab.recordingFolder(strange.id), 'recording.json'), '{"version":1,"result":{"metrics":7}}');
  mkdirSync(lab.recordingFolder(newId()));
  writeFileSync(lab.recordingFolder(newId()), 'a file');
  mkdirSync(join(lab.recordingsFolder, 'something else'));
  expect(await rebuildCatalogue(lab)).toEqual({ restored: 0, skipped: 2 });
  await lab.close();

  // The log of a writer that was killed may stay behind.
  const catalogue = join(lab.path, 'catalogue.sqlite');
  writeFileSync(`${catalogue}-wal`, randomBytes(10_000));
  rmSync(catalogue);
  const again = await openLab(lab.path);
  expect(await again.catalogue.countRuns({})).toBe(0);
  const kept = await recordRun(again);
  expect(await rebuildCatalogue(again)).toEqual({ restored: 3, skipped: 4 });
  expect(await rebuildCatalogue(again)).toEqual({ restored: 0, skipped: 4 });
  expect(await again.catalogue.runs({})).toEqual([kept, ...runs.toReversed()]);
  await again.close();
});

test.each<[string, (catalogue: string) => void]>([
  ['overwritten', (catalogue) => writeFileSync(catalogue, randomBytes(20_000))],
  ['cut off', (catalogue) => truncateSync(catalogue, 5_000)],
  ['emptied', (catalogue) => truncateSync(catalogue, 0)],
])('a catalogue that was %s is damaged, and the error tells how to get the runs back', async (_, damage) => {
  const lab = await openLab(newFolder());
  await recordRun(lab);
  await lab.close();
  damage(join(lab.path, 'catalogue.sqlite'));
  for (const readonly of [false, true]) {
    const error = await useLab(lab.path, { readonly }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).problems[0]).toMatchObject({
      what: expect.stringContaining('damaged'),
      where: join(lab.path, 'catalogue.sqlite'),
      todo: 'move catalogue.sqlite away, then `encodelab runs restore`',
    });
  }
  rmSync(join(lab.path, 'catalogue.sqlite'));
  await expect(openLab(lab.path, { readonly: true })).rejects.toThrow(/no catalogue[^]*runs restore/);
});

async function useLab(path: string, options: OpenLabOptions): Promise<void> {
  const lab = await openLab(path, options);
  try {
    await lab.catalogue.runs({});
  } finally {
    await lab.close();
  }
}

test('a lab is read while another process writes, and after it was killed; its files are left as they are', async () => {
  const path = newFolder();
  const id = newId();
  const write = `
    import { openLab } from ${JSON.stringify(new URL('./lab.ts', import.meta.url).href)};
    const lab = await openLab(process.argv[1]);
    await lab.catalogue.startRun(JSON.parse(process.argv[2]));
    console.log('written');
    setInterval(() => {}, 1000);`;
  let text = '';
  const run = newRun({ recordingPath: () => `recordings/${id}` } as unknown as Lab, { id });
  const child = startChild(process.execPath, [...node.slice(1, -1), write, path, JSON.stringify(run)], {
    onStdout: (chunk) => (text += chunk.toString()),
  });
  await expect.poll(() => text, { timeout: 30_000 }).toBe('written\n');
  const lab = await openLab(path, { readonly: true });
  expect((await lab.catalogue.run(id))?.id).toBe(id);
  expect(await lab.catalogue.abandonedRuns()).toEqual([]);
  await expect(lab.catalogue.deleteRuns([id])).rejects.toThrow(UserError);
  child.kill();
  await child.result;
  expect((await lab.catalogue.abandonedRuns()).map((open) => open.id)).toEqual([id]);
  await lab.close();
  const again = await openLab(path, { readonly: true });
  expect(await again.catalogue.countRuns({})).toBe(1);
  await again.close();

  if (!mounts) return;
  // What the killed writer left can be read where nothing can be written; without the index of its log it can't.
  expect(existsSync(join(path, 'catalogue.sqlite-wal'))).toBe(true);
  const script = 'mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"; shift; "$@" readonly';
  const readOnly = () => runChild('unshare', ['-rm', 'sh', '-c', script, 'sh', path, ...node, path]);
  expect((await readOnly()).stdout).toBe('opened 1\n');
  rmSync(join(path, 'catalogue.sqlite-shm'));
  expect((await readOnly()).stdout).toMatch(/^UserError .*its last writer was killed/);
});
