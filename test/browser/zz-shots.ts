import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLab } from '#lab/lab';
import { startServer } from '#server/start-server';
import { openBrowser } from './open-page.ts';
import { fillLadder, fillScaling } from './sample-ladder.ts';
const folder = await mkdtemp(join(tmpdir(), 'shots-'));
const lab = await openLab(folder);
await fillLadder(lab); await fillScaling(lab);
const server = await startServer({ lab, port: 0, webRoot: new URL('../../build/web-compare/', import.meta.url) });
const views: Record<string,string> = JSON.parse(process.env['VIEWS'] ?? '{}');
for (const look of (process.env['LOOKS'] ?? 'light,dark').split(',') as ('light'|'dark')[]) {
  const browser = await openBrowser(look, Number(process.env['W'] ?? 1400), 900);
  const { page, complaints } = await browser.open(server.link());
  for (const [name, path] of Object.entries(views)) {
    await page.goto(server.address + path);
    await page.locator('.compare').waitFor();
    await page.keyboard.press('c');
    try { await page.locator('.compare svg.plot').waitFor({ timeout: 5000 }); } catch (e) { console.log(name, 'no plot', await page.locator('.compare').innerText()); }
    await page.waitForTimeout(300);
    if (process.env['HOVER']) { const [hx, hy] = process.env['HOVER'].split(',').map(Number); const b = (await page.locator('.compare svg.plot').boundingBox())!; await page.mouse.move(b.x + b.width * hx, b.y + b.height * hy); await page.waitForTimeout(200); }
    if (process.env['SAVE']) for (const kind of ['PNG','SVG']) { const d = page.waitForEvent('download'); await page.locator('.compare').getByRole('button', { name: kind }).click(); const got = await d; console.log(got.suggestedFilename()); await got.saveAs(`/tmp/saved-${name}-${look}.${kind.toLowerCase()}`); }
    await page.locator('.compare').screenshot({ path: `/tmp/shot-${name}-${look}.png` });
  }
  console.log(look, [...new Set(complaints)]);
  await browser.close();
}
await server.close(); await lab.close(); await rm(folder, { recursive: true });
