import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { PROTECTIONS } from '#core/title';
import { openLab, type Lab } from '#lab/lab';
import { licenceToken } from '#server/licences';
import { startServer, type RunningServer } from '#server/start-server';
import type * as PlaybackModule from '../../src/web/player/playback.ts';
import { publishSample, sampleTitle } from '../package/publish-sample.ts';
import { SAMPLE_FRAMES, SAMPLE_S, hasFfmpeg, sampleRenditions } from '../package/sample-renditions.ts';
import { hasChromium, openBrowser, type OpenedBrowser } from './open-page.ts';

/** What the page of the test has: both players, and the page-independent parts of ours. */
interface PlayerWindow {
  readonly shaka: { readonly polyfill: { installAll(): void }; readonly Player: new () => TestPlayer };
  readonly Hls: (new (config: object) => TestHls) & { readonly Events: Readonly<Record<string, string>> };
  readonly playback: typeof PlaybackModule;
  readonly watch: PlaybackModule.PlaybackWatch;
  player: TestPlayer;
  hls: TestHls;
  failure: Promise<number>;
}
interface TestPlayer extends PlaybackModule.ShakaPlayer {
  attach(video: HTMLVideoElement): Promise<void>;
  load(url: string): Promise<void>;
  addEventListener(name: string, listener: (event: { readonly detail: { readonly code: number } }) => void): void;
  getTextTracks(): { readonly language: string }[];
}
interface TestHls {
  currentLevel: number;
  loadSource(url: string): void;
  attachMedia(video: HTMLVideoElement): void;
  on(event: string | undefined, listener: (name: string, data: HlsData) => void): void;
}
interface HlsData {
  readonly levels: readonly { readonly height: number }[];
  readonly fatal: boolean;
  readonly details: string;
}

const RENDITIONS = ['v1-h264-180', 'v2-h264-720', 'a1-aac', 't1-en'];
const require = createRequire(import.meta.url);
const FILES: Readonly<Record<string, () => Promise<string>>> = {
  '/shaka.js': () => readFile(require.resolve('shaka-player/dist/shaka-player.compiled-es2021.js'), 'utf8'),
  '/hls.js': () => readFile(require.resolve('hls.js/dist/hls.min.js'), 'utf8'),
  '/playback.js': async () =>
    stripTypeScriptTypes(await readFile(new URL('../../src/web/player/playback.ts', import.meta.url), 'utf8')),
};
const PAGE = `<!doctype html><meta charset="utf-8"><title>player</title><link rel="icon" href="data:,">
<video width="640" height="360" muted playsinline></video>
<script src="/shaka.js"></script><script src="/hls.js"></script>
<script type="module">
import * as playback from '/playback.js';
const video = document.querySelector('video');
window.playback = playback;
window.watch = playback.watchPlayback(video);
window.ready = true;
</script>`;

let folder: string;
let lab: Lab;
let server: RunningServer;
let pages: Server;
let browser: OpenedBrowser;

beforeAll(async () => {
  if (!hasChromium || !hasFfmpeg) return;
  folder = await mkdtemp(join(tmpdir(), 'encodelab-player-'));
  lab = await openLab(join(folder, 'lab'));
  const inputs = await sampleRenditions(folder, RENDITIONS);
  for (const protection of PROTECTIONS) await publishSample(await sampleTitle(lab, inputs, protection));
  server = await startServer({ lab, port: 0 });
  // A page of another origin, as that of a user's own player is.
  pages = createServer((request, response) => void answer(request.url ?? '/', response));
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
  browser = await openBrowser();
});

async function answer(url: string, response: ServerResponse): Promise<void> {
  const file = FILES[url];
  const body = file === undefined ? PAGE : await file();
  response.setHeader('content-type', file === undefined ? 'text/html' : 'text/javascript');
  response.end(body);
}

afterAll(async () => {
  await browser?.close();
  await server?.close();
  pages?.close();
  await lab?.close();
  if (folder !== undefined) await rm(folder, { recursive: true });
});

async function open(): Promise<Page> {
  const { page } = await browser.open(`http://127.0.0.1:${(pages.address() as AddressInfo).port}/`);
  onTestFinished(() => page.close());
  await page.waitForFunction('window.ready');
  return page;
}

const address = (name: string) => `${server.address}/media/bunny-${name}`;

/** Loads a title by shaka-player; null, or the code of its error. */
async function load(
  page: Page,
  manifest: string,
  licence: { url: string; token: string } | null,
): Promise<number | null> {
  return await page.evaluate(
    async ([url, wanted, base]) => {
      const { shaka, playback } = window as unknown as PlayerWindow;
      shaka.polyfill.installAll();
      const player = new shaka.Player();
      (window as unknown as PlayerWindow).player = player;
      await player.attach(document.querySelector('video')!);
      playback.fetchWhatIsPlayed(player);
      if (wanted !== null) playback.useLicence(player, wanted, base);
      (window as unknown as PlayerWindow).failure = new Promise<number>((resolve) => {
        player.addEventListener('error', (event) => resolve(event.detail.code));
      });
      return await player.load(url).then(
        () => null,
        (error: { code: number }) => error.code,
      );
    },
    [manifest, licence, server.address] as const,
  );
}

/** For what a player does on a machine that has much else to do. */
const PATIENCE = { timeout: 30_000 };

/** Plays from a time on until frames up to another one are shown. */
async function playTo(page: Page, fromS: number, toS: number): Promise<void> {
  await page.evaluate((at) => {
    const video = document.querySelector('video')!;
    if (Math.abs(video.currentTime - at) > 0.01) video.currentTime = at;
    // Whoever switches rungs breaks a play off that has not begun: it is asked for again below.
    video.play().catch(() => undefined);
  }, fromS);
  await page.waitForFunction(
    ([from, end]) => {
      const video = document.querySelector('video')!;
      // A player that is changing rungs may lose a seek: whoever wanted it asks again.
      if (video.currentTime < from - 0.5 && !video.seeking) video.currentTime = from;
      if (video.paused && !video.ended) video.play().catch(() => undefined);
      return video.currentTime >= end || video.ended;
    },
    [fromS, toS] as const,
    PATIENCE,
  );
}

/** Waits until the picture has that height; one that plays to its end meanwhile begins again, as a person would have it. */
async function seePicture(page: Page, height: number): Promise<void> {
  await page.waitForFunction(
    (wanted) => {
      const video = document.querySelector('video')!;
      if (video.ended) video.currentTime = 0;
      if (video.paused) video.play().catch(() => undefined);
      return video.videoHeight === wanted;
    },
    height,
    PATIENCE,
  );
}

/** Loads a title by hls.js; heights of its levels. */
async function loadByHls(
  page: Page,
  manifest: string,
  licence: { url: string; token: string } | null,
): Promise<number[]> {
  return await page.evaluate(
    async ([url, wanted]) => {
      const { Hls } = window as unknown as PlayerWindow;
      const protectedBy = wanted && {
        emeEnabled: true,
        drmSystems: { 'org.w3.clearkey': { licenseUrl: wanted.url } },
        licenseXhrSetup: (xhr: XMLHttpRequest) => {
          xhr.setRequestHeader('authorization', `Bearer ${wanted.token}`);
          xhr.setRequestHeader('content-type', 'application/json');
        },
      };
      const hls = new Hls({ enableWorker: false, startLevel: 0, ...protectedBy });
      (window as unknown as PlayerWindow).hls = hls;
      hls.loadSource(url);
      hls.attachMedia(document.querySelector('video')!);
      return await new Promise<number[]>((resolve, reject) => {
        hls.on(Hls.Events.MANIFEST_PARSED, (_, data) => resolve(data.levels.map(({ height }) => height)));
        hls.on(Hls.Events.ERROR, (_, { fatal, details }) => fatal && reject(new Error(details)));
      });
    },
    [manifest, licence] as const,
  );
}

/** Plays both levels of hls.js over a seam each. */
async function playLevels(page: Page): Promise<void> {
  for (const [level, height, at] of [
    [0, 180, 1.8],
    [1, 720, 3.8],
  ] as const) {
    await page.evaluate((index) => ((window as unknown as PlayerWindow).hls.currentLevel = index), level);
    await playTo(page, at, at + 0.5);
    await seePicture(page, height);
  }
  expect((await figures(page)).frames).toBeGreaterThan(10);
}

const figures = (page: Page) => page.evaluate(() => (window as unknown as PlayerWindow).watch.figures());

const canPlay = hasChromium && hasFfmpeg;

describe.runIf(canPlay)('a published title', () => {
  test('plays to its end by shaka-player, from a page of another origin', async () => {
    const page = await open();
    expect(await load(page, `${address('none')}/manifest.mpd`, null)).toBeNull();
    await page.evaluate(() => {
      document.querySelector('video')!.playbackRate = 2;
    });
    await playTo(page, 0, SAMPLE_S - 0.05);
    const { frames, droppedFrames, stalls } = await figures(page);
    expect(frames).toBeGreaterThan(SAMPLE_FRAMES * 0.9);
    // How many are dropped, and that it stalls once, is a matter of the machine.
    expect(droppedFrames).toBeLessThan(frames);
    expect(stalls).toBeLessThan(3);
  });

  test('is seeked over the seams of segments and switched from rung to rung', async () => {
    const page = await open();
    expect(await load(page, `${address('none')}/manifest.mpd`, null)).toBeNull();
    const rungs = await page.evaluate(() =>
      (window as unknown as PlayerWindow).player.getVariantTracks().map(({ id, height }) => ({ id, height })),
    );
    expect(rungs.map(({ height }) => height).toSorted((a, b) => a! - b!)).toEqual([180, 720]);
    // The seek to the second rung comes while that one's initialization segment is on its way.
    const isInit = (request: Request) =>
      /h264.*\.mp4$/.test(request.url()) && (request.headers()['range'] ?? '').startsWith('bytes=0-');
    await page.route(/h264.*\.mp4$/, async (route) => {
      await sleep(100);
      await route.continue();
    });
    for (const [height, at] of [
      [720, 1.8],
      [180, 3.8],
      [720, 0.1],
    ] as const) {
      const asked = height === 180 ? page.waitForRequest(isInit, PATIENCE) : null;
      const id = rungs.find((rung) => rung.height === height)!.id;
      await page.evaluate(
        (one) =>
          (window as unknown as PlayerWindow).playback.chooseRung((window as unknown as PlayerWindow).player, one),
        id,
      );
      await asked;
      await playTo(page, at, at + 0.5);
      await seePicture(page, height);
    }
    expect((await figures(page)).frames).toBeGreaterThan(20);
  });

  test('has subtitles', async () => {
    const page = await open();
    expect(await load(page, `${address('none')}/manifest.mpd`, null)).toBeNull();
    const languages = await page.evaluate(() =>
      (window as unknown as PlayerWindow).player.getTextTracks().map(({ language }) => language),
    );
    expect(languages).toEqual(['en']);
  });

  test('plays by hls.js, with both rungs', async () => {
    const page = await open();
    expect(await loadByHls(page, `${address('none')}/master.m3u8`, null)).toEqual([180, 720]);
    await playLevels(page);
  });
});

describe.runIf(canPlay).each(['cenc', 'cbcs'] as const)('a title protected by %s', (scheme) => {
  const name = `bunny-${scheme}`;
  const licence = (token: string) => ({ url: `/licences/${name}`, token });

  test('plays with its licence, in both classes of keys', async () => {
    const page = await open();
    const token = licenceToken(server.token, name);
    expect(await load(page, `${address(scheme)}/manifest.mpd`, licence(token))).toBeNull();
    const rungs = await page.evaluate(() =>
      (window as unknown as PlayerWindow).player.getVariantTracks().map(({ id, height }) => ({ id, height })),
    );
    for (const [height, at] of [
      [180, 1.8],
      [720, 3.8],
    ] as const) {
      const id = rungs.find((rung) => rung.height === height)!.id;
      await page.evaluate(
        (one) =>
          (window as unknown as PlayerWindow).playback.chooseRung((window as unknown as PlayerWindow).player, one),
        id,
      );
      await playTo(page, at, at + 0.5);
      await seePicture(page, height);
    }
    expect((await figures(page)).frames).toBeGreaterThan(10);
  });

  test('plays by hls.js', async () => {
    const page = await open();
    const wanted = { url: `${server.address}/licences/${name}`, token: licenceToken(server.token, name) };
    expect(await loadByHls(page, `${address(scheme)}/master.m3u8`, wanted)).toEqual([180, 720]);
    await playLevels(page);
  });

  test.each([
    ['without a licence', null],
    ['with the token of another title', 'another'],
  ])('is refused %s', async (_, other) => {
    const page = await open();
    const wanted = other === null ? null : licence(licenceToken(server.token, other));
    const code = await load(page, `${address(scheme)}/manifest.mpd`, wanted);
    // 6xxx are the errors of protection; a licence may be asked for behind the loading.
    expect(String(code ?? (await page.evaluate(() => (window as unknown as PlayerWindow).failure)))).toMatch(
      /^6\d\d\d$/,
    );
    expect((await figures(page)).frames).toBe(0);
  });
});
