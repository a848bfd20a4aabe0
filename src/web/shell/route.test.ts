import { expect, test } from 'vitest';
import { benchmarkPath, changedQuery, encoderPath, parsePath, profilePath } from './route.ts';

test.each([
  ['/', { page: 'benchmarks' }],
  ['/benchmarks/bunny', { page: 'benchmark', name: 'bunny' }],
  [benchmarkPath('a b/c%'), { page: 'benchmark', name: 'a b/c%' }],
  ['/runs/0199', { page: 'run', id: '0199' }],
  [profilePath('0199'), { page: 'profile', id: '0199' }],
  ['/runs/0199/profiles', { page: 'nowhere', path: '/runs/0199/profiles' }],
  ['/encoders', { page: 'encoders' }],
  ['/encoders/bundled/libx264', { page: 'encoder', engine: 'bundled', name: 'libx264' }],
  [encoderPath('/opt/ff 7/ffmpeg', 'libaom-av1'), { page: 'encoder', engine: '/opt/ff 7/ffmpeg', name: 'libaom-av1' }],
  ['/encoders/bundled', { page: 'nowhere', path: '/encoders/bundled' }],
  ['/explore', { page: 'explore' }],
  ['/explore/x', { page: 'nowhere', path: '/explore/x' }],
  ['/scripts', { page: 'scripts' }],
  ['/scripts/x', { page: 'nowhere', path: '/scripts/x' }],
  ['/benchmarks', { page: 'nowhere', path: '/benchmarks' }],
  ['/benchmarks/%E0%A4%A', { page: 'nowhere', path: '/benchmarks/%E0%A4%A' }],
] as const)('%s is the page %o', (path, route) => {
  expect(parsePath(path)).toEqual(route);
});

test('a query keeps what is not changed, and loses what is set to nothing', () => {
  expect(changedQuery('?sort=a&filter=x', { sort: '-m:encode.fps p5', filter: null })).toBe('?sort=-m%3Aencode.fps+p5');
  expect(changedQuery('?filter=x', { filter: '' })).toBe('');
});
