import { expect, test } from 'vitest';
import { fakeHost } from '../../test/measure/fake-host.ts';
import { measureChecks } from './measure-checks.ts';

test('every check says what it found, and what is not good says what to do or why', async () => {
  const checks = await measureChecks();
  expect(checks.map((check) => check.name)).toEqual([
    'cgroup accounting',
    'process counters',
    'pressure',
    'CPU frequency',
    'power (RAPL)',
    'GPU',
    'GPU use by process',
    'intel_gpu_top',
    'nvidia-smi',
    'stolen time',
    'clock',
    'container limits',
  ]);
  for (const check of checks) expect(check.detail).not.toBe('');
  expect(checks.find((check) => check.name === 'process counters')).toMatchObject({ ok: true });
});

test('counters of power are found, and one that can not be read says what to do', async () => {
  const host = fakeHost();
  const power = async () => (await measureChecks(host.place)).find(({ name }) => name === 'power (RAPL)');
  expect(await power()).toMatchObject({ ok: null, detail: expect.stringMatching(/^no counter in .*powercap/) });
  host.write('sys/class/powercap/intel-rapl:0/name', 'package-0\n');
  host.write('sys/class/powercap/intel-rapl:0/energy_uj', '1\n');
  expect(await power()).toEqual({ name: 'power (RAPL)', ok: true, detail: 'power.package[0]' });
  host.take('sys/class/powercap/intel-rapl:0/energy_uj');
  expect(await power()).toMatchObject({ ok: null, todo: expect.stringMatching(/^run as root, or .*energy_uj$/) });
  host.remove();
});
