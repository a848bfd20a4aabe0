// What is kept of the text of perf script, whatever its fields are.

import { expect, test } from 'vitest';
import type { Profile } from '#core/profile';
import { readProfileText } from './read-profile.ts';

async function* pieces(text: string, chars = 7): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += chars) yield text.slice(at, at + chars);
}

const read = (text: string) => readProfileText(pieces(text), 'a.txt');

/** Functions of each sample, the outermost first, as `name(library)`. */
function stacksOf({ samples, stacks, functions, libraries }: Profile): string[] {
  return Array.from(samples.stack, (stack) => {
    const names: string[] = [];
    for (let node = stack; node >= 0; node = stacks.parent[node]!) {
      const called = stacks.function[node]!;
      names.push(`${functions.name[called]!}(${libraries[functions.library[called]!]!})`);
    }
    return names.toReversed().join(' ');
  });
}

const USUAL = `ffmpeg   123 [001]    10.000001:    1001001          cpu-clock:ppp: 
	ffffffff8168a9d9 __lruvec_stat_mod_folio+0x59 ([kernel.kallsyms])
	            6a00 _dl_map_segments+0x430 (inlined)
	            6a00 _dl_map_object_from_fd@@GLIBC_2.3+0x430 (/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2)
	          146f2c [unknown] (/opt/my app (2)/enc)

av:h264 df 2 4567/4568 [000] 9.5:    1001001 cpu-clock: 
	    1ebe9f2 std::vector<int (*)(char), a>::push_back(int&&)+0x6e2 (/usr/bin/node (deleted))
	    1ebe9f3 Builtins_Call+0x6e2 (/tmp/perf-4567.map)

`;

test('samples have their stack, thread, CPU and time, in the order of time', async () => {
  const profile = await read(USUAL);
  expect(Array.from(profile.samples.timeNs)).toEqual([9_500_000_000, 10_000_001_000]);
  expect(Array.from(profile.samples.cpu)).toEqual([0, 1]);
  expect(stacksOf(profile)).toEqual([
    'Builtins_Call([jit]) std::vector<int (*)(char), a>::push_back(int&&)(node)',
    '[enc](enc) _dl_map_object_from_fd(ld-linux-x86-64.so.2) _dl_map_segments(ld-linux-x86-64.so.2) __lruvec_stat_mod_folio([kernel])',
  ]);
  const { threads, header } = profile;
  expect(
    Array.from(profile.samples.thread, (each) => [threads.process[each], threads.thread[each], threads.name[each]]),
  ).toEqual([
    [4567, 4568, 'av:h264 df 2'],
    [-1, 123, 'ffmpeg'],
  ]);
  expect(header).toMatchObject({
    clock: 'own',
    sampleNs: 1_001_001,
    weightUnit: 'ns',
    frequencyHz: 999,
    cpus: [0, 1],
    absent: [],
  });
  expect([header.startNs, header.endNs]).toEqual([9_500_000_000, 10_000_001_000 + 1_001_001]);
});

test('events that are no CPU time are left out and told, wherever they stand', async () => {
  const profile = await read(`a 1 [000] 1.0: page-faults: 
	10 touch+0x1 (/bin/a)

a 1 [000] 1.1: block:block_rq_issue: 8,0 W 4096 () 12 + 8 [a]
	10 issue+0x1 (/bin/a)

a 1 [000] 1.2:   250000 cycles:u: 
	10 work+0x1 (/bin/a)

a 1 [000] 1.3: instructions: 
	10 other+0x1 (/bin/a)

a 1 [000] 1.4: PERF_RECORD_LOST lost 17
a 1 [000] 1.4: PERF_RECORD_LOST: lost 25
`);
  expect(stacksOf(profile)).toEqual(['work(a)']);
  expect(profile.header).toMatchObject({ weightUnit: 'samples', sampleNs: null, lost: 42 });
  expect(profile.header.absent.map((line) => line.split(':')[0])).toEqual(['page-faults', 'block', 'instructions']);
});

test('lines of the scheduler become spans, with what was waited for and who woke it', async () => {
  const { spans, threads, samples, functions, stacks } =
    await read(`a b 5 [001] 2.0: sched:sched_switch: prev_comm=swapper/1 prev_pid=0 prev_prio=120 prev_state=R ==> next_comm=a b next_pid=5 next_prio=120
	ffffffff81 schedule+0x1 ([kernel.kallsyms])

a b 5 [001] 2.1: 1000000 cpu-clock: 
	10 work+0x1 (/bin/a)

w 6 [000] 2.4: sched:sched_waking: comm=c pid=7 prio=120 target_cpu=001
	ffffffff82 wake+0x1 ([kernel.kallsyms])

a b 5 [001] 2.5: sched:sched_switch: prev_comm=a b prev_pid=5 prev_prio=120 prev_state=S ==> next_comm=c next_pid=7 next_prio=120
	ffffffff81 futex_wait+0x1 ([kernel.kallsyms])

c 7 [001] 2.75: sched:sched_switch: prev_comm=c prev_pid=7 prev_prio=120 prev_state=R+ ==> next_comm=swapper/1 next_pid=0 next_prio=120
	ffffffff81 exit_loop+0x1 ([kernel.kallsyms])

`);
  expect(samples.timeNs.length).toBe(1);
  const name = (position: number) => threads.name[position];
  expect(
    Array.from(spans!.startNs, (start, i) => [
      start,
      spans!.endNs[i],
      name(spans!.thread[i]!),
      spans!.left[i],
      functions.name[stacks.function[spans!.stack[i]!]!],
    ]),
  ).toEqual([
    [2e9, 2.5e9, 'a b', 2, 'futex_wait'],
    [2.5e9, 2.75e9, 'c', 1, 'exit_loop'],
  ]);
  expect(spans!.readyNs[0]).toBeNaN();
  expect([spans!.readyNs[1], name(spans!.waker[1]!)]).toEqual([2.4e9, 'w']);
});

test('a stay whose beginning was not told counts from its waking or from the first sample, and that is said', async () => {
  const sample = (thread: number, time: string) =>
    `a ${thread} [000] ${time}: 1000000 cpu-clock/freq=999/: \n\t10 f+0x1 (/a)\n\n`;
  const leave = (thread: number, time: string) =>
    `a ${thread} [000] ${time}:  sched:sched_switch: prev_comm=a prev_pid=${thread} prev_prio=120 prev_state=S ==> next_comm=swapper/0 next_pid=0 next_prio=120\n\n`;
  const wake = 'swapper 0 [000] 1.100: sched:sched_wakeup: comm=a pid=7 prio=120 target_cpu=000\n\n';
  const { spans, samples, header } = await read(
    [
      leave(7, '1.0'),
      wake,
      sample(7, '1.101'),
      leave(7, '1.2'),
      sample(8, '1.3'),
      leave(8, '1.5'),
      sample(7, '1.6'),
    ].join(''),
  );
  const ms = (ns: number) => Math.round(ns / 1e6);
  expect(Array.from(spans!.startNs, (start, i) => [ms(start), ms(spans!.endNs[i]!)])).toEqual([
    [1000, 1000],
    [1100, 1200],
    [1300, 1500],
    [1600, 1600],
  ]);
  expect(samples.timeNs.length).toBe(3);
  expect(header.absent).toEqual([expect.stringMatching(/^Switches: the kernel left out/)]);
});

/** Each switch takes off whom the one before put there, or none does. */
function switches(follow: boolean, period: string): string {
  const event = `# event : name = sched:sched_switch, , id = { 7 }, type = 2, size = 128, ${period}, inherit = 1\n`;
  const lines = Array.from({ length: 20 }, (_, i) => {
    const [from, to] = follow
      ? [5 + (i % 2), 6 - (i % 2)]
      : [5 + (i % 2), 5 + (i % 2)].map((each, k) => each + 2 * k * (i % 2));
    return `a ${from} [000] 1.${i + 10}: sched:sched_switch: prev_comm=a prev_pid=${from} prev_prio=120 prev_state=R ==> next_comm=a next_pid=${to} next_prio=120\n`;
  });
  return `${period === '' ? '' : event}${lines.join('\n')}\na 5 [000] 1.9: 1000000 cpu-clock: \n\t10 f+0x1 (/a)\n\n`;
}

test('scheduler events of which only some were recorded are no stays, and it is said; the header knows best', async () => {
  const each = '{ sample_period, sample_freq } = 1, sample_type = IP';
  const some = '{ sample_period, sample_freq } = 999, sample_type = IP, freq = 1';
  const words = expect.stringMatching(/^Scheduler events: only some of sched:sched_switch were recorded\. Give/);
  const toldOf = async (text: string) => {
    const { spans, header } = await read(text);
    return [spans !== null, ...header.absent];
  };
  expect(await toldOf(switches(false, ''))).toEqual([false, words]);
  expect(await toldOf(switches(true, some))).toEqual([false, words]);
  expect(await toldOf(switches(true, ''))).toEqual([true]);
  expect((await toldOf(switches(false, each)))[0]).toBe(true);
});

test('lines without stacks, with spaces for tabs, or that are none of perf are read or told', async () => {
  const profile = await read(`# perf version : 6.1.192
# cmdline : /usr/bin/perf record -a -F 99 -- sleep 1
# event : name = cpu-clock, , id = { 1 }, { sample_period, sample_freq } = 99, sample_type = IP, freq = 1, inherit = 1
WARNING: something
         sha1sum 12853 1.5: cpu-clock:ppp:      559025948f16 sha1_process+0x5 (/usr/bin/sha1sum)
cafe 9 1.6: cpu-clock: 
    10 main+0x1 (/bin/cafe)
`);
  expect(stacksOf(profile)).toEqual(['sha1_process(sha1sum)', 'main(cafe)']);
  expect(profile.header).toMatchObject({ tool: 'perf 6.1.192', scope: 'system', frequencyHz: 99 });
  expect(profile.header.absent).toEqual([
    '1 lines: they are none of perf script; the first is line 4, "WARNING: something"',
  ]);
});

test('a text that is cut off keeps its whole samples and says so', async () => {
  const { samples, header } = await read(USUAL.slice(0, USUAL.indexOf('(/usr/bin/node')));
  expect(samples.timeNs.length).toBe(1);
  expect(header.absent).toEqual(['the end: the text stops in the middle of a sample']);
});

test('a text without samples is refused with the reason', async () => {
  await expect(read('a 1 [000] 1.0: sched:sched_migrate_task: x\n')).rejects.toThrow(
    /holds no samples \(sched:sched_migrate_task: 1/,
  );
});
