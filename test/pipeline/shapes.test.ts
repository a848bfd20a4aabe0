// What the items of a real title took, as its worker records it.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WHOLE, type ShapeRow } from '#core/shape';
import { compactShapes } from '#lab/shapes/compact-shapes';
import { readShapes, shapeRow } from '#lab/shapes/read-shapes';
import { temporaryFolder } from '../cli/run-cli.ts';
import { makeSource } from './made-source.ts';
import { openTestTitles, tinyLadder, type TestTitles } from './title-fixture.ts';

const folder = temporaryFolder();
let opened: TestTitles;
let title = '';
let rows: ShapeRow[] = [];

beforeAll(async () => {
  const source = await makeSource(folder, 'source.mp4', { seconds: 2 });
  opened = await openTestTitles(join(folder, 'lab'));
  title = await opened.add(source, tinyLadder(folder));
  expect((await opened.work(title)).outcome).toBe('done');
  await compactShapes(opened.titles.lab);
  const columns = await readShapes(opened.titles.lab, { phase: null });
  rows = columns.id.map((_, i) => shapeRow(columns, i));
}, 120_000);

afterAll(() => opened.close());

const whole = (kind: string) => rows.filter((row) => row.kind === kind && row.phase === WHOLE);

test('every item of a title leaves one whole row, and a row for each of its phases', async () => {
  const items = await opened.titles.queue.items(title);
  const wholeRows = rows.filter(({ phase }) => phase === WHOLE);
  expect(wholeRows.map(({ item }) => item!).toSorted()).toEqual(items.map(({ key }) => key).toSorted());
  expect(new Set(rows.map(({ id, phase }) => `${id} ${phase}`)).size).toBe(rows.length);
  expect(rows.every((row) => row.title === title && row.outcome === 'ok')).toBe(true);
  const phases = (kind: string) => [...new Set(rows.filter((row) => row.kind === kind).map(({ phase }) => phase))];
  expect(phases('encode').toSorted()).toEqual(['check', 'encode', 'flush', 'mux', 'open', WHOLE]);
  expect(phases('assemble').toSorted()).toEqual(['check', 'join', WHOLE]);
  expect(phases('inspect').toSorted()).toEqual(['check', 'plan', WHOLE]);
});

test('an encode tells what was known of it before and what it took, its check included', async () => {
  const [first] = whole('encode').toSorted((a, b) => (a.item! < b.item! ? -1 : 1));
  expect(first).toMatchObject({
    codec: 'h264',
    encoder: 'libx264',
    engine: 'bundled',
    preset: 'ultrafast',
    rateControl: 'crf',
    rateValue: 30,
    width: 160,
    height: 90,
    outputs: 1,
    outputPixels: 160 * 90,
    sourcePixels: 320 * 180,
    frameRate: 24,
    frames: 24,
    bitDepth: 8,
    passes: 1,
  });
  const plan = (await opened.titles.plan(title))!;
  expect(first!.spatial).toBeCloseTo(plan.chunks[0]!.spatial, 6);
  expect(first!.temporal).toBeCloseTo(plan.chunks[0]!.temporal, 6);
  expect(first!.sourceFrameBytes).toBeCloseTo(plan.chunks[0]!.sourceBytes / 24, 6);
  expect(first!.threads).toBeGreaterThan(0);
  const { result } = (await opened.titles.queue.item(title, first!.item!))!;
  const { cpuS, checkCpuS, outputs } = result as unknown as {
    cpuS: number;
    checkCpuS: number;
    outputs: { run: string }[];
  };
  expect(first!.id).toBe(outputs[0]!.run);
  // Its processes are counted from their first instruction, which they tell nothing of.
  expect(first!.cpuS).toBeGreaterThanOrEqual((cpuS + checkCpuS) * 0.95);
  expect(first!.cpuPeak).toBeGreaterThan(0);
  expect(first!.memoryPeak).toBeGreaterThan(10e6);
  expect(first!.diskWritten).toBeGreaterThanOrEqual(0);
  expect(first!.network).toBeNull();
  const ofPhases = rows.filter((row) => row.id === first!.id && row.phase !== WHOLE);
  for (const phase of ofPhases) expect(phase.durationS).toBeLessThanOrEqual(first!.durationS);
});

test('the processes of what is no encode are counted too, and what this process did alone is nobody’s', () => {
  for (const kind of ['inspect', 'assemble', 'package']) {
    const [row] = whole(kind);
    expect(row!.cpuS, kind).toBeGreaterThan(0);
    expect(row!.memoryPeak, kind).toBeGreaterThan(1e6);
  }
  expect(whole('publish')[0]).toMatchObject({ cpuS: null, memoryPeak: null, diskWritten: null });
});

test('an item that failed tells what it took all the same', async () => {
  const broken = join(folder, 'broken.mp4');
  writeFileSync(broken, 'no video');
  const other = await opened.add(broken, tinyLadder(folder));
  expect((await opened.work(other)).outcome).toBe('failed');
  await compactShapes(opened.titles.lab);
  const failed = await readShapes(
    opened.titles.lab,
    { title: other },
    { columns: ['kind', 'outcome', 'cpu_s', 'frames'] },
  );
  expect(failed).toMatchObject({ kind: ['inspect'], outcome: ['failed'] });
  expect(failed.cpu_s[0]).toBeGreaterThan(0);
  expect(failed.frames[0]).toBeNaN();
}, 60_000);
