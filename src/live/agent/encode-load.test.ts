import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { discoverEncoders } from '#media/encoders';
import { EncodeLoad } from './encode-load.ts';

test('a load of encodes works until it is killed, and leaves no file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'encode-load-'));
  // The encoder of a GPU is driven in the same way; this one works everywhere.
  const [encoder] = await discoverEncoders({ only: ['libx264'] });
  const load = new EncodeLoad(encoder, folder);
  await expect.poll(() => readdirSync(folder).length, { timeout: 30_000 }).toBe(1);
  load.kill();
  await expect(load.result).resolves.toBeNull();
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});

test('an encoder that does not work ends it with why', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'encode-load-'));
  const [encoder] = await discoverEncoders({ only: ['libx264'] });
  const load = new EncodeLoad({ ...encoder, name: 'h264_nothing' }, folder);
  expect(await load.result).toMatch(/\w+/);
  rmSync(folder, { recursive: true });
  expect(existsSync(folder)).toBe(false);
});
