import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { profileOfFile } from './standalone-file.ts';

const dropped = (content: string | Uint8Array<ArrayBuffer>, name = 'dropped') =>
  profileOfFile(new File([content], name));

test('a perf.data is told by its beginning, and any other binary file is not called one', async () => {
  for (const magic of ['PERFILE2', '2ELIFREP'])
    await expect(dropped(`${magic}\0\0\0`)).rejects.toThrow(/^dropped is a perf\.data/);
  await expect(dropped(new Uint8Array(gzipSync('PERFILE2\0')))).rejects.toThrow(/is a perf\.data/);
  for (const other of [Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 0), Uint8Array.of(0), Uint8Array.of(9, 0, 9)]) {
    const refused = await dropped(other).then(String, String);
    expect(refused).toMatch(/is no profile that can be opened here/);
    expect(refused).not.toContain('perf.data');
  }
});

test('text of a known format is read', async () => {
  const { profile } = await dropped('main;encode 3\n', 'f.folded');
  expect(profile.functions.name).toContain('encode');
});
