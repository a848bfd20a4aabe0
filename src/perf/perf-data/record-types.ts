// Numbers of the records of a perf.data, as include/uapi/linux/perf_event.h and tools/perf/Documentation/perf.data-file-format.txt have them.

/** Of the kernel, and from 64 on of perf itself. */
export const RECORD = {
  mmap: 1,
  lost: 2,
  comm: 3,
  exit: 4,
  throttle: 5,
  fork: 7,
  sample: 9,
  mmap2: 10,
  lostSamples: 13,
  switched: 14,
  switchedCpuWide: 15,
  kernelSymbol: 17,
  headerAttr: 64,
  tracingData: 66,
  buildId: 67,
  finishedRound: 68,
  auxTrace: 71,
  eventUpdate: 78,
  headerFeature: 80,
  compressed: 81,
  compressedAligned: 83,
} as const;

/** Records below are the kernel's: they may end in the fields that `sample_id_all` adds. */
export const FIRST_OF_PERF = 64;

/** Bits of `misc` in a record's head. */
export const MISC = {
  modeMask: 7,
  userMode: 2,
  /** MMAP: not code. */
  data: 1 << 13,
  /** COMM: by exec. */
  exec: 1 << 13,
  /** FORK: made up by perf for a thread that was there before it. */
  madeUp: 1 << 13,
  /** SWITCH: from the CPU, not onto it. */
  out: 1 << 13,
  preempted: 1 << 14,
  /** MMAP2: a build id stands in place of the inode. */
  buildId: 1 << 14,
} as const;

/** Bits of `sample_type`. */
export const SAMPLE = {
  ip: 1 << 0,
  tid: 1 << 1,
  time: 1 << 2,
  address: 1 << 3,
  read: 1 << 4,
  callchain: 1 << 5,
  id: 1 << 6,
  cpu: 1 << 7,
  period: 1 << 8,
  streamId: 1 << 9,
  raw: 1 << 10,
  branchStack: 1 << 11,
  userStack: 1 << 13,
  identifier: 1 << 16,
} as const;
