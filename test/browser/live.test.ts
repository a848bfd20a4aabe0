import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLab, type Lab } from '#lab/lab';
import { startLocalAgents, type LocalAgents } from '#live/local-agents';
import { perfRights } from '#perf/record/perf-rights';
import { unpackProfile } from '#profile/pack';
import { startServer, type RunningServer } from '#server/start-server';
import { buildPage } from './build-page.ts';
import { hasChromium, openBrowser, openPage, type OpenedBrowser } from './open-page.ts';

/** A session of real processes takes its time on a busy machine. */
const SLOW_MS = 120_000;
const { scope } = await perfRights();
const ROLES = ['guest', 'server', 'client'];

let folder: string;
let lab: Lab;
let server: RunningServer;
let agents: LocalAgents;
let browser: OpenedBrowser;

beforeAll(async () => {
  if (!hasChromium) return;
  folder = await mkdtemp(join(tmpdir(), 'encodelab-live-'));
  lab = await openLab(folder);
  server = await startServer({ lab, port: 0, webRoot: buildPage(), live: { lab, version: '0.0.0' } });
  agents = startLocalAgents({ collector: server.address, token: server.token, roles: ROLES });
  browser = await openBrowser();
}, SLOW_MS);

afterAll(async () => {
  if (!hasChromium) return;
  await browser.close();
  await agents.close();
  await server.close();
  await lab.close();
  await rm(folder, { recursive: true });
}, SLOW_MS);

const open = async (path: string) => {
  const page = await openPage(browser, server, path);
  page.setDefaultTimeout(SLOW_MS / 2);
  return page;
};
/** What a stream of rows brings comes when it comes. */
const soon = <T>(read: () => Promise<T>) => expect.poll(read, { timeout: SLOW_MS / 2, interval: 100 });
const chart = (page: Page, title: string) => page.locator(`[data-chart="${title}"]`);
const setting = (page: Page, name: string) => page.locator(`tr[data-setting="${name}"]`);

test.runIf(hasChromium)(
  'a session is started on the page, and the picture, the parts and the values in force come to it',
  { timeout: SLOW_MS },
  async () => {
    const page = await open('/live');
    await soon(() => page.locator('.agents li[data-state="there"]').count()).toBe(3);
    await page.getByLabel('value of source').fill('lavfi:testsrc2=s=320x240:r=30');
    await page.getByLabel('value of framerate').fill('30');
    await page.getByLabel('value of bitrate').fill('1M');
    await page.getByRole('button', { name: 'Start' }).click();
    await soon(() => page.locator('.parts li[data-state="running"]').count()).toBe(3);
    await page.locator('.client-picture canvas').waitFor();
    await soon(() => setting(page, 'resolution').innerText()).toContain('320x240');

    await page.getByLabel('value of bitrate').fill('2M');
    await soon(() => setting(page, 'bitrate').innerText()).toContain('live');
    await page.getByRole('button', { name: 'Go (1)' }).click();
    await soon(() => page.locator('.changes').innerText()).toContain('bitrate=2M');

    // A change that takes long keeps nobody from another one, or from the end.
    const asked: unknown[] = [];
    await page.route('**/api/v1/live/control', (route) => void asked.push(route.request().postDataJSON()));
    for (const [name, value] of [
      ['bitrate', '3M'],
      ['gop', '60'],
    ] as const) {
      await page.getByLabel(`value of ${name}`).fill(value);
      await page.getByRole('button', { name: 'Go (1)' }).click();
    }
    await soon(async () => asked.length).toBe(2);
    expect(asked).toMatchObject([{ changes: { bitrate: '3M' } }, { changes: { gop: expect.anything() } }]);
    for (const name of ['Reset', 'Stop'])
      expect(await page.getByRole('button', { name, exact: true }).isEnabled(), name).toBe(true);
  },
);

test.runIf(hasChromium)(
  'keys go from tab to tab, a marker stands on the charts, and the table has the values of a chart',
  { timeout: SLOW_MS },
  async () => {
    const page = await open('/live?tab=system');
    await chart(page, 'CPU').waitFor();
    await page.keyboard.press('7');
    await chart(page, 'Frame rate').waitFor();
    expect(new URL(page.url()).search).toBe('?tab=frame-rate');
    const presented = chart(page, 'Frame rate').locator('.live-legend button', { hasText: 'presented' });
    await soon(() => presented.innerText()).toMatch(/\d frame\/s/);
    await chart(page, 'Frame rate').getByRole('button', { name: 'table' }).click();
    const row = chart(page, 'Frame rate').locator('tbody tr:not(.spacer)').first();
    await soon(() => row.innerText()).toMatch(/^\d\d:\d\d:\d\d\.\d{3}\s/);
    await page.keyboard.press('m');
    await page.keyboard.press('1');
    await page.locator('.feed li[data-marker]', { hasText: 'marker 1' }).waitFor();
    await page.keyboard.press(' ');
    await page.getByRole('button', { name: 'Go on' }).waitFor();
  },
);

test.runIf(hasChromium)('a chart of one’s own is saved in the lab and comes back', { timeout: SLOW_MS }, async () => {
  const page = await open('/live?tab=mine');
  await page.getByRole('button', { name: '+ Chart' }).click();
  await page.getByLabel('Filter of series').fill('client cpu.busy');
  await page.getByLabel('client cpu.busy core', { exact: true }).check();
  await page.getByLabel('Title').fill('Client');
  await page.getByLabel('Name').fill('my layout');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('saved as my layout').waitFor();
  await page.reload();
  await chart(page, 'Client').waitFor();
  await soon(() => chart(page, 'Client').locator('.live-legend').innerText()).toMatch(/client cpu\.busy\s+\d/);
});

test.runIf(hasChromium)(
  'a recording is made on the page, and replayed in the same tabs',
  { timeout: SLOW_MS },
  async () => {
    const page = await open('/live');
    await page.getByLabel('Seconds').fill('2');
    for (const metric of ['SSIM', 'XPSNR']) await page.getByRole('button', { name: `✓ ${metric}` }).click();
    await page.getByRole('button', { name: '● Record' }).click();
    await page.locator('.recording').waitFor();
    await page.getByRole('link', { name: 'replay' }).waitFor();
    await soon(() => page.locator('.record').innerText()).toContain(': ok');
    await page.getByRole('link', { name: 'replay' }).click();
    await page.getByRole('heading', { name: 'Replay' }).waitFor();
    const centre = page.locator('.control-centre');
    await soon(() => centre.innerText()).toMatch(/latency p50\s+\d/);
    expect(await centre.innerText()).toContain('The picture is not kept in a recording');
    await page.keyboard.press('8');
    const latency = chart(page, 'End-to-end latency').locator('.live-legend');
    await soon(() => latency.innerText()).toMatch(/end to end\s+\d/);
    await page.keyboard.press('2');
    await soon(() => chart(page, 'CPU').locator('.live-legend').innerText()).toMatch(/\d core/);
  },
);

test.runIf(hasChromium && scope !== 'none')(
  'a profile begins with a button, its heatmap has busy CPUs, and the run that is recorded keeps it',
  { timeout: SLOW_MS },
  async () => {
    const page = await open('/live');
    await page.getByRole('button', { name: 'Profile', exact: true }).click();
    await page.getByText('a profile is taken').waitFor();
    expect(await page.locator('.live-profile-standing').innerText()).toContain('what you see is not kept');
    await page.keyboard.press('1');
    await page.getByLabel('Seconds').fill('2');
    for (const metric of ['SSIM', 'XPSNR']) await page.getByRole('button', { name: `✓ ${metric}` }).click();
    await page.getByRole('button', { name: '● Record' }).click();
    await page.locator('.recording').waitFor();
    await page.keyboard.press('h');
    await page.getByText('it is kept with the recording').waitFor();
    await page.locator('.heatmap').waitFor();
    await page.getByText('Cells as a table').click();
    // Somebody encodes: a CPU was busy for a part of a cell.
    const busy = async () =>
      Math.max(...(await page.locator('.heatmap-table td:nth-of-type(2)').allInnerTexts()).map(Number));
    await soon(busy).toBeGreaterThan(0.05);
    await page.locator('.flame-panel canvas').first().waitFor();
    await soon(() => page.locator('.live-profile-standing').innerText()).toContain('what you see is not kept');
    await page.keyboard.press('o');
    await page.getByText('the profile has ended').waitFor();

    const [run] = await lab.catalogue.runs({ limit: 1 });
    const profile = () => page.request.get(`${server.address}/api/v1/runs/${run!.id}/profile`);
    // A run has its profile when it is finished.
    await soon(async () => (await profile()).status()).toBe(200);
    const kept = await profile();
    const { header, samples } = unpackProfile(Uint8Array.from(await kept.body()));
    expect(header).toMatchObject({ clock: 'monotonic', scope });
    expect(samples.timeNs.length).toBeGreaterThan(0);
  },
);

test.runIf(hasChromium)('an agent that is killed is told at once, on every tab', { timeout: SLOW_MS }, async () => {
  const page = await open('/live?tab=frame-size');
  await chart(page, 'Frame sizes').waitFor();
  process.kill(agents.pids.get('client')!, 'SIGKILL');
  await page.getByRole('alert').filter({ hasText: 'Lost: client' }).waitFor();
  await page.getByRole('alert').filter({ hasText: 'Lost: client' }).waitFor({ state: 'detached' });
});
