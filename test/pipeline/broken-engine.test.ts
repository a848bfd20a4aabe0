// Encoders that hang, crash, lose frames or write nothing: tried again, set aside with their log, and good once mended.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, temporaryFolder } from '../cli/run-cli.ts';
import { makeSource } from './made-source.ts';
import { decodePublished, openTestTitles, tinyLadder, type TestTitles } from './title-fixture.ts';

const folder = temporaryFolder();
const lab = join(folder, 'lab');
/** Far more than an encode of a second takes to begin, and far less than a test may take. */
const STALL_MS = 2_000;
const FRAMES = 24;
let source = '';
let all: TestTitles;

beforeAll(async () => {
  source = await makeSource(folder, 'source.mp4', { seconds: FRAMES / 24, size: '160x90', audio: false });
  all = await openTestTitles(lab);
});
afterAll(() => all.close());

const path = join(folder, 'engine');

/**
 * What the engine does to encode a chunk. It does so from a file beside it: the engine itself is the same for all, and is asked
 * what it can do once.
 * @param build of the engine itself; the one that is there by default
 */
function engine(encode: string, build?: string): void {
  writeFileSync(`${path}.encode`, `${encode}\n`);
  if (build === undefined) return;
  // Everything but the encode of a chunk goes to the real one: it is asked what it is, and tried.
  const others = `case "$*" in *filter_complex_threads*) ;; *) exec ffmpeg "$@";; esac`;
  const output = `for each; do case "$each" in file:*.mp4) out="$each";; esac; done`;
  writeFileSync(path, `#!/bin/bash\n# ${build}\n${others}\n${output}\n. "$0.encode"\n`, { mode: 0o755 });
}

const BROKEN: readonly (readonly [what: string, encode: string, reason: RegExp])[] = [
  ['hangs', 'echo thinking >&2; exec sleep 600', /no progress for 2 s[^]*thinking/],
  ['crashes', 'echo "out of luck" >&2; kill -SEGV $$', /SIGSEGV[^]*out of luck/],
  [
    'loses frames',
    'args=(); for each; do [ "$each" = "$out" ] && args+=(-frames:v 5); args+=("$each"); done; exec ffmpeg "${args[@]}"',
    /frames came where frames 0 to 23 are 24|are refused/,
  ],
  ['writes an empty file', 'ffmpeg "$@" && : > "${out#file:}"', /are refused/],
  ['writes half of a file', 'ffmpeg "$@" && truncate -s 3000 "${out#file:}"', /are refused/],
  ['writes no file', 'ffmpeg "$@" && rm "${out#file:}"', /no such file|ENOENT|is not there/i],
];

test.each(BROKEN)(
  'an encoder that %s is tried again and set aside, and the title is finished when it is mended',
  async (what, encode, reason) => {
    engine(encode, what === 'hangs' ? 'as it was' : undefined);
    const id = await all.add(source, tinyLadder(folder, path));
    const failed = await all.work(id, { stallMs: STALL_MS });
    expect(failed.outcome).toBe('failed');
    const items = await all.titles.queue.items(id, { state: 'failed' });
    expect(items).toMatchObject([{ kind: 'encode', failures: 2, error: expect.stringMatching(reason) }]);
    expect(failed.reason).toContain(items[0]!.error!.split('\n')[0]);

    // What is mended may be another build of it.
    engine('exec ffmpeg "$@"', what === 'hangs' ? 'mended' : undefined);
    const retried = await cli('titles', 'retry', id, '--lab', lab);
    expect(retried.code, retried.stderr).toBe(0);
    const made = await all.work(id);
    expect(made.outcome, made.reason ?? '').toBe('done');
    expect(await decodePublished(made)).toEqual({ width: 160, height: 90, frames: FRAMES });
  },
);
