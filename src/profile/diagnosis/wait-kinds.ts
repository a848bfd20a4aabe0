// What a thread waits for, told from the functions on the stack with which it left its CPU: names of Linux, glibc and C++'s library.

import type { Profile } from '#core/profile';

export const WAIT_KINDS = [
  'queue',
  'lock',
  'futex',
  'thread',
  'input',
  'pipe',
  'network',
  'output',
  'memory',
  'timer',
  'event',
  'child',
  'unknown',
] as const;
export type WaitKind = (typeof WAIT_KINDS)[number];

/** As sentences have it: "waited for …". */
export const WAIT_WORDS: Readonly<Record<WaitKind, string>> = {
  queue: 'work or a free place in a queue',
  lock: 'a lock',
  futex: 'a lock or a queue (a futex)',
  thread: 'another thread to end',
  input: 'input from a file or disk',
  pipe: 'a pipe',
  network: 'a socket',
  output: 'output to be written',
  memory: 'memory',
  timer: 'time to pass',
  event: 'an event (poll)',
  child: 'a child process',
  unknown: 'something that its stack does not tell',
};

/** The first that any function of the stack meets, so what says more comes first: a condition variable is a futex too. */
const KNOWN: readonly (readonly [WaitKind, RegExp])[] = [
  [
    'queue',
    /^(__)?pthread_cond_(timed|clock)?wait|^pthread_cond_wait|futex_abstimed_wait|^sem_(timed|clock)?wait|^__new_sem_wait|condition_variable.*wait|^g_cond_wait|^SDL_CondWait/,
  ],
  ['thread', /^(__)?pthread_(timed|clock)?join|^__pthread_clockjoin/],
  [
    'lock',
    /^_{0,4}(GI_)?_{0,4}pthread_(mutex_(timed|clock)?lock|rwlock_\w+lock|spin_lock)|^(__)?lll_(lock|mutex_lock)|^futex_lock_pi|^rwsem_|^mutex_lock|^__mutex_lock|^down_(read|write)/,
  ],
  ['pipe', /^pipe_(read|write)|^anon_pipe_(read|write)|^fifo_/],
  [
    'network',
    /^(sk_wait|tcp_(recv|send)|udpv?6?_recv|unix_(stream|dgram)_|inet_csk_accept|sock_(recv|send)|__skb_wait)/,
  ],
  ['timer', /nanosleep|^hrtimer_nanosleep|^usleep|^do_nanosleep|^schedule_hrtimeout_range_clock$/],
  ['child', /^do_wait$|^kernel_wait|^__x64_sys_wait|^waitpid|^wait4/],
  ['memory', /^(handle_mm_fault|do_swap_page|__alloc_pages|try_to_free_pages|mem_cgroup_handle_over_high)/],
  [
    'output',
    /^(balance_dirty_pages|ext4_sync_file|xfs_file_fsync|vfs_fsync|do_fsync|jbd2_|file_write_and_wait|f?sync$|fdatasync)/,
  ],
  [
    'input',
    /^(io_schedule|filemap_|folio_wait|__folio_lock|wait_on_page|blk_|submit_bio_wait|page_cache_|ondemand_readahead|generic_file_read|ext4_file_read|vfs_read|ksys_read|__x64_sys_p?read|pread|preadv|f?read$|__libc_read|tty_read|n_tty_read|read_events)/,
  ],
  ['event', /(^|_)(epoll|poll|p?select)(_|$)|^do_(sys_)?poll|^ep_poll/],
];
/** With nothing else to be seen, as with a libc without symbols: a lock or a queue. */
const FUTEX = /^(do_)?futex|^__(x64|arm64)_sys_futex/;

/** One for each stack that is asked for; remembered. */
export class WaitKinds {
  readonly #profile: Profile;
  readonly #known = new Map<number, WaitKind>();
  /** By function: position in KNOWN, -1 for none, -2 not looked at yet. */
  readonly #rules: Int8Array;

  constructor(profile: Profile) {
    this.#profile = profile;
    this.#rules = new Int8Array(profile.functions.name.length).fill(-2);
  }

  /** @param stack a node, -1 for none */
  of(stack: number): WaitKind {
    if (stack < 0) return 'unknown';
    const known = this.#known.get(stack);
    if (known !== undefined) return known;
    const { stacks, functions } = this.#profile;
    let best: number = KNOWN.length;
    let futex = false;
    for (let node = stack; node >= 0; node = stacks.parent[node]!) {
      const position = stacks.function[node]!;
      const rule = this.#ruleOf(position);
      if (rule >= 0 && rule < best) best = rule;
      futex ||= FUTEX.test(functions.name[position]!);
    }
    const kind = KNOWN[best]?.[0] ?? (futex ? 'futex' : 'unknown');
    this.#known.set(stack, kind);
    return kind;
  }

  #ruleOf(position: number): number {
    if (this.#rules[position] === -2) {
      // `pthread_cond_wait@@GLIBC_2.3.2`, `__GI___lll_lock_wait`
      const name = this.#profile.functions.name[position]!.replace(/@.*$/, '').replace(/^__GI_+/, '');
      this.#rules[position] = KNOWN.findIndex(([, pattern]) => pattern.test(name));
    }
    return this.#rules[position]!;
  }
}
