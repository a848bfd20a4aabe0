import { expect, test } from 'vitest';
import { plantedProfile } from '../../../test/profile/planted-profile.ts';
import { WaitKinds } from './wait-kinds.ts';

/** The kind of a stack whose functions are given from the innermost to the outermost. */
function kindOf(...waitsIn: string[]): string {
  const thread = { process: 'p', name: 't', turns: () => [5, 5] as const, waitsIn, runs: () => 'f' };
  const profile = plantedProfile({ seed: 1, cpus: 1, seconds: 0.3, hertz: 999, threads: [thread], spans: true });
  const row = profile.spans!.stack.findIndex((stack) => stack >= 0);
  return new WaitKinds(profile).of(profile.spans!.stack[row]!);
}

test('a stack tells what its thread waits for, the most telling function first', () => {
  const futex = ['schedule', 'futex_wait_queue', 'do_futex', '__x64_sys_futex'];
  expect(kindOf(...futex)).toBe('futex');
  expect(kindOf(...futex, 'pthread_cond_wait@@GLIBC_2.3.2', 'x264_threadpool_wait')).toBe('queue');
  expect(kindOf(...futex, '__futex_abstimed_wait_common')).toBe('queue');
  expect(kindOf(...futex, '__GI___lll_lock_wait', 'pthread_mutex_lock')).toBe('lock');
  expect(kindOf(...futex, '__pthread_clockjoin_ex')).toBe('thread');
  expect(kindOf('schedule', 'io_schedule', 'folio_wait_bit', 'filemap_read', 'ext4_file_read_iter', 'vfs_read')).toBe(
    'input',
  );
  expect(kindOf('schedule', 'pipe_read', 'vfs_read', '__x64_sys_read', 'read')).toBe('pipe');
  expect(kindOf('schedule', 'unix_stream_read_generic', 'sock_recvmsg', 'read')).toBe('network');
  expect(kindOf('schedule', 'do_nanosleep', 'hrtimer_nanosleep', 'clock_nanosleep')).toBe('timer');
  expect(kindOf('schedule', 'schedule_hrtimeout_range', 'do_sys_poll', '__x64_sys_poll')).toBe('event');
  expect(kindOf('schedule', 'ep_poll', 'do_epoll_wait')).toBe('event');
  expect(kindOf('schedule', 'do_wait', 'kernel_wait4')).toBe('child');
  expect(kindOf('schedule', 'something_new')).toBe('unknown');
});
