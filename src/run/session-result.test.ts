import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { sessionMetrics } from '#analysis/session-metrics';
import { openLab } from '#lab/lab';
import { monotonicUs } from '#system/clock';
import { sessionColumns } from './session-result.ts';
import { startStreamRun } from './stream-run.ts';
import { TEST_ENVIRONMENT } from '../../test/lab/sample-run.ts';
import { recordStock } from '../../test/lab/sample-spice.ts';
import { CLIENT, frameRows, GUEST, seriesRows, stepBatch, STREAM_IDENTITY } from '../../test/lab/sample-stream.ts';

const folder = mkdtempSync(join(tmpdir(), 'session-result-'));
const lab = await openLab(folder);
afterAll(async () => {
  await lab.close();
  rmSync(folder, { recursive: true });
});

/** Two frames; the guest is busy with 1 core and its sender with 0.5, the client's receiver with 0.25. */
async function othersWith(clientHost: string): Promise<number | undefined> {
  const client = { ...CLIENT, agent: { ...CLIENT.agent, host: clientHost } };
  const run = await startStreamRun({
    lab,
    identity: STREAM_IDENTITY,
    environment: TEST_ENVIRONMENT,
    agents: [GUEST, client],
    endUs: null,
    absent: [],
    memo: null,
    flushAfterMs: 20,
  });
  const nowUs = monotonicUs();
  run.addClocks(['guest', 'client'].map((agent) => ({ agent, timeUs: nowUs, offsetUs: 0, errorUs: 1 })));
  await run.window({ stream: 'video', first: 0, last: 1 });
  await run.span({ fromUs: nowUs, toUs: nowUs + 40_000 });
  for (const frame of [0, 1]) {
    const atUs = nowUs + frame * 20_000;
    run.add('guest', 'g', frame + 1, {
      series: seriesRows('guest', atUs, [1, 0.5]),
      frames: frameRows(frame, atUs),
      steps: [stepBatch('guest', [{ step: 'capture', frame, startUs: atUs }])],
    });
    run.add('client', 'c', frame + 1, {
      series: seriesRows('client', atUs, [0.25, 1]),
      frames: [],
      steps: [stepBatch('client', [{ step: 'present', frame, startUs: atUs }])],
    });
  }
  const { metrics } = await run.end({ outcome: 'ok', reason: null, interrupted: false });
  return metrics['host.others']?.value;
}

test("a receiver on the guest's host is none of the others there, one on another host does not count", async () => {
  expect(await othersWith('a')).toBeCloseTo(0.25);
  expect(await othersWith('b')).toBeCloseTo(0.5);
});

test('a stock SPICE recording is timed by the clock of the tap, and nobody saw its frames captured', async () => {
  const at = join(folder, 'stock');
  await recordStock(at, { hasLogs: true });
  const columns = await sessionColumns(at);
  expect(Array.from(columns.frames.captureUs)).toEqual([NaN, NaN, NaN, NaN]);
  const metrics = sessionMetrics(columns);
  expect(metrics['stream.time']!.value).toBeCloseTo(0.2);
  expect(metrics['stream.rate presented']!.value).toBeCloseTo(15);
  expect(metrics['encode.time']!.value).toBe(8);
  expect(metrics['frame.gap']!.value).toBe(40);
  expect(metrics['drops.untold']!.value).toBe(0.25);
  expect(metrics).not.toHaveProperty('latency');
  // Reports of the time that was recorded: counts are added up, delays are not.
  expect(metrics['server.tap.report.drops']).toEqual({ value: 5, unit: 'frame', better: 'lower' });
  expect(metrics['server.tap.report.delay']!.value).toBe(20);
});

test('a stock SPICE recording that broke off lasts as long as its frames', async () => {
  const at = join(folder, 'broken');
  await recordStock(at, { hasLogs: false, hasEnded: false });
  const metrics = sessionMetrics(await sessionColumns(at));
  expect(metrics['stream.time']!.value).toBeCloseTo(0.16);
  expect(metrics['stream.rate encoded']!.value).toBeCloseTo(25);
});
