import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WHOLE, type ShapeRow } from '#core/shape';
import { ROLLING, openLab, type Lab } from '#lab/lab';
import { startRecording } from '#recording/recorder';
import { startChild } from '#system/child-process';
import { newId } from '#system/clock';
import { sampleRecording } from '../../../test/lab/sample-run.ts';
import { recordShapes, samplePiece } from '../../../test/lab/sample-shapes.ts';
import { compactShapes } from './compact-shapes.ts';
import { readShapes, shapeRow } from './read-shapes.ts';
import { shapesFolder } from './shape-files.ts';
import { shapeGroups } from './shape-groups.ts';

let folder = '';
let lab: Lab;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'encodelab-shapes-'));
  lab = await openLab(join(folder, 'lab'));
});

afterEach(async () => {
  await lab.close();
  rmSync(folder, { recursive: true });
});

const files = () => readdirSync(shapesFolder(lab)).filter((name) => name.endsWith('.parquet'));

async function rowsOf(phase: string | null = null): Promise<ShapeRow[]> {
  const columns = await readShapes(lab, { phase });
  return columns.id.map((_, i) => shapeRow(columns, i));
}

const keys = (rows: readonly Pick<ShapeRow, 'id' | 'phase'>[]) =>
  rows.map(({ id, phase }) => `${id} ${phase}`).toSorted();

test('what was recorded is read back as it was, from many recordings in a few files', async () => {
  const pieces = Array.from({ length: 10 }, (_, n) => samplePiece(n, n === 4 ? { outcome: 'failed', cpuS: null } : {}));
  for (const piece of pieces) {
    await recordShapes(lab, piece);
    // One at a time, so that each would be a file of its own.
    await compactShapes(lab);
  }
  expect(files().length).toBe(3);
  const byKey = (rows: readonly ShapeRow[]) =>
    rows.toSorted((a, b) => (`${a.id} ${a.phase}` < `${b.id} ${b.phase}` ? -1 : 1));
  expect(byKey(await rowsOf())).toEqual(byKey(pieces.flat()));
  expect(await rowsOf(WHOLE)).toHaveLength(10);
  expect((await readShapes(lab, { codec: 'av1', height: 360 }, { columns: ['height'] })).height).toEqual(
    Float64Array.of(360),
  );
  expect((await readShapes(lab, { prefix: pieces[3]![0]!.id }, { columns: ['phase'] })).phase).toEqual([WHOLE]);
  const groups = await shapeGroups(lab, { codec: 'vp9' });
  const counted = groups.map(({ height, pieces: count, failed }) => `${height}p ${count} ${failed}`);
  expect(counted.toSorted()).toEqual(['1080p 1 0', '360p 1 0', '720p 1 1']);
  expect(groups[0]!.phases.map(({ phase }) => phase).slice(0, 4)).toEqual(['open', 'encode', 'flush', 'mux']);
  expect(groups[0]!.memory!.median).toBeGreaterThan(1e8);
}, 60_000);

test('rows of a run that was cut out of its worker’s recording count once, and stay when recordings are deleted', async () => {
  const piece = samplePiece(1);
  const recorded = await recordShapes(lab, piece);
  cpSync(recorded, join(lab.recordingsFolder, newId()), { recursive: true });
  expect((await compactShapes(lab)).rows).toBe(piece.length);
  cpSync(recorded, join(lab.recordingsFolder, newId()), { recursive: true });
  expect(await compactShapes(lab)).toMatchObject({ rows: 0, recordings: 1, leftOut: [] });
  rmSync(recorded, { recursive: true });
  for (const name of readdirSync(lab.recordingsFolder)) rmSync(join(lab.recordingsFolder, name), { recursive: true });
  await compactShapes(lab);
  expect(keys(await rowsOf())).toEqual(keys(piece));
});

test('recordings of before there were shapes, damaged ones and those that still go on keep nothing else back', async () => {
  const start = (id: string) =>
    startRecording(join(lab.path, ROLLING, id), sampleRecording({ id, kind: 'encode', settings: {} }));
  const old = await start(newId());
  old.addMessages([{ timeUs: 1, source: 'system', text: 'nothing was known of shapes' }]);
  const header = await old.finish('complete');
  expect(header.rows).toEqual({ messages: 1 });
  const damaged = await recordShapes(lab, samplePiece(2));
  truncateSync(join(damaged, 'shapes.parquet'), 100);
  const open = await start(newId());
  const late = samplePiece(3);
  open.addShapes(late);
  await open.flush();
  const whole = samplePiece(4);
  await recordShapes(lab, whole);

  const first = await compactShapes(lab);
  expect(first.rows).toBe(whole.length);
  expect(first.leftOut).toEqual([expect.stringContaining('shapes')]);
  expect(keys(await rowsOf())).toEqual(keys(whole));
  // A damaged one is told once.
  expect((await compactShapes(lab)).leftOut).toEqual([]);
  await open.finish('complete');
  await compactShapes(lab);
  expect(keys(await rowsOf())).toEqual(keys([...whole, ...late]));
});

test('killed at any moment a merge loses no row and doubles none, while others read', async () => {
  const expected: ShapeRow[] = [];
  let kills = 0;
  for (let round = 0; round < 3; round++) {
    const { child, ready } = startScript('compact-child.ts');
    await ready;
    for (let n = 0; n < 2; n++) {
      const piece = samplePiece(round * 2 + n);
      expected.push(...piece);
      await recordShapes(lab, piece);
    }
    // Readers see whole states only.
    const seen = keys(await rowsOf());
    expect(new Set(seen).size).toBe(seen.length);
    await sleep(Math.random() * 80);
    child.kill();
    kills += Number((await child.result).signal === 'SIGKILL');
  }
  expect(kills).toBe(3);
  const { isBusy } = await compactShapes(lab);
  expect(isBusy).toBe(false);
  expect(keys(await rowsOf())).toEqual(keys(expected));
}, 60_000);

test('while one process merges another does nothing', async () => {
  await recordShapes(lab, samplePiece(1));
  const [one, other] = await Promise.all([compactShapes(lab), compactShapes(lab)]);
  expect(one.isBusy).not.toBe(other.isBusy);
  expect(one.rows + other.rows).toBe(8);
});

test('what a killed worker had recorded is merged without another worker, a living one’s is not', async () => {
  const { child, ready } = startScript('record-child.ts');
  await ready;
  expect((await compactShapes(lab)).rows).toBe(0);
  child.kill();
  await child.result;
  expect(await compactShapes(lab)).toMatchObject({ rows: 8, recordings: 1, leftOut: [] });
  expect(await compactShapes(lab)).toMatchObject({ rows: 0, recordings: 0 });
}, 60_000);

test('a damaged file of merged shapes is left out and told; it stays where it is, and the rest goes on', async () => {
  const lost = samplePiece(1);
  rmSync(await recordThenMerge(lost), { recursive: true });
  const damaged = join(shapesFolder(lab), files()[0]!);
  const kept = readFileSync(damaged);
  truncateSync(damaged, 100);
  const stay = [samplePiece(2)];
  const recorded = await recordShapes(lab, stay[0]!);
  const { rows, leftOut } = await compactShapes(lab);
  expect({ rows, leftOut }).toEqual({ rows: 8, leftOut: [expect.stringContaining(`${damaged}: a file of merged`)] });
  // Eight others of its level become one; it is not among them, and not taken for what was left over.
  for (let n = 3; n < 10; n++) {
    stay.push(samplePiece(n));
    await recordThenMerge(stay.at(-1)!);
  }
  expect(files()).toHaveLength(2);
  expect(existsSync(damaged)).toBe(true);
  const told: string[] = [];
  const read = await readShapes({ path: lab.path, tell: (why) => told.push(why) }, { phase: null });
  expect(keys(read.id.map((_, i) => shapeRow(read, i)))).toEqual(keys(stay.flat()));
  expect(told).toEqual([expect.stringContaining('Put it right, or move it away')]);
  expect((await shapeGroups(lab)).reduce((sum, { pieces }) => sum + pieces, 0)).toBe(8);
  // Put right it counts again.
  writeFileSync(damaged, kept);
  expect(keys(await rowsOf())).toEqual(keys([...lost, ...stay.flat()]));
  rmSync(damaged);
  rmSync(recorded, { recursive: true });
  expect((await compactShapes(lab)).rows).toBe(0);
  expect(keys(await rowsOf())).toEqual(keys(stay.flat()));
}, 60_000);

test('where every file is whole nothing is told', async () => {
  await recordThenMerge(samplePiece(1));
  const told: string[] = [];
  await readShapes({ path: lab.path, tell: (why) => told.push(why) });
  expect(told).toEqual([]);
});

function startScript(name: string) {
  let heard = () => {};
  const ready = new Promise<void>((resolve) => (heard = resolve));
  const script = join(dirname(fileURLToPath(import.meta.url)), '../../../test/lab', name);
  const child = startChild(
    process.execPath,
    ['--conditions=encodelab-source', '--disable-warning=ExperimentalWarning', script, lab.path],
    { onStdout: () => heard() },
  );
  return { child, ready };
}

async function recordThenMerge(rows: readonly ShapeRow[]): Promise<string> {
  const recorded = await recordShapes(lab, rows);
  await compactShapes(lab);
  return recorded;
}
