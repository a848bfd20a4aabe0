import { expect, test } from 'vitest';
import type { CheckedSource, SourceFault } from '#core/source-check';
import { TICKS, checkedSource } from '../../../test/pipeline/planned.ts';
import { chunkRange } from './chunk-range.ts';

/** 60 s at 25 frames a second from 10 s on, with a keyframe every 4 s. */
function source(more: { readonly container?: string; readonly path?: string; readonly faults?: SourceFault[] } = {}) {
  const pts = Float64Array.from({ length: 1500 }, (_, frame) => 10 * TICKS + frame * (TICKS / 25));
  const checked = checkedSource({ pts, rate: 25 });
  const { container = 'mov', path = checked.info.path, faults = [] } = more;
  const key = Uint8Array.from({ length: 1500 }, (_, frame) => (frame % 100 === 0 ? 1 : 0));
  const findings = faults.map(
    (fault) => ({ fault, level: 'error', what: 'made up', frame: null, timeS: null, count: 1, todo: '' }) as const,
  );
  const duration = new Float64Array(1500).fill(TICKS / 25);
  const frames = { ...checked.frames, key, duration };
  return { ...checked, info: { ...checked.info, container, path }, findings, frames } satisfies CheckedSource;
}
const seconds = (ticks: number | null) => (ticks === null ? null : ticks / TICKS);

test('a file with an index is read from the last keyframe before the chunk, or at it', () => {
  for (const container of ['mov', 'mov,mp4,m4a,3gp,3g2,mj2', 'matroska,webm']) {
    expect(seconds(chunkRange({ first: 1050, last: 1099 }, source({ container })).seekPts)).toBe(50);
    expect(seconds(chunkRange({ first: 1100, last: 1149 }, source({ container })).seekPts)).toBe(54);
  }
});

test('a stream that has to be searched is read from six seconds ahead at least', () => {
  const checked = source({ container: 'mpegts' });
  expect(seconds(chunkRange({ first: 1050, last: 1099 }, checked).seekPts)).toBe(46);
  expect(chunkRange({ first: 110, last: 150 }, checked).seekPts, 'that is before its beginning').toBe(null);
});

test('what has no keyframe, no index or no times is read from its beginning', () => {
  const chunk = { first: 1050, last: 1099 };
  expect(chunkRange({ first: 50, last: 99 }, source()).seekPts).toBe(null);
  expect(chunkRange(chunk, source({ path: 'lavfi:testsrc2' })).seekPts).toBe(null);
  expect(chunkRange(chunk, source({ faults: ['times-missing'] }))).toMatchObject({ seekPts: null, counted: true });
  expect(chunkRange(chunk, source({ faults: ['gap'] })).counted).toBe(false);
});

test('of a source that lacks frames every time is told, and where the next chunk begins of every source', () => {
  const checked = source({ faults: ['undecodable'] });
  const { pts } = checked.frames;
  const range = chunkRange({ first: 7, last: 9 }, checked);
  expect(range).toMatchObject({ seekPts: null, frames: 3, firstPts: pts[7], lastPts: pts[9], endPts: pts[10] });
  expect(range.pts).toEqual([pts[7], pts[8], pts[9]]);
  const last = chunkRange({ first: 1400, last: 1499 }, source());
  expect(last.pts).toBe(null);
  expect(seconds(last.endPts)).toBe(70);
});
