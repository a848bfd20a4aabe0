import { expect, test } from 'vitest';
import { madeDataset } from '../../../test/explore/made-dataset.ts';
import { NO_NAMES, valueTitle } from './dataset.ts';
import { pathShortener, shortPaths, withoutFolders, withShortPaths } from './short-paths.ts';

test('a file is named by the shortest end of its path that no other has', () => {
  const paths = [
    '/srv/a/bunny.mp4',
    '/srv/1/b/bunny.mp4',
    '/srv/b/reel.mp4',
    'C:\\clips\\x.mp4',
    '/srv/2/b/bunny.mp4',
    '/b/bunny.mp4',
  ];
  expect([...shortPaths(paths).values()]).toEqual([
    'a/bunny.mp4',
    '1/b/bunny.mp4',
    'reel.mp4',
    'x.mp4',
    '2/b/bunny.mp4',
    '/b/bunny.mp4',
  ]);
});

test('only absolute paths are short: no command, no ratio, no filter graph, and no name that another value has', () => {
  const values = ['/srv/bunny.mp4', '/bin/sh -c true', '16/9', 'lavfi:testsrc2', 'clip.mp4', '/srv/clip.mp4', '/'];
  const names = withShortPaths(NO_NAMES, madeDataset({ source: values }));
  expect(values.map((value) => valueTitle(names, 'source', value))).toEqual(['bunny.mp4', ...values.slice(1)]);
  expect(withShortPaths(NO_NAMES, madeDataset({ codec: ['x264'] }))).toEqual(NO_NAMES);
});

test('what a person calls a file stays', () => {
  const given = { properties: {}, values: { source: { '/srv/a.mp4': 'the cartoon' } } };
  const names = withShortPaths(given, madeDataset({ source: ['/srv/a.mp4', '/srv/b.mp4'] }));
  expect(names.values['source']).toEqual({ '/srv/a.mp4': 'the cartoon', '/srv/b.mp4': 'b.mp4' });
});

test('data and texts are without folders', () => {
  const dataset = madeDataset({ source: ['/srv/a.mp4', '/srv/a.mp4.webm'], codec: ['x264'] });
  expect(withoutFolders(dataset).properties.map(({ values }) => values)).toEqual([['a.mp4', 'a.mp4.webm'], ['x264']]);
  const shorten = pathShortener(dataset);
  expect(shorten('no such file: /srv/a.mp4.webm, /srv/b.mp4')).toBe('no such file: a.mp4.webm, /srv/b.mp4');
});
