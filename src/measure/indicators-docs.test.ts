import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { fakeHost } from '../../test/measure/fake-host.ts';
import { sampled } from '../../test/measure/probe-values.ts';
import { ByteCursor } from './byte-cursor.ts';
import { GPU_QUANTITIES } from './gpu/gpu-quantity.ts';
import { TreeGpuProbe } from './gpu/tree-gpu.ts';
import { PowerProbe } from './power.ts';
import { startSampler } from './sampler.ts';

/** Names and units of the tables, `[0]` taken off. */
function documented(): Map<string, string> {
  const page = readFileSync(fileURLToPath(new URL('../../docs/indicators.md', import.meta.url)), 'utf8');
  const rows = page.split('\n').flatMap((line) => {
    const [, names, unit] = /^\| (`[^|]+`) \| ([^ |]+) \|/.exec(line) ?? [];
    return names === undefined ? [] : [...names.matchAll(/`([^`[]+)(\[0\])?`/g)].map((match) => [match[1], unit]);
  });
  return new Map(rows as [string, string][]);
}

test('every indicator that the sampler can have is on its page, with its unit', () => {
  const host = fakeHost();
  host.write('dev/dri/renderD128', '');
  for (const [i, name] of ['core', 'uncore', 'dram'].entries()) {
    host.write(`sys/class/powercap/intel-rapl:0:${i}/name`, name);
    host.write(`sys/class/powercap/intel-rapl:0:${i}/energy_uj`, '1');
  }
  for (const [i, name] of ['package-0', 'psys'].entries()) {
    host.write(`sys/class/powercap/intel-rapl:${i}/name`, name);
    host.write(`sys/class/powercap/intel-rapl:${i}/energy_uj`, '1');
  }
  const cursor = new ByteCursor(Buffer.alloc(4096));
  const opened = [
    sampled(TreeGpuProbe.open(host.place, cursor, 'encoder', { pids: () => {} })).probe,
    sampled(PowerProbe.open(host.place, cursor)).probe,
  ];
  const sampler = startSampler({ agent: 'a', own: 'agent', onBatch: () => {} });
  sampler.stop();
  const all = [
    ...sampler.indicators,
    ...opened.flatMap(({ indicators }) => indicators),
    ...Object.entries(GPU_QUANTITIES).map(([name, { unit }]) => ({ name: `gpu.${name}`, unit })),
  ];
  for (const probe of opened) probe.close();
  host.remove();
  const page = documented();
  const missing = all.filter(({ name, unit }) => page.get(name.replace(/\[.*\]$/, '')) !== unit);
  expect(missing).toEqual([]);
  const known = new Set(all.map(({ name }) => name.replace(/\[.*\]$/, '')));
  // A host may lack some of these; the page may not have any other.
  const odd = [...page.keys()].filter(
    (name) => !known.has(name) && !/^(disk|network|pressure|cpu\.frequency)/.test(name),
  );
  expect(odd).toEqual([]);
});
