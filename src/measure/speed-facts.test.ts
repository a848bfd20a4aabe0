import { expect, test } from 'vitest';
import { fakeHost } from '../../test/measure/fake-host.ts';
import { speedFacts } from './speed-facts.ts';

test('what can not be read is told as not known, never as good', () => {
  const host = fakeHost();
  const facts = speedFacts(host.place.sys, host.place.proc).filter(({ name }) => name !== 'CPU quota');
  expect(facts.map(({ name, ok }) => [name, ok])).toEqual([
    ['frequency now', null],
    ['huge pages', null],
    ['NUMA nodes', null],
    ['SMT', null],
    ['mitigations', null],
  ]);
  for (const { detail } of facts) expect(detail).toMatch(/^not known/);
  host.remove();
});

test('each fact says its value, and what to do where it costs speed', () => {
  const host = fakeHost();
  const cpu = 'sys/devices/system/cpu';
  host.write(`${cpu}/cpu0/cpufreq/scaling_cur_freq`, '1200000\n');
  host.write(`${cpu}/cpu0/cpufreq/cpuinfo_max_freq`, '4000000\n');
  host.write(`${cpu}/cpu0/cpufreq/scaling_max_freq`, '2000000\n');
  host.write(`${cpu}/smt/active`, '1\n');
  host.write(`${cpu}/cpu0/topology/thread_siblings_list`, '0,8\n');
  host.write(`${cpu}/vulnerabilities/meltdown`, 'Mitigation: PTI\n');
  host.write(`${cpu}/vulnerabilities/mds`, 'Not affected\n');
  host.write('sys/kernel/mm/transparent_hugepage/enabled', 'always madvise [never]\n');
  for (const node of ['node0', 'node1']) host.write(`sys/devices/system/node/${node}/cpulist`, '0\n');
  const facts = new Map(speedFacts(host.place.sys, host.place.proc).map((check) => [check.name, check]));
  expect(facts.get('frequency now')).toMatchObject({
    ok: null,
    detail: 'the fastest core runs at 1.20 GHz of 4.00 GHz, and may run at 2.00 GHz',
    todo: expect.stringContaining('cpupower'),
  });
  expect(facts.get('huge pages')).toMatchObject({ ok: null, detail: 'transparent huge pages: never, for nobody' });
  expect(facts.get('NUMA nodes')).toMatchObject({ ok: null, detail: expect.stringMatching(/^2:/) });
  expect(facts.get('SMT')).toMatchObject({ ok: null, detail: expect.stringContaining('CPU 0 shares with 0,8') });
  expect(facts.get('mitigations')).toMatchObject({ ok: null, detail: expect.stringMatching(/^active for meltdown:/) });
  host.remove();
});
