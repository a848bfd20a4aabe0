// Custom stats over HTTP and in reports, on runs with real recordings.

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAX_STAT_RUNS } from '#explore/stats/stat-expression';
import { openLab, type Lab } from '#lab/lab';
import { readTable } from '#recording/read-recording';
import { newId } from '#system/clock';
import { temporaryFolder } from '../../test/cli/run-cli.ts';
import { fillFewRuns } from '../../test/explore/few-runs.ts';
import type { StatColumns, StatValues } from './explore-wire.ts';
import { startServer, type RunningServer } from './start-server.ts';

const folder = temporaryFolder();
const path = join(folder, 'lab');
const kept = join(path, 'explore', 'stats');
const EXPRESSION = 'sum(frames.bytes where key)';
let lab: Lab;
let server: RunningServer;
let ids: string[];

beforeAll(async () => {
  lab = await openLab(path);
  ids = await fillFewRuns(lab, 'sample');
  server = await startServer({ lab, port: 0 });
}, 60_000);
afterAll(async () => {
  await server.close();
  await lab.close();
  rmSync(folder, { recursive: true });
});

async function ask(method: string, address: string, body?: unknown): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${server.address}/api/v1/explore/${address}`, {
    method,
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: await answer.text() };
}

const stat = (expression: string) => ({ expression, unit: null, better: null });

test('a stat is kept, listed, changed and deleted; one that means nothing is refused with its place', async () => {
  expect((await ask('PUT', 'stats/big%20keys', stat(EXPRESSION))).status).toBe(200);
  expect((await ask('PUT', 'stats/big%20keys', { ...stat('sum(frames.key)'), better: 'lower' })).status).toBe(200);
  const wrong = await ask('PUT', 'stats/wrong', stat('mean(frames.bytes wher key)'));
  expect(wrong.status).toBe(400);
  expect(wrong.text).toContain('expression:19');
  expect((await ask('PUT', 'stats/wrong', stat('avg(frames.bytes)'))).text).toContain('there is no function avg');
  expect((await ask('PUT', 'stats/wrong', { expression: '1' })).status).toBe(400);
  expect((await ask('PUT', 'stats/wrong', stat(`1${' + 1'.repeat(400)}`))).status).toBe(400);
  expect(JSON.parse((await ask('GET', 'stats')).text)).toEqual({
    stats: [{ name: 'big keys', expression: 'sum(frames.key)', unit: null, better: 'lower' }],
    problems: [],
  });
  expect((await ask('DELETE', 'stats/big%20keys')).status).toBe(200);
  expect(JSON.parse((await ask('GET', 'stats')).text)).toEqual({ stats: [], problems: [] });
});

test('a name that a run of the lab has as metric is refused, and so is the duration', async () => {
  for (const name of ['encode.fps', 'duration']) {
    const { status, text } = await ask('PUT', `stats/${name}`, stat('1 + 1'));
    expect([status, text], name).toEqual([400, expect.stringContaining('Take another name')]);
  }
  expect((await ask('PUT', 'stats/x'.padEnd(200, 'x'), stat('1'))).text).toContain('64 at most');
  // The name of a metric's unit, or a part of its name, is none.
  for (const name of ['encode', 'fps', 'value']) {
    expect((await ask('PUT', `stats/${name}`, stat('1 + 1'))).status, name).toBe(200);
    await ask('DELETE', `stats/${name}`);
  }
});

test('a report draws what was recorded where a saved stat has its name, and leaves out what means nothing: both are told', async () => {
  mkdirSync(kept, { recursive: true });
  const write = (name: string, expression: string) =>
    writeFileSync(join(kept, `${name}.json`), JSON.stringify({ name, ...stat(expression) }));
  write('encode.fps', '1 + 1');
  write('sum of all', 'mean(frames.bytes) + mean(cpu.busy)');
  renameSync(join(kept, 'sum of all.json'), join(kept, 'sum%20of%20all.json'));
  const view = 'v=1&b=sample&stat=encode.fps,sum+of+all&plot=bars';
  const markdown = (await ask('GET', `report.md?${view}`)).text;
  expect(markdown).toContain('encode.fps is what was recorded: the saved stat of that name is not shown');
  expect(markdown).not.toContain('1 + 1');
  expect(markdown).toContain("sum of all: byte and core can't be added");
  rmSync(kept, { recursive: true });
  expect((await ask('GET', `report.md?${view}`)).text).not.toContain('is what was recorded');
});

test('no name leads out of the folder, and a damaged file hides no other', async () => {
  for (const name of ['..%2F..%2Fevil', '%2e%2e%2Fevil', 'a%2Fb', '.hidden', 'a%00b', 'x'.repeat(65)])
    expect((await ask('PUT', `stats/${name}`, stat(EXPRESSION))).status, name).toBeGreaterThanOrEqual(400);
  expect(existsSync(join(path, 'evil.json'))).toBe(false);
  await ask('PUT', 'stats/good', stat(EXPRESSION));
  writeFileSync(join(kept, 'bad.json'), '{"expression": 5');
  const listed = JSON.parse((await ask('GET', 'stats')).text) as { stats: { name: string }[]; problems: string[] };
  expect(listed.stats.map(({ name }) => name)).toEqual(['good']);
  expect(listed.problems).toEqual([expect.stringContaining('this stat is damaged')]);
  rmSync(join(kept, 'bad.json'));
});

test('values are those of the recordings, in the order asked for; too many or unknown runs are refused', async () => {
  const wanted = [ids[3]!, ids[0]!];
  const { text } = await ask('POST', 'stats/values', { expression: EXPRESSION, runs: wanted });
  const { unit, values, absent } = JSON.parse(text) as StatValues;
  expect([unit, absent]).toEqual(['byte', []]);
  for (const [i, id] of wanted.entries()) {
    const { bytes, key } = await readTable(lab.recordingFolder(id), 'frames');
    expect(values[i]).toBe(bytes.reduce((sum, size, row) => sum + size * key[row]!, 0));
  }
  const none = await ask('POST', 'stats/values', { expression: 'mean(frames.bites)', runs: wanted });
  expect(JSON.parse(none.text)).toEqual({
    unit: '1',
    values: [null, null],
    absent: [{ why: 'its recording has no frames.bites', runs: 2 }],
  });
  const unknown = await ask('POST', 'stats/values', { expression: EXPRESSION, runs: [newId()] });
  expect([unknown.status, unknown.text]).toEqual([400, expect.stringContaining('there is no run')]);
  const many = Array.from({ length: MAX_STAT_RUNS + 1 }, () => ids[0]!);
  expect((await ask('POST', 'stats/values', { expression: EXPRESSION, runs: many })).status).toBe(400);
});

test('of runs that have a metric in different units the values are in that of the first; unlike ones are told', async () => {
  const like = (await lab.catalogue.run(ids[0]!))!;
  const made = [
    { value: 2, unit: 's' },
    { value: 500, unit: 'ms' },
    { value: 7, unit: 'byte' },
  ].map((metric) => ({
    ...like,
    id: newId(),
    benchmark: 'mixed',
    recording: null,
    metrics: { 'own.time': { ...metric, better: null } },
  }));
  await lab.catalogue.restoreRuns(made);
  const { text } = await ask('POST', 'stats/values', {
    expression: 'metric("own.time")',
    runs: made.map(({ id }) => id),
  });
  expect(JSON.parse(text)).toEqual({
    unit: 's',
    values: [2, 0.5, null],
    absent: [{ why: 'it is in byte, and that of others in s', runs: 1 }],
  });
  await lab.catalogue.deleteRuns(made.map(({ id }) => id));
});

test('what is only tried is not kept for later', async () => {
  const cached = () =>
    existsSync(join(path, 'cache', 'stats')) ? readdirSync(join(path, 'cache', 'stats')).length : 0;
  const before = cached();
  const tried = { expression: 'max(frames.bytes) - 1', runs: [ids[0]] };
  await ask('POST', 'stats/values', { ...tried, trial: true });
  expect(cached()).toBe(before);
  await ask('POST', 'stats/values', tried);
  expect(cached()).toBe(before + 1);
});

test('columns of a run are offered with their units', async () => {
  const { columns } = JSON.parse((await ask('GET', `stats/columns?run=${ids[0]}`)).text) as StatColumns;
  expect(columns).toContainEqual({ name: 'frames.bytes', unit: 'byte', of: 'frames' });
  expect(columns).toContainEqual({ name: 'cpu.busy', unit: 'core', of: 'indicator' });
  expect((await ask('GET', 'stats/columns?run=nobody')).status).toBe(400);
});

test('a report of a view has the custom stat that the view draws, and says why runs have none', async () => {
  await ask('PUT', 'stats/key%20bytes', stat(EXPRESSION));
  const view = 'v=1&b=sample&stat=key+bytes,encode.fps&plot=bars';
  const html = (await ask('GET', `report.html?${view}`)).text;
  expect(html).toContain(`<dt>key bytes</dt><dd>${EXPRESSION}</dd>`);
  expect(html).toContain('key bytes (byte)');
  const markdown = (await ask('GET', `report.md?${view}`)).text;
  expect(markdown).toMatch(/\| codec \| .*\| key bytes \|/);
  await ask('PUT', 'stats/key%20bytes', stat('mean(client:frames.decode)'));
  expect((await ask('GET', `report.md?${view}`)).text).toContain(
    `key bytes: ${ids.length} runs have no value: its recording has no client:frames.decode`,
  );
  await ask('DELETE', 'stats/key%20bytes');
  expect((await ask('GET', `report.md?${view}`)).text).toContain('No run has the metric key bytes');
});

test('a copied file is called as it is named', async () => {
  mkdirSync(kept, { recursive: true });
  await ask('PUT', 'stats/one', stat(EXPRESSION));
  writeFileSync(join(kept, 'two.json'), readFileSync(join(kept, 'one.json')));
  const { stats } = JSON.parse((await ask('GET', 'stats')).text) as { stats: { name: string }[] };
  expect(stats.map(({ name }) => name)).toEqual(expect.arrayContaining(['one', 'two']));
});
