import { cp, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input } from 'mediabunny';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ALL_SAMPLES,
  SAMPLE_FRAMES,
  SAMPLE_SEGMENT_S,
  hasFfmpeg,
  sampleRenditions,
  type SampleInput,
} from '../../../test/package/sample-renditions.ts';
import { checkPackage } from './check-package.ts';
import type { ContentKey } from './content-key.ts';
import { makePackage, type MadePackage, type PackageJob } from './make-package.ts';
import type { PackageKeys } from './package-plan.ts';
import { readFragmentedFile } from './fragmented-file.ts';

let folder: string;
let inputs: SampleInput[];
let number = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-package-'));
  if (hasFfmpeg) inputs = await sampleRenditions(folder, ALL_SAMPLES);
});
afterAll(() => rm(folder, { recursive: true }));

const key = (label: ContentKey['label'], digit: string): ContentKey => ({
  label,
  keyId: `${digit}00102030405460780090a0b0c0d0e0f`,
  key: `${digit}0112233445566778899aabbccddeeff`,
});
const SD = key('SD', 'a');
const HD = key('HD', 'b');
const AUDIO = key('AUDIO', 'c');

function protect(scheme: PackageKeys['scheme']): PackageKeys {
  const digits = scheme === 'cenc' ? 16 : 32;
  const ivs = Object.fromEntries(ALL_SAMPLES.map((id, i) => [id, String(i + 1).padStart(digits, '0')]));
  return { scheme, keys: [SD, HD, AUDIO], systems: [], ivs };
}

async function pack(keys: PackageKeys | null, some: Partial<PackageJob> = {}): Promise<MadePackage> {
  // A comma and a space in a path are nothing to be afraid of.
  const workFolder = join(folder, `work, ${number++}`);
  await mkdir(workFolder);
  const signal = new AbortController().signal;
  return await makePackage({ inputs, thumbnails: null, segmentS: SAMPLE_SEGMENT_S, keys, workFolder, signal, ...some });
}

async function bytesOf({ root, files }: MadePackage): Promise<Map<string, Buffer>> {
  const read = files.map(async (name) => [name, await readFile(join(root, name))] as const);
  return new Map(await Promise.all(read));
}

/** Every sample of a file: its time, its length, its bytes. */
async function samplesOf(path: string, keys: readonly ContentKey[] = []): Promise<string[]> {
  const input = new Input({
    formats: ALL_FORMATS,
    source: new FilePathSource(path),
    formatOptions: {
      isobmff: { resolveKeyId: ({ keyId }) => keys.find((one) => one.keyId === keyId)?.key ?? '0'.repeat(32) },
    },
  });
  const [track] = await input.getTracks();
  const found: string[] = [];
  for await (const packet of new EncodedPacketSink(track!).packets())
    found.push(`${packet.timestamp.toFixed(6)} ${Buffer.from(packet.data).toString('base64')}`);
  input.dispose();
  return found;
}

const media = () => inputs.filter(({ kind }) => kind !== 'text');

describe.runIf(hasFfmpeg)('a package', () => {
  test('holds every sample of every codec as it went in', async () => {
    const made = await pack(null);
    expect(made.files.filter((name) => name.endsWith('.mp4'))).toHaveLength(7);
    for (const { id, file, kind } of media()) {
      const packaged = await samplesOf(join(made.root, made.folder, `${id}.mp4`));
      expect(packaged).toEqual(await samplesOf(file));
      if (kind === 'video') expect(packaged).toHaveLength(SAMPLE_FRAMES);
    }
  });

  test.each(['cenc', 'cbcs'] as const)(
    'of %s gives every sample back to who has the keys, and to nobody else',
    async (scheme) => {
      const made = await pack(protect(scheme));
      const keys = [SD, HD, AUDIO];
      for (const { id, file } of media()) {
        const path = join(made.root, made.folder, `${id}.mp4`);
        const wanted = await samplesOf(file);
        expect(await samplesOf(path, keys)).toEqual(wanted);
        expect(await samplesOf(path)).not.toEqual(wanted);
      }
    },
  );

  test('is cut at every group of pictures, at the same frames in all renditions', async () => {
    const made = await pack(null);
    for (const { id, kind } of media()) {
      const file = await readFragmentedFile(join(made.root, made.folder, `${id}.mp4`));
      if (kind === 'video') expect(file.segments.map(({ duration }) => duration / file.timescale)).toEqual([2, 2, 2]);
      else expect(file.segments.length).toBeGreaterThanOrEqual(3);
    }
    const playlist = await readFile(join(made.root, made.folder, 'v1-h264-180.m3u8'), 'utf8');
    expect(playlist).toContain('#EXT-X-TARGETDURATION:2\n');
  });

  test('has the same bytes whoever makes it', async () => {
    const [first, second] = [await bytesOf(await pack(protect('cenc'))), await bytesOf(await pack(protect('cenc')))];
    expect([...second.keys()]).toEqual([...first.keys()]);
    for (const [name, bytes] of first)
      if (/mpd|m3u8/.test(name)) expect(second.get(name)!.toString()).toBe(bytes.toString());
      else expect(second.get(name)!.equals(bytes), name).toBe(true);
  });

  test('tells tracks of one language apart, and takes no language that is none', async () => {
    const audio = inputs.find(({ kind }) => kind === 'audio')!;
    const tracks = ['en', 'en', 'de', 'x,drm_label=', null].map((language, i) => ({ ...audio, id: `a${i}`, language }));
    const made = await pack(null, { inputs: [inputs[0]!, ...(tracks as SampleInput[])] });
    const master = await readFile(join(made.root, 'master.m3u8'), 'utf8');
    const media = [...master.matchAll(/TYPE=AUDIO.*GROUP-ID="([^"]+)".*NAME="([^"]+)".*/g)];
    expect(media.map(([, group]) => group)).toEqual(Array.from(tracks, () => 'aac-96'));
    expect(media.map(([, , name]) => name).toSorted()).toEqual(['a3', 'a4', 'de', 'en', 'en 2']);
    // The first one's language is what is played unless somebody chooses.
    const byDefault = media.flatMap(([line, , name]) => (line.includes('DEFAULT=YES') ? [name] : []));
    expect(byDefault).toEqual([expect.stringMatching(/^en/)]);
  });

  test('lets a player switch between renditions of one codec whose keys differ', async () => {
    const made = await pack(protect('cenc'));
    const manifest = await readFile(join(made.root, 'manifest.mpd'), 'utf8');
    const sets = [...manifest.matchAll(/<AdaptationSet id="(\d+)"[^]*?<\/AdaptationSet>/g)];
    const idOf = (name: string) => sets.find(([set]) => set.includes(`/${name}.mp4`))![1];
    const others = sets.map(([set]) => /set-switching:2016" value="([^"]*)"/.exec(set)?.[1]);
    expect(others[0]).toBe(idOf('v2-h264-720'));
    expect(others[1]).toBe(idOf('v1-h264-180'));
    expect(others.slice(2).filter((value) => value !== undefined)).toEqual([]);
  });

  test('has another folder when anything in it is other', async () => {
    const some = { inputs: inputs.slice(0, 1) };
    const names = await Promise.all([
      pack(null, some),
      pack(protect('cenc'), some),
      pack(protect('cbcs'), some),
      pack(null, { inputs: inputs.slice(0, 2) }),
      pack(null, { ...some, segmentS: 4 }),
    ]);
    expect(new Set(names.map((made) => made.folder)).size).toBe(names.length);
  });

  test('never encrypts two renditions of one key with the same key stream', async () => {
    const same = [inputs[0]!, { ...inputs[0]!, id: 'v4-vp9-180' }];
    const made = await pack(protect('cenc'), { inputs: same });
    const [one, other] = await Promise.all(same.map(({ id }) => samplesOf(join(made.root, made.folder, `${id}.mp4`))));
    // Of a small frame nothing is encrypted but its last blocks, if there are any.
    const large = one!.filter((sample) => sample.length > 1000);
    expect(large.length).toBeGreaterThan(10);
    for (const sample of large) expect(other).not.toContain(sample);
  });

  test('has each key once in the boxes for players, and no key anywhere', async () => {
    const made = await pack(protect('cenc'));
    const all = await bytesOf(made);
    const header = all.get(`${made.folder}/v1-h264-180.mp4`)!.subarray(0, 4096);
    const common = header.indexOf(Buffer.from('1077efecc0b24d02ace33c1e52e2fb4b', 'hex'));
    expect(header.readUInt32BE(common + 16)).toBe(3);
    const manifest = all.get('manifest.mpd')!.toString();
    for (const system of ['1077efec', '9a04f079', 'edef8ba9']) expect(manifest).toContain(`urn:uuid:${system}`);
    for (const { key: secret } of [SD, HD, AUDIO])
      for (const [name, bytes] of all) {
        expect(bytes.includes(Buffer.from(secret, 'hex')), name).toBe(false);
        expect(bytes.includes(secret), name).toBe(false);
        expect(bytes.includes(Buffer.from(secret, 'hex').toString('base64')), name).toBe(false);
      }
  });

  test('says what it failed of without telling a key', async () => {
    const broken = join(folder, 'broken.mp4');
    await writeFile(broken, 'this is no film');
    const failure = pack(protect('cenc'), { inputs: [{ ...inputs[0]!, file: broken }] });
    await expect(failure).rejects.toThrow(/^the packager ended with 2\n[^]*\S/);
    await failure.catch((error: Error) => {
      for (const one of [SD, HD, AUDIO]) expect(error.message.toLowerCase()).not.toContain(one.key);
    });
  });

  test('ends when it is told to', async () => {
    await expect(pack(null, { signal: AbortSignal.abort(new Error('the lease is lost')) })).rejects.toThrow(
      'the lease is lost',
    );
  });
});

describe.runIf(hasFfmpeg)('the check of a package', () => {
  let whole: MadePackage;
  let some: SampleInput[];
  beforeAll(async () => {
    some = inputs.filter(({ id }) => ['v1-h264-180', 'v2-h264-720', 'a1-aac', 't1-en'].includes(id));
    whole = await pack(null, { inputs: some });
  });
  const check = async (harm: (made: MadePackage) => Promise<void>, keys: PackageKeys | null = null) => {
    const root = join(folder, `copy-${number++}`);
    await cp(whole.root, root, { recursive: true });
    await harm({ ...whole, root });
    await checkPackage(root, whole.folder, some, keys);
  };
  const edit = (name: string, from: string | RegExp, to: string) => async (made: MadePackage) => {
    const path = join(made.root, name.replace('V', made.folder));
    const text = await readFile(path, 'utf8');
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    await writeFile(path, changed);
  };

  test('passes what is whole', async () => {
    await check(async () => undefined);
  });

  test.each([
    [
      'a file that is cut',
      (made: MadePackage) => truncate(join(made.root, made.folder, 'v2-h264-720.mp4'), 50_000),
      /v2-h264-720\.mp4: it is cut/,
    ],
    [
      'a file that is gone',
      (made: MadePackage) => rm(join(made.root, made.folder, 't1-en.vtt')),
      /t1-en\.vtt, which is not there/,
    ],
    ['an index that moved', edit('manifest.mpd', /indexRange="\d+/, 'indexRange="7'), /the header and the index of/],
    ['a manifest of nothing', edit('manifest.mpd', '<MPD', '<MPX'), /manifest\.mpd/],
    [
      'a rendition that DASH does not name',
      edit('manifest.mpd', '/v2-h264-720.mp4', '/v1-h264-180.mp4'),
      /manifest\.mpd/,
    ],
    ['a rendition that HLS does not lead to', edit('V/a1-aac.m3u8', /a1-aac\.mp4/g, 'v1-h264-180.mp4'), /master\.m3u8/],
    ['a playlist that ends early', edit('V/v1-h264-180.m3u8', '#EXT-X-ENDLIST', ''), /has no end/],
    [
      'a segment elsewhere',
      edit('V/v1-h264-180.m3u8', /BYTERANGE:(\d+)@/, 'BYTERANGE:1$1@'),
      /its segment 1 is not that of the file/,
    ],
    ['a playlist that leads out', edit('master.m3u8', /URI="[^"]+a1-aac/, 'URI="../a1-aac'), /a1-aac/],
  ])('finds %s', async (_, harm, message) => {
    await expect(check(harm)).rejects.toThrow(message);
  });

  test('finds what should have been encrypted', async () => {
    await expect(check(async () => undefined, protect('cenc'))).rejects.toThrow(
      /protected by nothing, not by cenc a001/,
    );
  });

  test('finds a frame that is missing', async () => {
    const one = [{ ...inputs[0]!, frames: SAMPLE_FRAMES + 1 }] as SampleInput[];
    await expect(pack(null, { inputs: one })).rejects.toThrow(/it has 144 frames where 145 went in/);
  });
});
