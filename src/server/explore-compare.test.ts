import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeBaseline } from '#explore/compare/baseline';
import { saveBaseline } from '#lab/baselines';
import { compareApi } from './explore-compare.ts';

const path = mkdtempSync(join(tmpdir(), 'baselines-'));
afterAll(() => rmSync(path, { recursive: true }));

test('baselines are listed and read; what is not there, damaged, or leads out of the lab is told', async () => {
  const api = compareApi({ path });
  expect(await (await api.request('/explore/baselines')).json()).toEqual({ names: [] });
  const baseline = makeBaseline(
    { title: 'x', metrics: [], facts: {}, cells: [] },
    { name: 'main', benchmark: 'x', savedAt: '2026-11-21T00:00:00.000Z', encodelab: '0.1.0' },
  );
  await saveBaseline({ path }, baseline);
  writeFileSync(join(path, 'baselines', 'cut.json'), '{');
  writeFileSync(join(path, 'secret.json'), JSON.stringify(baseline));
  expect(await (await api.request('/explore/baselines')).json()).toEqual({ names: ['cut', 'main'] });
  expect(await (await api.request('/explore/baselines/main')).json()).toEqual(baseline);
  for (const [name, what] of [
    ['mian', 'there is no baseline "mian"'],
    ['cut', 'the baseline is damaged: it is no JSON'],
    ['..%2Fsecret', '"../secret" can\'t be the name of a baseline'],
  ]) {
    const answer = await api.request(`/explore/baselines/${name}`);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ problems: [{ what }] });
  }
});
