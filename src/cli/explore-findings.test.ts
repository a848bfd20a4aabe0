import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { openLab } from '#lab/lab';
import { sampleRun } from '../../test/lab/sample-run.ts';
import { createProgram } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'encodelab-findings-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function printed(...args: readonly string[]): Promise<string> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  try {
    await createProgram(() => undefined).parseAsync(['explore', 'findings', ...args, '--lab', folder], {
      from: 'user',
    });
    return log.mock.calls.flat().join('\n');
  } finally {
    log.mockRestore();
  }
}

it('prints findings as text and as JSON, and names a benchmark that was meant', async () => {
  const lab = await openLab(folder);
  await lab.catalogue.saveBenchmark(
    {
      name: 'tiny',
      file: 'tiny.yaml',
      properties: [],
      repeat: 1,
      seed: 1,
      thresholds: [],
      startedAt: '2026-11-01T12:00:00.000Z',
    },
    [],
  );
  for (const bitrate of ['9M', '100M']) {
    const run = sampleRun(lab, { benchmark: 'tiny', settings: { bitrate }, recording: null });
    await lab.catalogue.startRun(run);
    const metrics = {
      bitrate: { value: 8.9e6, unit: 'bit/s', better: null },
      bytes: { value: 22.25e6, unit: 'byte', better: null },
    };
    await lab.catalogue.endRun(run.id, { outcome: 'ok', reason: null, interrupted: false, durationS: 20, metrics });
  }
  await lab.catalogue.saveBenchmark(
    {
      name: 'broken',
      file: 'broken.yaml',
      properties: [],
      repeat: 1,
      seed: 1,
      thresholds: [],
      startedAt: '2026-11-01T13:00:00.000Z',
    },
    [],
  );
  for (const crf of [20, 30]) {
    const run = sampleRun(lab, { benchmark: 'broken', settings: { crf }, recording: null });
    await lab.catalogue.startRun(run);
    const end = {
      outcome: 'failed',
      reason: 'no such encoder',
      interrupted: false,
      durationS: 1,
      metrics: {},
    } as const;
    await lab.catalogue.endRun(run.id, end);
  }
  await lab.close();

  const failed = await printed('broken');
  expect(failed).toContain('no run counts: 2 failed (no such encoder)');
  expect(failed).not.toContain('Nothing stands out');
  const title = 'bitrate=100M asked for 100 Mbit/s, the encoder used 8.90 Mbit/s, and less asked gave as much';
  const text = await printed('tiny');
  expect(text).toContain(title);
  expect(text).toContain('[not-honoured]');
  expect(text).toContain('got at bitrate=100M: 8.90 Mbit/s');
  expect(JSON.parse(await printed('--json'))).toMatchObject({
    version: 1,
    findings: [{ title, kind: 'not-honoured', p: null }],
  });
  await expect(printed('tinny')).rejects.toThrow(/there is no benchmark "tinny" in this lab\s+did you mean tiny\?/);
});
