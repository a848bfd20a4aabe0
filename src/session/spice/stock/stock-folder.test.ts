import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeStockFolder } from './stock-folder.ts';

test('a new folder takes those of processes that are gone away, and nobody else’s', async () => {
  const root = mkdtempSync(join(tmpdir(), 'stock-folder-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const own = await makeStockFolder(root);
  const { pid } = spawnSync('true');
  const others = ['spice-stock-notes', `spice-stock-${pid}`];
  for (const name of [...others, `spice-stock-${pid}-7-abcdef`, `spice-stock-${process.pid}-1-abcdef`])
    mkdirSync(join(root, name, 'inside'), { recursive: true });
  const next = await makeStockFolder(root);
  expect(
    readdirSync(root)
      .map((name) => join(root, name))
      .toSorted(),
  ).toEqual([own, next, ...others.map((name) => join(root, name))].toSorted());
});
