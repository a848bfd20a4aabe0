import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CellRecord } from '#core/catalogue';
import { openLab, type Lab } from '#lab/lab';
import { EncoderPages } from './encoder-pages.ts';
import type { EncoderPage, EngineState } from './encoders-wire.ts';
import type { ProveLive } from './live-proofs.ts';
import { startServer, type RunningServer } from './start-server.ts';
import { readServerToken } from './tokens.ts';

let folder: string;
let lab: Lab;
let server: RunningServer;
let token: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-encoder-pages-'));
  lab = await openLab(join(folder, 'lab'));
  server = await startServer({ lab, port: 0 });
  token = await readServerToken(lab.path);
});

afterAll(async () => {
  await server.close();
  await lab.close();
  await rm(folder, { recursive: true });
});

const ask = (path: string, method = 'GET') =>
  fetch(`${server.address}/api/v1/${path}`, { method, headers: { authorization: `Bearer ${token}` } });

/** A program that is no ffmpeg, and leaves a mark when it is started. */
async function addProgram(name: string): Promise<{ path: string; wasStarted: () => Promise<boolean> }> {
  const path = join(folder, name);
  const mark = `${path}.started`;
  await writeFile(path, `#!/bin/sh\ntouch '${mark}'\nexit 3\n`);
  await chmod(path, 0o755);
  return {
    path,
    wasStarted: () =>
      stat(mark).then(
        () => true,
        () => false,
      ),
  };
}

async function addBenchmark(name: string, engine: string): Promise<void> {
  const cell: CellRecord = {
    index: 0,
    label: '',
    properties: {},
    settings: { engine, encoder: 'libx264' },
    sameKey: `${name}-0`,
  };
  await lab.catalogue.saveBenchmark(
    {
      name,
      file: `benchmarks/${name}.yaml`,
      properties: [],
      repeat: 1,
      seed: null,
      thresholds: [],
      startedAt: new Date().toISOString(),
    },
    [cell],
  );
}

test('a program that no benchmark names is never started, whatever a request says', async () => {
  const { path, wasStarted } = await addProgram('stranger');
  const engine = new URLSearchParams({ engine: path });
  for (const [address, method] of [
    [`encoders?${engine}`, 'GET'],
    [`encoders/libx264?${engine}`, 'GET'],
    [`encoders/libx264/prove?${engine}`, 'POST'],
  ] as const) {
    const answer = await ask(address, method);
    expect([address, answer.status]).toEqual([address, 400]);
    expect(await answer.text()).toContain('no benchmark of this lab names the engine');
  }
  await ask('engines');
  expect(await wasStarted()).toBe(false);
});

test('an engine that a benchmark names and that can not be used is shown with what is wrong, beside the others', async () => {
  const { path, wasStarted } = await addProgram('no-ffmpeg');
  await addBenchmark('odd', path);
  const { engines } = (await (await ask('engines')).json()) as { engines: EngineState[] };
  expect(engines.map(({ setting }) => setting)).toEqual(['bundled', 'ffmpeg', path]);
  expect(engines[0]).toMatchObject({ problem: null, info: { kind: 'bundled' }, benchmarks: [] });
  expect(engines[2]).toMatchObject({ info: null, benchmarks: ['odd'] });
  expect(engines[2]!.problem!.what).not.toBe('');
  expect(await wasStarted()).toBe(true);
  expect((await ask(`encoders?${new URLSearchParams({ engine: path })}`)).status).toBe(400);
});

test('an encoder is told with its parameters; one that is not there, and no engine takes a body', async () => {
  const answer = await ask('encoders/libx264');
  const { encoder, provable, proof } = (await answer.json()) as EncoderPage;
  expect(encoder).toMatchObject({ name: 'libx264', codec: 'h264', engine: 'bundled', available: true });
  expect(encoder.parameters.some(({ name }) => name === 'crf')).toBe(true);
  expect([provable, proof]).toEqual([true, null]);
  expect((await ask('encoders/libx999')).status).toBe(404);
  expect((await ask('encoders/libx999/prove', 'POST')).status).toBe(404);
});

/** A proof that goes on until it is stopped. */
function endless() {
  const seen: AbortSignal[] = [];
  const prove: ProveLive = (_, { signal, onProgress }) => {
    seen.push(signal);
    onProgress(2, 9);
    return new Promise((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
    );
  };
  return { prove, seen };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

test('one encoder is proved at a time; it can be stopped, and ends with the server', async () => {
  const { prove, seen } = endless();
  const pages = new EncoderPages(lab, undefined, prove);
  expect(await pages.prove('bundled', 'libx264')).toMatchObject({ state: 'running', encoder: 'libx264' });
  await settled();
  expect(pages.proof()).toMatchObject({ state: 'running', done: 2, total: 9 });
  await expect(pages.prove('bundled', 'mpeg2video')).rejects.toThrow('libx264 is being looked at');
  pages.stopProof();
  await settled();
  expect(pages.proof()).toMatchObject({ state: 'stopped', problem: null });
  await pages.prove('bundled', 'libx264');
  await settled();
  await pages.close();
  expect(seen.map(({ aborted }) => aborted)).toEqual([true, true]);
  expect(pages.proof()).toMatchObject({ state: 'stopped' });
});

test('a proof that fails says why, and the next may begin', async () => {
  const pages = new EncoderPages(lab, undefined, () => Promise.reject(new Error('the clip is gone')));
  await pages.prove('bundled', 'libx264');
  await settled();
  expect(pages.proof()).toMatchObject({ state: 'failed', problem: 'the clip is gone' });
  expect(await pages.prove('bundled', 'libx264')).toMatchObject({ state: 'running', problem: null });
  await pages.close();
});

test('an encoder that does not work here is not proved', async () => {
  const pages = new EncoderPages(lab, undefined, endless().prove);
  await expect(pages.prove('bundled', 'dnxhd')).rejects.toThrow(/does not work here/);
  await pages.close();
});
