// The setting `threads` for encoders that do not take FFmpeg's thread count for their own threads.

/** The parameter that holds a list of names and values, and the name in it that limits the threads. */
const OWN_LISTS: Readonly<Record<string, { readonly list: string; readonly name: string; readonly others: RegExp }>> = {
  // Not a count but SVT-AV1's level of parallelism: 1 is one core, the others are as many at the most.
  libsvtav1: { list: 'svtav1-params', name: 'lp', others: /(^|:)(lp|pin|ss)=/ },
  // FFmpeg hands its count to x265's frame threads only; the pool would still take every core.
  libx265: { list: 'x265-params', name: 'pools', others: /(^|:)(pools|numa-pools|threads)=/ },
};

/** The options with the threads in the encoder's own list, unless the list says something of its own about them. */
export function withThreads(
  encoder: string,
  threads: number | null,
  options: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const own = OWN_LISTS[encoder];
  if (own === undefined || threads === null) return options;
  const said = options[own.list];
  if (said !== undefined && own.others.test(said)) return options;
  const limit = `${own.name}=${threads}`;
  return { ...options, [own.list]: said === undefined || said === '' ? limit : `${said}:${limit}` };
}
