import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GstLatencyLog } from './gst-latency.ts';
import { PairInOrder } from './pair-in-order.ts';

// As GStreamer 1.22 writes it in a server: its clock says 100 s where the log's stamp is 0.5 s.
const CLOCK = `0:00:00.500000000 20886 0x563d1f610360 DEBUG pipeline gstpipeline.c:494:gst_pipeline_change_state:<pipeline0> start_time=0:00:00.000000000, now=0:01:40.000000000, base_time 0:01:40.000000000\n`;
const record = (element: string, durationNs: number, stampNs: number) =>
  `0:00:00.037845094 20886 0x7fa87c071060 TRACE             GST_TRACER :0:: element-latency, element-id=(string)0x7fa87c2f0f50, element=(string)${element}, src=(string)src, time=(guint64)${durationNs}, ts=(guint64)${stampNs};\n`;

let folder: string;
let path: string;
let told: string[];
let log: GstLatencyLog;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gst-latency-'));
  path = join(folder, 'gst.log');
  told = [];
  log = new GstLatencyLog(
    path,
    () => 101e6,
    ({ element, endUs, durationUs }) => told.push(`${element} ${endUs} ${durationUs}`),
  );
});
afterEach(() => {
  log.close();
  rmSync(folder, { recursive: true });
});

test('records are told on the monotonic clock, once it is known, and the error with them', () => {
  log.read();
  expect(told).toEqual([]);
  writeFileSync(path, record('encoder', 2_000_000, 600_000_000));
  log.read();
  expect(told).toEqual([]);
  appendFileSync(path, CLOCK + record('vp8dec0', 1_000, 700_000_000));
  log.read();
  expect(told).toEqual(['encoder 100100000 2000', 'vp8dec0 100200000 1']);
  // Read at 101 s: the stamp of 0.7 s can't be later than that.
  expect(log.clockErrorUs).toBe(800_000);
});

test('a log without a word about the clock is told at its end, by when it was read', () => {
  writeFileSync(path, record('encoder', 2_000_000, 600_000_000));
  log.finish();
  expect(told).toEqual(['encoder 101000000 2000']);
});

test('lines that come in pieces, a log that is cut and one that is replaced lose no whole line', () => {
  const line = record('encoder', 1_000, 600_000_000);
  writeFileSync(path, CLOCK + line.slice(0, 150));
  log.read();
  appendFileSync(path, line.slice(150));
  log.read();
  expect(told).toHaveLength(1);
  truncateSync(path, 0);
  log.read();
  // Whoever goes on writing where it was leaves zeros before it.
  writeFileSync(path, '\0'.repeat(100) + line);
  log.read();
  expect(told).toHaveLength(2);
  renameSync(path, `${path}.1`);
  writeFileSync(path, line + line);
  log.read();
  expect(told).toHaveLength(4);
});

test('a program that was started anew has a clock of its own', () => {
  writeFileSync(path, CLOCK + record('encoder', 1_000, 5_000_000_000));
  log.read();
  truncateSync(path, 0);
  log.read();
  const anew = CLOCK.replace('now=0:01:40.0', 'now=0:01:40.7');
  writeFileSync(path, record('encoder', 1_000, 100_000_000) + anew + record('encoder', 1_000, 600_000_000));
  log.read();
  expect(told).toEqual(['encoder 104500000 1', 'encoder 100300000 1', 'encoder 100800000 1']);
});

test('senseless bytes and times that are none are no records', () => {
  const none = record('encoder', 1, 1).replace('time=(guint64)1,', 'time=(guint64)18446744073709551615,');
  writeFileSync(path, CLOCK + '\xff'.repeat(200_000) + '\n' + none + record('encoder', 1_000, 600_000_000));
  log.read();
  expect(told).toEqual(['encoder 100100000 1']);
});

test('what belongs together is found by order; what has no other half is left out', () => {
  const pairs: string[] = [];
  const pair = new PairInOrder<string, number>({ slackUs: 10, longestUs: 1_000 }, (a, b, gap) =>
    pairs.push(`${a}${b} ${gap}`),
  );
  // Seen before the first of the other kind; twice in turn; one first whose second never came; within the clocks' error.
  pair.second(0, 50);
  pair.first('a', 100);
  pair.first('b', 200);
  pair.second(1, 300);
  pair.second(2, 310);
  pair.first('c', 1_000);
  pair.first('d', 5_000);
  pair.second(4, 4_995);
  expect(pairs).toEqual(['a1 200', 'b2 110', 'd4 -5']);
});
