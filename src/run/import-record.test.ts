// What an imported record says, and what it does not.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openLab } from '#lab/lab';
import { parseRec } from '#recording/foreign/rec-file';
import { recordingOf } from '#recording/foreign/rec-recording';
import { readHeader } from '#recording/read-recording';
import { importRecord } from './import-record.ts';

const folder = mkdtempSync(join(tmpdir(), 'import-record-'));
const lab = await openLab(folder);
afterAll(async () => {
  await lab.close();
  rmSync(folder, { recursive: true });
});

const FRAMES = 200;
/** This one the client never had. */
const LOST = 100;

/** The server's clock is 5 s ahead; the client's is the guest's. */
function record(): string {
  const frames = Array.from({ length: FRAMES }, (_, i) => ({
    captureUs: 1.6e15 + i * 40_000,
    size: 10_000 + ((i * 7919) % 9001),
    delayUs: 300 + (i % 7) * 100,
  }));
  const table = (head: string, rows: readonly unknown[]) => [head, JSON.stringify(rows), '[]'];
  const had = frames.filter((_, i) => i !== LOST);
  const guest = ['msg_ts', 'time', 'frame_size', 'capture_duration', 'encode_duration', 'send_duration'];
  return [
    '[]',
    ...table(
      `#guest.guest|${guest.map((field) => `guest.${field}`).join(';')}`,
      frames.map(({ captureUs, size }) => [captureUs + 9000, captureUs / 1e6, size, 0.004, 0.004, 0.001]),
    ),
    ...table(
      '#server.host|host.msg_ts;host.frame_size',
      frames.map(({ captureUs, size, delayUs }) => [captureUs + 9000 + delayUs + 5e6, size]),
    ),
    ...table(
      '#client.client|client.msg_ts;client.frame_size;client.decode_duration',
      had.map(({ captureUs, size, delayUs }) => [captureUs + 10_000 + delayUs, size, 0.0005]),
    ),
    ...table(
      '#client.frames_time_to_drop|frames_time_to_drop.msg_ts;frames_time_to_drop.in_queue_time',
      had.map(({ captureUs, delayUs }) => [captureUs + 11_000 + delayUs, 1]),
    ),
    '',
  ].join('\n');
}

test('what nobody measured is absent: drops, the error of the latency, the load of others', async () => {
  const text = record();
  const { run } = await importRecord(lab, {
    bytes: Buffer.from(text),
    where: 'made.rec',
    recording: recordingOf(parseRec(text, 'made.rec'))!,
    settings: { framerate: 30 },
    benchmark: null,
    cell: 'framerate=30',
    tool: 'a test',
  });
  const { metrics } = run;
  expect(Object.keys(metrics).filter((name) => name.includes('drops'))).toEqual(['drops.untold']);
  expect(metrics['drops.untold']!.value).toBeCloseTo(1 / FRAMES);
  expect(metrics).toMatchObject({
    'stream.rate requested': { value: 30 },
    'stream.frames presented': { value: FRAMES - 1 },
    frames: { value: FRAMES },
    'decode.time': { value: 0.5 },
  });
  expect(metrics['stream.rate captured']!.value).toBeCloseTo(25, 0);
  // Of 10 ms and 300 to 900 µs besides, the smallest delays are not in it.
  expect(metrics['latency p50']!.value).toBeGreaterThan(9);
  expect(metrics['latency p50']!.value).toBeLessThan(11);
  for (const name of ['latency.error', 'host.others']) expect(metrics).not.toHaveProperty([name]);
  const { absent } = await readHeader(join(folder, run.recording!));
  for (const name of ['latency.error', 'stream.drops'])
    expect(absent.filter((reason) => reason.startsWith(`${name}:`))).toHaveLength(1);
});
