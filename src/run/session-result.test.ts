import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openLab } from '#lab/lab';
import { monotonicUs } from '#system/clock';
import { startStreamRun } from './stream-run.ts';
import { TEST_ENVIRONMENT } from '../../test/lab/sample-run.ts';
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
