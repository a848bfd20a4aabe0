import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { frameAxis } from './frame-axis.ts';
import { recordStock } from '../../test/lab/sample-spice.ts';

const folder = mkdtempSync(join(tmpdir(), 'frame-axis-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('frames of a stock SPICE server stand where they came to the tap, whatever its log tells and whoever measures the guest', async () => {
  for (const hasLogs of [true, false]) {
    const at = join(folder, String(hasLogs));
    await recordStock(at, { hasLogs });
    const { axis, timeOf, presentationTime } = await frameAxis(at, 'video', 0);
    expect(axis).toBe('run');
    expect([0, 1, 2, 3, 4].map(timeOf)).toEqual([0, 0.04, 0.08, 0.12, NaN]);
    const ones = Float64Array.of(1);
    const presented = { pts: Float64Array.of(1_080_000), time_base_num: ones, time_base_den: ones.map(() => 1e6) };
    expect(presentationTime(presented, 0)).toBeCloseTo(0.08);
  }
});
