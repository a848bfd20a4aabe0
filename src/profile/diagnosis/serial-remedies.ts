// What helps where one thread works and the others wait.

export const SERIAL_REMEDIES = [
  'more threads for this stage, if it can use them (threads, slices, tiles, the parallel options of a filter)',
  'parallel chunks: encode pieces of the source at once, so that one piece’s serial part runs beside another’s parallel one',
  'more workers for each machine: other work fills the CPUs that this thread leaves idle',
];
