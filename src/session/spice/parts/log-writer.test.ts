import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LogWriter } from './log-writer.ts';

const NOW_MS = 1e12;

function log() {
  const folder = mkdtempSync(join(tmpdir(), 'log-writer-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'gst.log');
  writeFileSync(path, '');
  return { folder, path };
}

test('who has a log open for writing is seen, whoever reads it besides; it is left when that one closes it', () => {
  const { path } = log();
  const [written, read] = [openSync(path, 'a'), openSync(path, 'r')];
  const writer = new LogWriter(path);
  writer.look(NOW_MS - 1e6, NOW_MS);
  expect(writer).toMatchObject({ isThere: true, isLeft: false });
  closeSync(written);
  writer.look(NOW_MS + 900, NOW_MS + 2_000);
  expect(writer).toMatchObject({ isThere: false, isLeft: true });
  const again = openSync(path, 'a');
  writer.look(NOW_MS + 900, NOW_MS + 4_000);
  expect(writer).toMatchObject({ isThere: true, isLeft: false });
  closeSync(again);
  closeSync(read);
});

test('a log that is written though nobody is seen to write it is left by nobody, and so is any where nobody can be seen', () => {
  const { folder, path } = log();
  const unseen = new LogWriter(path);
  unseen.look(NOW_MS - 5_000, NOW_MS);
  expect(unseen.isLeft).toBe(true);
  unseen.look(NOW_MS + 3_000, NOW_MS + 3_100);
  expect(unseen).toMatchObject({ isThere: false, isLeft: false });
  mkdirSync(join(folder, 'proc'));
  for (const proc of [join(folder, 'proc'), join(folder, 'none')]) {
    const blind = new LogWriter(path, proc);
    blind.look(NOW_MS - 5_000, NOW_MS);
    expect(blind).toMatchObject({ isThere: false, isLeft: false });
  }
});
