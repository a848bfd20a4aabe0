// Titles made in this process, with quick retries; and what became of them, read by Debian's ffprobe.

import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TitleSummary } from '#core/title';
import { openQueue } from '#farm/queue/open-queue';
import { openLab } from '#lab/lab';
import { fileIdentity } from '#media/inspect-cache';
import { aloneOnTitle } from '#pipeline/alone-on-title';
import { readLadder } from '#pipeline/ladder';
import type { TitleRequest } from '#pipeline/title-request';
import { NEW_TITLE_PRIORITY, Titles } from '#pipeline/titles';
import { workOnTitles, type WorkOptions } from '#pipeline/work-on-titles';
import { runChild } from '#system/child-process';

/** One quick rung and no sound; @returns the file's path */
export function tinyLadder(folder: string, engine = 'bundled', more = ''): string {
  const path = join(folder, `tiny-${engine.replaceAll(/\W/g, '')}${more.length}.yaml`);
  writeFileSync(
    path,
    `name: tiny
gop: 1s
rungs:
  - {engine: ${JSON.stringify(engine)}, encoder: libx264, resolution: 160x90, preset: ultrafast, crf: 30${more}}
audio: []
`,
  );
  return path;
}

type MoreRequested = Partial<Pick<TitleRequest, 'accept' | 'out' | 'chunkS'>>;

export interface TestTitles {
  readonly titles: Titles;
  add(source: string, ladder: string, more?: MoreRequested): Promise<string>;
  /** Works on it to its end; one that has failed is tried again. @throws what the command would say */
  work(id: string, more?: Partial<WorkOptions>): Promise<TitleSummary>;
  close(): Promise<void>;
}

export async function openTestTitles(path: string): Promise<TestTitles> {
  const lab = await openLab(path);
  const rules = { maxFailures: 2, retryBaseMs: 50, retryCapMs: 100 };
  const titles = new Titles(lab, await openQueue(join(lab.path, 'queue.sqlite'), { rules }));
  const never = new AbortController().signal;
  return {
    titles,
    async add(source, ladder, more = {}) {
      return titles.add({
        name: 'test',
        request: await requestOf(source, ladder, more),
        priority: NEW_TITLE_PRIORITY,
        deadline: null,
        campaign: null,
      });
    },
    async work(id, more = {}) {
      await titles.queue.retryFailed(id);
      const heard = { onNote: () => undefined, onEvent: () => undefined };
      const work = () =>
        workOnTitles({ titles, title: id, drain: never, stop: never, version: 'test', ...heard, ...more });
      await aloneOnTitle(titles, id, { work, signal: never, onWait: () => undefined });
      return titles.summary(id);
    },
    async close() {
      await titles.close();
      await lab.close();
    },
  };
}

/** As `encode --chunk 1s` asks for it. */
export async function requestOf(source: string, ladder: string, more: MoreRequested = {}): Promise<TitleRequest> {
  const identity = await fileIdentity(source);
  const wanted = await readLadder(ladder);
  return { version: 1, source, identity, ladder: wanted, chunkS: 1, out: null, accept: [], ...more };
}

export interface DecodedVideo {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
}

/** Decodes what was published from its DASH manifest, to the last frame of its first video. */
export async function decodePublished({ manifests }: TitleSummary): Promise<DecodedVideo> {
  const { dash } = manifests!;
  const asked = 'stream=width,height,nb_read_frames';
  const { stdout, stderr, code } = await runChild(
    'ffprobe',
    ['-v', 'error', '-count_frames', '-select_streams', 'v:0', '-show_entries', asked, '-of', 'json', dash],
    { cwd: dirname(dash) },
  );
  if (code !== 0 || stderr !== '') throw new Error(`ffprobe: ${stderr}`);
  const [stream] = (JSON.parse(stdout) as { streams: Record<string, unknown>[] }).streams;
  return {
    width: Number(stream!['width']),
    height: Number(stream!['height']),
    frames: Number(stream!['nb_read_frames']),
  };
}
