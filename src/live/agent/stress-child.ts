// One load: `cpu SHARE` keeps a core busy for that share of the time, `memory BYTES` holds and touches memory. It ends with
// the agent: by the kernel where that can be arranged, and in any case when standard input closes.

const [kind, amount] = process.argv.slice(2);
/** Work and rest alternate so quickly that an average over 100 ms sees the share. */
const SLICE_MS = 20;
const CHUNK_BYTES = 64 * 1024 * 1024;

process.stdin
  .on('end', () => process.exit(0))
  .on('error', () => process.exit(0))
  .resume();

if (kind === 'cpu') burn(Number(amount));
else hold(Number(amount));

function burn(share: number): void {
  const end = performance.now() + SLICE_MS * share;
  while (performance.now() < end);
  // Through the event loop, so that the end of standard input is seen.
  if (share >= 1) setImmediate(burn, share);
  else setTimeout(burn, SLICE_MS * (1 - share), share);
}

/** Filled with what does not compress: a page of zeros need not exist at all. */
function hold(bytes: number): void {
  const held: Buffer[] = [];
  const more = (left: number) => {
    const chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, left));
    for (let at = 0; at + 4 <= chunk.length; at += 4) chunk.writeUInt32LE((Math.random() * 2 ** 32) >>> 0, at);
    held.push(chunk);
    if (left > chunk.length) setImmediate(more, left - chunk.length);
    // Keeps the process, and with it what it holds.
    else setInterval(() => held.length, 60_000);
  };
  more(bytes);
}
