// Sources as they come: each becomes a title with every one of its frames, or is refused with a reason.

import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runChild } from '#system/child-process';
import { temporaryFolder } from '../cli/run-cli.ts';
import { decodePublished, openTestTitles, requestOf, tinyLadder, type TestTitles } from './title-fixture.ts';

const folder = temporaryFolder();
const ladder = tinyLadder(folder);
let all: TestTitles;
beforeAll(async () => {
  all = await openTestTitles(join(folder, 'lab'));
});
afterAll(() => all.close());

async function make(name: string, args: readonly string[]): Promise<string> {
  const path = join(folder, name);
  const { code, stderr } = await runChild('ffmpeg', ['-nostdin', '-y', '-v', 'error', ...args, path]);
  if (code !== 0) throw new Error(`ffmpeg: ${stderr}`);
  return path;
}

const picture = (size: string, seconds: number | string, filters = 'null') =>
  `-f lavfi -i testsrc2=size=${size}:rate=24:duration=${seconds},${filters}`.split(' ');
const h264 = (format = 'yuv420p') => ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '2', '-pix_fmt', format];
const X264 = h264();

interface Odd {
  readonly what: string;
  readonly file: string;
  readonly args: readonly string[];
  /** How it is written again without being encoded again. */
  readonly copied?: readonly string[];
  readonly made: { readonly width: number; readonly height: number; readonly frames: number };
}

const ODD: readonly Odd[] = [
  {
    what: 'one frame',
    file: '1.mp4',
    args: [...picture('160x90', 1), '-frames:v', '1', ...X264],
    made: at(160, 90, 1),
  },
  {
    what: 'two frames',
    file: '2.mkv',
    args: [...picture('160x90', 1), '-frames:v', '2', ...X264],
    made: at(160, 90, 2),
  },
  { what: 'a tenth of a second', file: '3.mp4', args: [...picture('160x90', 0.1), ...X264], made: at(160, 90, 3) },
  {
    what: 'odd width and height',
    file: '4.mkv',
    args: [...picture('321x181', 1), ...h264('yuv444p')],
    made: at(160, 90, 24),
  },
  { what: 'ten bits', file: '5.mp4', args: [...picture('160x90', 1), ...h264('yuv420p10le')], made: at(160, 90, 24) },
  { what: 'full chroma', file: '6.mp4', args: [...picture('160x90', 1), ...h264('yuv444p')], made: at(160, 90, 24) },
  {
    what: 'a turned picture',
    file: '7.mp4',
    args: [...picture('320x180', 1), ...X264],
    copied: ['-metadata:s:v', 'rotate=90'],
    made: at(90, 160, 24),
  },
  {
    what: 'samples that are not square',
    file: '8.mp4',
    args: [...picture('160x180', 1, 'setsar=2'), ...X264],
    made: at(160, 90, 24),
  },
  {
    what: 'a rate that changes',
    file: '9.mkv',
    args: [...picture('160x90', 2, "select='lt(n,24)+not(mod(n,3))'"), '-vsync', 'vfr', ...X264],
    made: at(160, 90, 32),
  },
  {
    what: 'a time that begins late',
    file: '10.ts',
    args: [...picture('160x90', 1), ...X264, '-output_ts_offset', '95440'],
    made: at(160, 90, 24),
  },
  { what: 'no times of its own', file: '12.h264', args: [...picture('160x90', 1), ...X264], made: at(160, 90, 24) },
];

function at(width: number, height: number, frames: number) {
  return { width, height, frames };
}

test.each(ODD)('a source with $what becomes a title with all of its frames', async ({ file, args, copied, made }) => {
  const encoded = await make(file, args);
  const path = copied === undefined ? encoded : await make(`copied-${file}`, ['-i', encoded, '-c', 'copy', ...copied]);
  const id = await all.add(path, ladder);
  const summary = await all.work(id);
  expect(summary.outcome, summary.reason ?? '').toBe('done');
  expect(summary.renditions).toMatchObject([{ codec: 'h264', ...made }]);
  expect(await decodePublished(summary)).toEqual(made);
});

test('what is no video, or not a whole one, is refused with a sentence, at once and without a trace of a stack', async () => {
  const whole = await make('whole.mp4', [...picture('160x90', 2), ...X264]);
  const cut = join(folder, 'cut.mp4');
  writeFileSync(cut, readFileSync(whole).subarray(0, statSync(whole).size - 2_000));
  const empty = join(folder, 'empty.mp4');
  writeFileSync(empty, '');
  const text = join(folder, 'text.mkv');
  writeFileSync(text, 'dear diary\n'.repeat(1_000));
  const zeros = join(folder, 'zeros.mp4');
  writeFileSync(zeros, new Uint8Array(100_000));
  const sound = await make('sound.mp4', ['-f', 'lavfi', '-i', 'sine=duration=1', '-c:a', 'aac']);
  const picture1 = await make('picture.png', [...picture('160x90', 1), '-frames:v', '1']);
  const reasons: Record<string, string | null> = {};
  for (const source of [cut, empty, text, zeros, sound, picture1]) {
    const id = await all.add(source, ladder);
    const summary = await all.work(id);
    expect((await all.titles.queue.attempts(id)).length, source).toBe(1);
    reasons[source.slice(folder.length + 1)] =
      summary.outcome === 'failed' ? summary.reason!.split('\n', 1)[0]!.replaceAll(folder, '') : summary.outcome;
  }
  expect(reasons).toMatchInlineSnapshot(`
    {
      "cut.mp4": "inspect: /cut.mp4: it is truncated: its index (the moov box) is missing",
      "empty.mp4": "inspect: /empty.mp4: the file is empty",
      "picture.png": "inspect: /picture.png: it is a still picture and not a video",
      "sound.mp4": "inspect: /sound.mp4: it holds no video stream, only sound",
      "text.mkv": "inspect: /text.mkv: it is not a video: no known container or codec was found in it",
      "zeros.mp4": "inspect: /zeros.mp4: it is not a video: no known container or codec was found in it",
    }
  `);
});

test('a source that was cut off is refused with what is lost, and made of what is left where that is accepted', async () => {
  const source = await make('torn.mkv', [...picture('160x90', 4), ...X264]);
  truncateSync(source, Math.floor(statSync(source).size / 2));
  const refused = await all.work(await all.add(source, ladder));
  expect(refused).toMatchObject({ outcome: 'failed' });
  expect(refused.reason).toContain('it declares 4.00 s');
  expect(refused.reason).toContain('--accept truncated');
  const { error } = (await all.titles.queue.item(refused.title, 'inspect'))!;
  const fault = /--accept (\S+)/.exec(error!)![1];
  expect(fault).toBe('truncated');
  // It asks for something else than the title that was refused.
  expect(await all.titles.findSame(await requestOf(source, ladder, { accept: ['truncated'] }))).toBe(null);
  const accepted = await all.work(await all.add(source, ladder, { accept: ['truncated'] }));
  expect(accepted.outcome, accepted.reason ?? '').toBe('done');
  const { frames } = await decodePublished(accepted);
  expect(frames).toBe(accepted.renditions[0]!.frames);
  expect(frames).toBeGreaterThan(24);
  expect(frames).toBeLessThan(72);
});
