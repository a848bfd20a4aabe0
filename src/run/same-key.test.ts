import { expect, test } from 'vitest';
import { unknownEnvironment } from './import-record.ts';
import { sameKey } from './same-key.ts';

const keyOf = (source: string, sourceHash: string) =>
  sameKey(
    { kind: 'command', settings: { source, preset: 'fast' }, sourceHash, encoderBuild: 'x' },
    unknownEnvironment('x'),
  );

test('one content at two places is one source; sources whose content nobody knows are told apart by their names', () => {
  expect(keyOf('/a/clip.mp4', 'abc')).toBe(keyOf('/b/clip.mp4', 'abc'));
  expect(keyOf('clip', 'abc')).not.toBe(keyOf('clip', 'def'));
  expect(keyOf('a', '')).not.toBe(keyOf('b', ''));
});
