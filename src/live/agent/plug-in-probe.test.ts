import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import type { SeriesBatch } from '#core/recording';
import { AgentBench } from '../../../test/live/agent-bench.ts';
import { IndicatorList } from './indicator-list.ts';
import { PlugInProbe } from './plug-in-probe.ts';

const folders: string[] = [];
const bench = AgentBench.forEach();
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const until = (what: () => boolean, timeout = 30_000) => expect.poll(what, { timeout, interval: 20 }).toBe(true);
const absent = () => (bench.collector.indicators.at(-1) ?? bench.collector.hellos.at(-1))!.absent;
const indicator = (name: string) => `{ name: '${name}', unit: '1', description: 'of a test' }`;

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'probe-'));
  folders.push(folder);
  return join(folder, 'mine.mjs');
}

/** Starts an agent with a probe of this text. */
async function withProbe(text: string): Promise<void> {
  const file = newFile();
  writeFileSync(file, text);
  await bench.start({ probes: [file] });
}

test('its indicators join the list, and its values come with the others', async () => {
  await withProbe(`
    export const indicators = [${indicator('queue.length')}, ${indicator('queue.age')}];
    export async function start({ report, signal, intervalMs }) {
      report({ 'queue.length': intervalMs, 'queue.age': NaN });
      const timer = setInterval(() => report({ 'queue.length': 7 }), 10);
      signal.addEventListener('abort', () => clearInterval(timer));
    }`);
  await until(() => bench.collector.valuesOf('queue.length').length > 3);
  expect(bench.collector.valuesOf('queue.length').slice(0, 2)).toEqual([50, 7]);
  expect(bench.collector.valuesOf('queue.age')).toEqual([]);
  expect(absent().filter((reason) => reason.includes('mine.mjs'))).toEqual([]);
  await until(() => bench.collector.valuesOf('cpu.busy').length > 2);
});

test('one that blocks its process for good stops nothing else', async () => {
  await withProbe(`
    export const indicators = [${indicator('stuck')}];
    export function start({ report }) { report({ stuck: 1 }); for (;;); }`);
  await until(() => bench.collector.valuesOf('stuck').length === 1);
  const { length } = bench.collector.valuesOf('cpu.busy');
  await until(() => bench.collector.valuesOf('cpu.busy').length > length + 5);
});

test('one that fails is told of once, stands among what is absent, and works when it is mended', async () => {
  const file = newFile();
  const starts = join(file, '..', 'starts');
  const failing = `import fs from 'node:fs'; fs.appendFileSync(${JSON.stringify(starts)}, '.'); throw new Error('no queue');`;
  writeFileSync(file, failing);
  const messages: string[] = [];
  const rows: SeriesBatch[] = [];
  let changes = 0;
  const probe = new PlugInProbe(file, {
    agent: 'guest',
    intervalMs: 50,
    retryMs: 100,
    list: new IndicatorList(),
    onRows: (batch) => rows.push(batch),
    onChanged: () => changes++,
    onMessage: (text) => messages.push(text),
  });
  await until(() => existsSync(starts) && readFileSync(starts, 'utf8').length >= 3);
  expect(messages).toEqual(['the probe mine.mjs failed: no queue; it is started again every 0.1 s']);
  expect(probe.failure).toBe('probe mine.mjs: no queue');
  expect(changes).toBeGreaterThan(0);
  writeFileSync(
    file,
    `export const indicators = [${indicator('queue')}];
    export function start({ report }) { setInterval(() => report({ queue: 3 }), 10); }`,
  );
  await until(() => rows.length > 0);
  expect(messages[1]).toBe('the probe mine.mjs works');
  expect(probe.failure).toBeNull();
  await probe.close();
});

test.for([
  ['no indicators', 'export const start = () => {};', /must export `indicators`/],
  [
    'a name of the host',
    `export const indicators = [${indicator('cpu.busy')}]; export const start = () => {};`,
    /cpu.busy already/,
  ],
  [
    'a name with a slash',
    `export const indicators = [${indicator('a/b')}]; export const start = () => {};`,
    /a name is letters/,
  ],
  [
    'a value that it did not declare',
    `export const indicators = [${indicator('a')}]; export const start = ({ report }) => report({ b: 1 });`,
    /reported b, which is not in/,
  ],
  [
    'a promise that is rejected',
    `export const indicators = [${indicator('a')}]; export const start = async () => { throw new Error('late'); };`,
    /late/,
  ],
  [
    'rubbish on our channel',
    `import fs from 'node:fs'; export const indicators = [${indicator('a')}]; export const start = () => { fs.writeSync(3, 'x'.repeat(9000)); setInterval(() => {}, 1000); };`,
    /descriptor 3/,
  ],
  ['no module at all', 'export const = 7', /./],
] as const)('%s: it is refused with the reason', async ([, text, reason]) => {
  await withProbe(text);
  await until(() =>
    bench.collector.texts.some((one) => one.startsWith('the probe mine.mjs failed') && reason.test(one)),
  );
  await until(() => bench.collector.valuesOf('cpu.busy').length > 2);
});

test('the example that comes with us measures, or says what is missing', async () => {
  const example = fileURLToPath(new URL('../../../examples/probes/temperature.mjs', import.meta.url));
  await bench.start({ probes: [example] });
  await until(
    () =>
      bench.collector.valuesOf('temperature[0]').length > 0 ||
      bench.collector.texts.some((text) => /temperature.mjs failed: .*thermal/.test(text)),
  );
});
