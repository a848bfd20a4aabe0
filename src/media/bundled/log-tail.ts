// The end of a child's log as a person can read it: a damaged source makes FFmpeg say the same hundreds of times.

/** Kept of a log. */
const MAX_LINES = 12;

/**
 * The last lines of a log. Lines in a row that differ only in numbers (positions of damaged blocks, addresses) are told
 * once, as the last of them reads, with their count.
 */
export function shortLogTail(log: string): string {
  const told: { line: string; kind: string; times: number }[] = [];
  for (const line of log.split(/[\r\n]+/)) {
    if (line.trim() === '') continue;
    const kind = line.replace(/0x[0-9a-f]+|\d+/gi, '0');
    const last = told.at(-1);
    if (last?.kind === kind) {
      last.line = line;
      last.times++;
    } else told.push({ line, kind, times: 1 });
  }
  return told
    .slice(-MAX_LINES)
    .map(({ line, times }) => (times === 1 ? line : `${line} (${times} times)`))
    .join('\n')
    .trim();
}
