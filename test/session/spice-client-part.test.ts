// Who watches a stock client, with a log of this test's: a client that decodes nothing is told from one whose log tells nothing.

import { closeSync, mkdtempSync, openSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startPart } from '#session/start-part';
import { monotonicUs } from '#system/clock';
import { Told } from './loopback.ts';

const RELAY = { host: '127.0.0.1', port: 0 };
const TRACED =
  '0:00:00.01 1 0x1 TRACE GST_TRACER gsttracerrecord.c:109:gst_tracer_record_build_format: element-latency.class, element=(structure)"";\n';
const LONG_AGO = new Date('2020-01-01');

/** Tells a client's watcher of two seconds of frames. @returns how many of them it awaited, and its note */
async function pass({ log, codec = 'vp8', isLeft = false }: { log: string | null; codec?: string; isLeft?: boolean }) {
  const folder = mkdtempSync(join(tmpdir(), 'client-part-'));
  const path = join(folder, 'client.log');
  if (log !== null) writeFileSync(path, log);
  // Its writer may have been silent for as long as it likes.
  if (log !== null && !isLeft) {
    utimesSync(path, LONG_AGO, LONG_AGO);
    const writer = openSync(path, 'a');
    onTestFinished(() => closeSync(writer));
  }
  const told = new Told();
  let awaited = 0;
  const series = (name: string, _unit: string, _timeUs: number, value: number) => {
    if (name === 'awaited') awaited += value;
  };
  const spice = { agent: { device: null, tap: null, log: path } };
  const client = startPart(
    {
      part: 'receiver',
      session: 'one',
      stream: 'video',
      role: 'client',
      transport: 'tcp',
      relay: RELAY,
      token: '',
      spice,
    },
    Object.assign(told, { series }),
  );
  onTestFinished(async () => {
    client.kill();
    await client.result;
    rmSync(folder, { recursive: true });
  });
  const fromUs = monotonicUs();
  const frame = Array.from({ length: 40 }, (_, i) => i);
  const atUs = frame.map((i) => fromUs + i * 50_000);
  await client.command('passed', { stream: 'video', frame, bytes: frame.map(() => 0), atUs, codec });
  return { awaited, note: told.note };
}

test('of a client whose log is written and has none of the frames it is said that it decodes none', async () => {
  expect(await pass({ log: TRACED })).toEqual({
    awaited: 40,
    note: 'frames pass the tap, and the client decodes none of them',
  });
});

test('no log, one without the tracer, one that nobody writes any more and mjpeg tell nothing', async () => {
  const nothing = { awaited: 0, note: null };
  expect(await pass({ log: null })).toEqual(nothing);
  expect(await pass({ log: '0:00:00.01 1 0x1 DEBUG pipeline\n' })).toEqual(nothing);
  expect(await pass({ log: TRACED, isLeft: true })).toEqual(nothing);
  expect(await pass({ log: TRACED, codec: 'mjpeg' })).toEqual(nothing);
});
