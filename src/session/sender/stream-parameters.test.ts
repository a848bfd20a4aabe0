import { expect, test } from 'vitest';
import type { Settings } from '#core/settings';
import { resolveSession } from '../session-settings.ts';
import { knownEncoders } from './known-encoders.ts';
import { NO_LIMITS, streamParameters } from './stream-parameters.ts';

const SOURCE = { width: 640, height: 360, pixelFormat: 'yuv420p', frameRate: { num: 24, den: 1 } };

function parameters(settings: Settings, limits = NO_LIMITS) {
  const encoders = knownEncoders();
  const session = resolveSession(
    { source: 'lavfi:testsrc2', encoder: 'libx264', bitrate: '2M', ...settings },
    encoders,
  );
  if ('problems' in session) throw new Error(session.problems[0]?.what);
  const resolved = streamParameters(
    session,
    encoders.find(({ name }) => name === 'libx264')!,
    SOURCE,
    limits,
  );
  if ('problem' in resolved) throw new Error(resolved.problem.what);
  return resolved;
}

test('With adaptation no keyframe is larger than a short queue: the buffer follows the bitrate, unless the user set one', () => {
  expect(parameters({}).options).toMatchObject({ maxrate: '2000000', bufsize: '1000000' });
  expect(parameters({ adapt: 'on' }).options).toMatchObject({ maxrate: '2000000', bufsize: '300000' });
  const lower = { ...NO_LIMITS, bitrate: 500_000 };
  expect(parameters({ adapt: 'on' }, lower).options).toMatchObject({ maxrate: '500000', bufsize: '75000' });
  expect(parameters({ adapt: 'on', bufsize: '800000' }, lower).options).toMatchObject({ bufsize: '800000' });
});

test('What adaptation allows makes pictures smaller in even sides, and fewer, and never more than was asked for', () => {
  expect(parameters({}, { bitrate: 9e6, rateScale: 0.75, sizeScale: 0.75 })).toMatchObject({
    bitrate: 2e6,
    width: 480,
    height: 270,
    frameRate: { num: 18, den: 1 },
  });
});
