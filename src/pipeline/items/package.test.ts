import { chmod, link, mkdir, mkdtemp, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { UserError } from '#core/user-error';
import { openLab, type Lab } from '#lab/lab';
import { publishSample, sampleTitle, type SampleTitle } from '../../../test/package/publish-sample.ts';
import { hasFfmpeg, sampleRenditions, type SampleInput } from '../../../test/package/sample-renditions.ts';
import { openFolderStore } from '../package/folder-store.ts';
import { mediaHeaders } from '../package/media-type.ts';
import type { ObjectStore } from '../package/object-store.ts';
import { readPackageFacts } from '../package/package-facts.ts';
import { publishPackage, type PublishJob } from '../package/publish-package.ts';
import { packageItem } from './package.ts';
import { publishItem } from './publish.ts';

let folder: string;
let lab: Lab;
let inputs: SampleInput[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-publish-'));
  lab = await openLab(join(folder, 'lab'));
  if (hasFfmpeg) inputs = await sampleRenditions(folder, ['v1-h264-180', 'a1-aac', 't1-en']);
});
afterAll(async () => {
  await lab.close();
  await rm(folder, { recursive: true });
});

/** Gives a title thumbnails, as the item leaves them. */
async function addThumbnails(title: SampleTitle): Promise<void> {
  const { folder: titleFolder, item } = title.context;
  const names = ['thumbnails.vtt', 'thumbnails-1.jpg', 'poster.jpg'];
  const outputs = [];
  for (const name of names) {
    const file = join(titleFolder.path, 'work', name);
    await writeFile(file, `this is ${name}`);
    outputs.push(
      await titleFolder.keep(file, name.split('.')[1]!, { rendition: 'thumbnails', frames: null, run: null }),
    );
  }
  const tile = { width: 160, height: 90, columns: 6, rows: 1 };
  title.results.set('thumbnails', { outputs, cpuS: null, checkCpuS: null, facts: { names, intervalS: 1, tile } });
  (item.needs as string[]).push('thumbnails');
}

const all = async (path: string) =>
  (await readdir(path, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .toSorted();

describe.runIf(hasFfmpeg)('the items package and publish', () => {
  test('make a folder that players are pointed at, with thumbnails in both manifests', async () => {
    const title = await sampleTitle(lab, inputs, 'none', 'with-thumbnails');
    await addThumbnails(title);
    const { facts } = await publishSample(title);
    const { publishTo } = title.context;
    expect(facts).toEqual({ hls: join(publishTo, 'master.m3u8'), dash: join(publishTo, 'manifest.mpd') });
    const version = readPackageFacts(title.results.get('package')!.facts).folder;
    const names = await all(publishTo);
    expect(names.filter((name) => !name.startsWith(version))).toEqual(['manifest.mpd', 'master.m3u8', 'title.json']);
    for (const name of ['poster.jpg', 'thumbnails.vtt', 'thumbnails-1.jpg', 't1-en.vtt', 'v1-h264-180.mp4'])
      expect(names).toContain(`${version}/${name}`);
    const dash = await readFile(join(publishTo, 'manifest.mpd'), 'utf8');
    expect(dash).toContain(`media="${version}/thumbnails-$Number$.jpg" duration="6000" timescale="1000"`);
    expect(dash).toContain('http://dashif.org/guidelines/thumbnail_tile" value="6x1"');
    expect(await readFile(join(publishTo, 'master.m3u8'), 'utf8')).toContain(`URI="${version}/thumbnails.m3u8"`);
    // Nothing is left of the work, and nothing that is not whole.
    expect(await readdir(join(title.context.folder.path, 'work'))).toEqual([]);
    expect(names.filter((name) => name.includes('unfinished'))).toEqual([]);
  });

  test('leave out subtitles in which nothing is said, and say so', async () => {
    const file = join(folder, 'empty.vtt');
    await writeFile(file, 'WEBVTT\n\n');
    const empty: SampleInput = { kind: 'text', id: 't2-de', language: 'de', file, hash: 'e'.repeat(64) };
    const title = await sampleTitle(lab, [...inputs, empty], 'none', 'empty-text');
    await publishSample(title);
    expect(readPackageFacts(title.results.get('package')!.facts).leftOut).toEqual(['t2-de']);
    expect(await readFile(join(title.context.publishTo, 'master.m3u8'), 'utf8')).not.toContain('t2-de');
  });

  test('make a variant in the clear beside a protected title, in a folder of its own', async () => {
    const title = await sampleTitle(lab, inputs, 'cenc', 'both');
    await publishSample(title);
    const of = (kind: string) => ({ ...title.context, item: { ...title.context.item, key: `${kind}/none` } });
    title.results.set('package/none', await packageItem(of('package')));
    const { facts } = await publishItem(of('publish'));
    expect(facts['dash']).toBe(join(title.context.publishTo, 'none', 'manifest.mpd'));
    const manifest = (path: string) => readFile(join(title.context.publishTo, path), 'utf8');
    expect(await manifest('manifest.mpd')).toContain('ContentProtection');
    expect(await manifest('none/manifest.mpd')).not.toContain('ContentProtection');
    await expect(packageItem({ ...of('package'), item: { ...title.context.item, key: 'package/x' } })).rejects.toThrow(
      'names no protection',
    );
  });

  test('make the same bytes when they are tried again', async () => {
    const title = await sampleTitle(lab, inputs, 'cbcs');
    const first = await packageItem(title.context);
    expect(await packageItem(title.context)).toEqual(first);
    expect(new Set(first.outputs.map(({ hash }) => hash)).size).toBe(first.outputs.length);
  });

  test('leave no key in the queue, the results, the folder of the title or what is published', async () => {
    const title = await sampleTitle(lab, inputs, 'cenc');
    await publishSample(title);
    const document = await readFile(join(lab.path, 'keys', `${title.id}.cpix`), 'utf8');
    const keys = [...document.matchAll(/PlainValue>([^<]+)</g)].map(([, base64]) => Buffer.from(base64!, 'base64'));
    expect(keys).toHaveLength(5);
    const told = [JSON.stringify(title.fixed()), JSON.stringify([...title.results])].map((text) => Buffer.from(text));
    for (const path of [title.context.folder.path, title.context.publishTo])
      for (const name of await all(path)) told.push(await readFile(join(path, name)));
    for (const key of keys)
      for (const text of told)
        for (const form of [key, key.toString('hex'), key.toString('base64'), key.toString('base64url')])
          expect(text.includes(form)).toBe(false);
  });

  test('refuse keys that changed between two tries', async () => {
    const title = await sampleTitle(lab, inputs, 'cenc');
    await packageItem(title.context);
    await rm(join(lab.path, 'keys', `${title.id}.cpix`));
    await expect(packageItem(title.context)).rejects.toThrow(UserError);
    await expect(packageItem(title.context)).rejects.toThrow(/when packaging began/);
  });

  test('go on after having been broken off anywhere, and readers see the old or the new whole', async () => {
    const title = await sampleTitle(lab, inputs, 'none', 'broken-off');
    title.results.set('package', await packageItem(title.context));
    const { outputs } = title.results.get('package')!;
    const store = openFolderStore(title.context.publishTo);
    const files = outputs.map((output) => ({
      name: output.rendition,
      file: title.context.folder.pathOf(output),
      bytes: output.bytes,
    }));
    const facts = readPackageFacts(title.results.get('package')!.facts);
    for (const last of [1, 3, outputs.length - 1]) {
      let puts = 0;
      const gone = new AbortController();
      const put: ObjectStore['put'] = (...what) => {
        if (++puts === last) gone.abort(new Error('lost'));
        return store.put(...what);
      };
      const broken = publishPackage({ ...store, put }, { title: title.id, facts, files, signal: gone.signal });
      await broken.catch((error: Error) => expect(error.message).toBe('lost'));
    }
    await publishItem(title.context);
    const version = readPackageFacts(title.results.get('package')!.facts).folder;
    for (const { rendition, bytes } of outputs)
      expect((await stat(join(title.context.publishTo, rendition))).size).toBe(bytes);
    expect((await all(title.context.publishTo)).length).toBe(outputs.length + 1);
    expect(await readFile(join(title.context.publishTo, 'manifest.mpd'), 'utf8')).toContain(`${version}/`);
  });

  test.skipIf(process.getuid?.() === 0)('say so where the folder may not be written', async () => {
    const title = await sampleTitle(lab, inputs, 'none', 'read-only');
    title.results.set('package', await packageItem(title.context));
    await mkdir(title.context.publishTo, { recursive: true });
    await chmod(title.context.publishTo, 0o500);
    await expect(publishItem(title.context)).rejects.toThrow(/can't be published: permission denied/);
  });

  test('say so where a file stands in the way', async () => {
    const title = await sampleTitle(lab, inputs, 'none', 'in-the-way');
    title.results.set('package', await packageItem(title.context));
    await writeFile(title.context.publishTo, '');
    await expect(publishItem(title.context)).rejects.toThrow(UserError);
  });
});

/** A package of nothing, of a version. */
async function job(version: string, text = version): Promise<PublishJob> {
  const made = join(folder, `made-${version}`);
  await mkdir(made, { recursive: true });
  const names = [`${version}/v1.mp4`, `${version}/v1.m3u8`, 'manifest.mpd', 'master.m3u8'];
  const files = [];
  for (const name of names) {
    const file = join(made, name.replaceAll('/', '-'));
    await writeFile(file, `${text} ${name}`);
    files.push({ name, file, bytes: text.length + 1 + name.length });
  }
  return {
    title: 'title',
    facts: {
      version: 1,
      folder: version,
      dash: 'manifest.mpd',
      hls: 'master.m3u8',
      protection: 'none',
      keyIds: {},
      leftOut: [],
    },
    files,
    signal: new AbortController().signal,
  };
}

const VERSIONS = ['1', '2', '3'].map((digit) => digit.repeat(16));
const versionsIn = async (store: ObjectStore) =>
  [
    ...new Set((await store.list('')).map(({ key }) => key.split('/')[0]!).filter((name) => /^\d{16}$/.test(name))),
  ].toSorted();

describe.each([
  ['a folder', async () => openFolderStore(join(folder, `store-${Math.random()}`))],
  ['a store behind HTTP', openHttpStore],
] as const)('publishing to %s', (_, open) => {
  test('puts manifests last, keeps the version before, and takes away those before that', async () => {
    const store = await open();
    const order: string[] = [];
    const watched: ObjectStore = { ...store, put: (key, ...rest) => (order.push(key), store.put(key, ...rest)) };
    const kept: string[][] = [];
    for (const version of VERSIONS) {
      await publishPackage(watched, await job(version));
      kept.push(await versionsIn(store));
      // Two versions of one second are told apart by their times.
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(kept).toEqual([[VERSIONS[0]], [VERSIONS[0], VERSIONS[1]], [VERSIONS[1], VERSIONS[2]]]);
    expect(order.slice(0, 5)).toEqual([
      `${VERSIONS[0]}/v1.mp4`,
      `${VERSIONS[0]}/v1.m3u8`,
      'title.json',
      'manifest.mpd',
      'master.m3u8',
    ]);
  });

  test('sends nothing a second time but manifests', async () => {
    const store = await open();
    await publishPackage(store, await job(VERSIONS[0]!));
    const order: string[] = [];
    await publishPackage(
      { ...store, put: (key, ...rest) => (order.push(key), store.put(key, ...rest)) },
      await job(VERSIONS[0]!),
    );
    expect(order).toEqual(['title.json', 'manifest.mpd', 'master.m3u8']);
  });

  test('leaves alone what it did not put there', async () => {
    const store = await open();
    await store.put(
      'holiday/film.mp4',
      { text: 'mine' },
      mediaHeaders('holiday/film.mp4')!,
      new AbortController().signal,
    );
    for (const version of VERSIONS) await publishPackage(store, await job(version));
    expect((await store.head('holiday/film.mp4'))?.bytes).toBe(4);
  });
});

test('who reads a manifest finds everything that it names, while version after version is published', async () => {
  const root = join(folder, 'watched');
  const store = openFolderStore(root);
  await publishPackage(store, await job(VERSIONS[0]!));
  let isDone = false;
  let reads = 0;
  const reader = async () => {
    while (!isDone) {
      const version = /^\d{16}/.exec(await readFile(join(root, 'manifest.mpd'), 'utf8'))![0];
      expect(await readFile(join(root, version, 'v1.mp4'), 'utf8')).toBe(`${version} ${version}/v1.mp4`);
      reads++;
    }
  };
  const reading = Promise.all([reader(), reader()]);
  for (let i = 1; i <= 12; i++) await publishPackage(store, await job(VERSIONS[i % 3]!));
  isDone = true;
  await reading;
  expect(reads).toBeGreaterThan(0);
});

test('a file that is there already under both names leaves no third', async () => {
  const root = join(folder, 'linked');
  await mkdir(root);
  const file = join(folder, 'linked-file');
  await writeFile(file, 'text');
  await link(file, join(root, 'manifest.mpd'));
  await utimes(file, 1, 1);
  await openFolderStore(root).put(
    'manifest.mpd',
    { file },
    mediaHeaders('manifest.mpd')!,
    new AbortController().signal,
  );
  expect(await readdir(root)).toEqual(['manifest.mpd']);
});

/** What any S3-like store can do, over HTTP, in this process: the interface asks for no more. */
async function openHttpStore(): Promise<ObjectStore> {
  const objects = new Map<string, { body: Buffer; changedAt: number; headers: IncomingMessage['headers'] }>();
  const server = createServer((request, response) => {
    const key = decodeURIComponent(request.url!.slice(1));
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const found = objects.get(key);
      if (request.method === 'PUT')
        objects.set(key, { body: Buffer.concat(chunks), changedAt: Date.now(), headers: request.headers });
      if (request.method === 'DELETE') objects.delete(key);
      if (request.method === 'HEAD' && found === undefined) response.statusCode = 404;
      if (request.method === 'HEAD' && found !== undefined)
        response.setHeader('x-bytes', found.body.length).setHeader('x-changed', found.changedAt);
      response.end(request.method === 'GET' ? JSON.stringify([...objects.keys()]) : undefined);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const locate = (key: string) => `${address}${encodeURIComponent(key)}`;
  const store: ObjectStore = {
    locate,
    async put(key, body, { contentType, cacheControl }, signal) {
      const content = 'file' in body ? await readFile(body.file) : body.text;
      const headers = { 'content-type': contentType, 'cache-control': cacheControl };
      await fetch(locate(key), { method: 'PUT', body: content, headers, signal });
    },
    async head(key) {
      const { ok, headers } = await fetch(locate(key), { method: 'HEAD' });
      return ok ? { key, bytes: Number(headers.get('x-bytes')), changedAt: Number(headers.get('x-changed')) } : null;
    },
    async list(prefix) {
      const keys = (await (await fetch(address)).json()) as string[];
      return (await Promise.all(keys.filter((key) => key.startsWith(prefix)).map((key) => store.head(key)))).filter(
        (one) => one !== null,
      );
    },
    async delete(key) {
      await fetch(locate(key), { method: 'DELETE' });
    },
  };
  return store;
}
