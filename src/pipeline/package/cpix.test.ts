import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { KEY_LABELS, uuidText, videoKeyLabel, type ContentKey } from './content-key.ts';
import { readCpix, writeCpix } from './cpix.ts';
import { openKeyStore } from './key-store.ts';
import { COMMON_SYSTEM, WIDEVINE_SYSTEM, commonPssh, psshSystem, widevinePssh } from './pssh.ts';
import { elementsOf, escapeXml, readXml } from './xml-reader.ts';

const hex = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const SECRET = '00112233445566778899aabbccddeeff';
const ID = '98ee5596cd3ea20d163ae382420c6eff';

/** A document as a DRM service writes it: other prefixes, one rule a track. */
const service = (rules: string, more = '') => `<?xml version="1.0" encoding="UTF-8"?>
<!-- made by a service -->
<cpix:CPIX contentId="abc123" version="2.3" xmlns:cpix="urn:dashif:org:cpix" xmlns:pskc="urn:ietf:params:xml:ns:keyprov:pskc">
  <cpix:ContentKeyList>
    <cpix:ContentKey explicitIV="OFj2IjCsPJFfMAxmQxLGPw==" kid="98ee5596-cd3e-a20d-163a-e382420c6eff" commonEncryptionScheme="cbcs">
      <cpix:Data><pskc:Secret><pskc:PlainValue>ABEiM0RVZneImaq7zN3u/w==</pskc:PlainValue></pskc:Secret></cpix:Data>
    </cpix:ContentKey>
    ${more}
  </cpix:ContentKeyList>
  <cpix:ContentKeyUsageRuleList>${rules}</cpix:ContentKeyUsageRuleList>
</cpix:CPIX>`;
const rule = (attributes: string, filters = '') =>
  `<cpix:ContentKeyUsageRule kid="98ee5596-cd3e-a20d-163a-e382420c6eff" ${attributes}>${filters}</cpix:ContentKeyUsageRule>`;

describe('a CPIX document', () => {
  test('is read as it was written', () => {
    const all = fc.tuple(...KEY_LABELS.map((label) => fc.record({ label: fc.constant(label), keyId: hex, key: hex })));
    fc.assert(
      fc.property(all, fc.string({ unit: 'grapheme' }), (keys, contentId) => {
        fc.pre(new Set(keys.map(({ keyId }) => keyId)).size === keys.length);
        const systems = [{ system: WIDEVINE_SYSTEM, pssh: widevinePssh([keys[0].keyId], 'cbcs') }];
        const read = readCpix(writeCpix(contentId, { keys, systems }), 'here');
        expect(read).toEqual({ keys, systems });
      }),
    );
  });

  test.each([
    ['one key for everything', rule('intendedTrackType="ALL"'), [...KEY_LABELS]],
    ['a rule without a filter', rule(''), [...KEY_LABELS]],
    ['the type of track where there is no filter', rule('intendedTrackType="UHD1"'), ['UHD1']],
    ['all video', rule('intendedTrackType="VIDEO"'), ['SD', 'HD', 'UHD1', 'UHD2']],
    ['filters before the type', rule('intendedTrackType="SD"', '<cpix:AudioFilter/>'), ['AUDIO']],
    ['pixels', rule('', '<cpix:VideoFilter minPixels="442369" maxPixels="2073600"/>'), ['HD']],
    ['bounds of a service', rule('', '<cpix:VideoFilter minPixels="589825"/>'), ['HD', 'UHD1', 'UHD2']],
    ['picture and sound', rule('', '<cpix:VideoFilter maxPixels="442368"/><cpix:AudioFilter/>'), ['AUDIO', 'SD']],
  ])('of a DRM service gives keys by %s', (_, rules, labels) => {
    const { keys } = readCpix(service(rules), 'here');
    expect(keys).toEqual(labels.map((label) => ({ label, keyId: ID, key: SECRET })));
  });

  test.each([
    ['no XML', 'keys', /here: this is no CPIX document/],
    ['another document', '<MPD/>', /its root is <MPD>/],
    ['no keys', '<CPIX/>', /it has no keys/],
    ['a document type', '<!DOCTYPE x [<!ENTITY a "b">]><CPIX/>', /document type/],
    ['an unknown entity', '<CPIX>&a;</CPIX>', /entity/],
    [
      'a key twice',
      service(rule(''), service('').match(/<cpix:ContentKey [^]*<\/cpix:ContentKey>/)![0]),
      /stands twice/,
    ],
    ['no id', service('').replace('kid="98ee', 'kid="zz'), /no kid that is a UUID/],
    ['a short key', service('').replace('ABEiM0RVZneImaq7zN3u/w==', 'AAAA'), /has no value of 16 bytes/],
    [
      'keys that are encrypted',
      service('').replaceAll('pskc:PlainValue', 'pskc:EncryptedValue'),
      /its keys are encrypted/,
    ],
    ['a rule for no key', service(rule('').replace('98ee', '11ee')), /names a key that is not there/],
    [
      'a box of another system',
      service(rule('')).replace(
        '</cpix:ContentKeyList>',
        `</cpix:ContentKeyList><cpix:DRMSystem kid="${uuidText(ID)}" systemId="${uuidText(WIDEVINE_SYSTEM)}"><cpix:PSSH>${commonPssh([ID]).toString('base64')}</cpix:PSSH></cpix:DRMSystem>`,
      ),
      /not a box of that system/,
    ],
  ])('with %s is refused, and no key is told', (_, text, message) => {
    expect(() => readCpix(text, 'here')).toThrow(message);
    try {
      readCpix(text, 'here');
    } catch (error) {
      expect((error as Error).message).not.toMatch(/ABEiM0RVZ|001122334455/i);
    }
  });

  test('never makes the reader hang or crash otherwise than by saying what is wrong', () => {
    const whole = service(rule(''));
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(whole.length), fc.string(), (from, length, put) => {
        try {
          readCpix(whole.slice(0, from) + put + whole.slice(from + length), 'here');
        } catch (error) {
          expect((error as Error).name).toBe('UserError');
        }
      }),
    );
  });
});

describe('the XML reader', () => {
  test('reads names without prefixes, entities, CDATA and comments', () => {
    const root = readXml(
      '\ufeff<?xml version="1.0"?><a:x xmlns:a="u" a:b="1 &lt; &#x32;"><!-- - --><y>&amp;<![CDATA[<z>]]></y><y/></a:x>\n',
    );
    expect(root.attributes).toEqual({ b: '1 < 2' });
    expect(elementsOf(root, 'y').map(({ text }) => text)).toEqual(['&<z>', '']);
  });

  test('gives back any text that was escaped', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(readXml(`<a b="${escapeXml(text)}">${escapeXml(text)}</a>`)).toMatchObject({
          text,
          attributes: { b: text },
        });
      }),
    );
  });

  test.each([
    '',
    '<a>',
    '</a>',
    '<a></b>',
    '<a/><b/>',
    'x<a/>',
    '<a b="1" b="2"/>',
    '<a b=1/>',
    '<a><',
    '<a>&#xffffff;</a>',
    '<a>'.repeat(70),
  ])('refuses %s', (text) => {
    expect(() => readXml(text)).toThrow(/./);
  });
});

test('a box for players names its system and each key', () => {
  expect(psshSystem(commonPssh([ID, SECRET]))).toBe(COMMON_SYSTEM);
  // As Shaka Packager 3.4 writes it for these two keys.
  expect(
    widevinePssh(['000102030405060708090a0b0c0d0e0f', 'a00102030405060708090a0b0c0d0e0f'], 'cenc').toString('base64'),
  ).toBe('AAAASnBzc2gAAAAA7e+LqXnWSs6jyCfc1R0h7QAAACoSEAABAgMEBQYHCAkKCwwNDg8SEKABAgMEBQYHCAkKCwwNDg9I49yVmwY=');
  expect(psshSystem(commonPssh([ID]).subarray(1))).toBeNull();
});

test('pictures have the classes that Shaka Packager gives them', () => {
  const sizes = [
    [768, 576],
    [1280, 720],
    [1920, 1080],
    [1920, 1088],
    [4096, 2160],
    [7680, 4320],
  ] as const;
  expect(sizes.map(([width, height]) => videoKeyLabel(width, height))).toEqual([
    'SD',
    'HD',
    'HD',
    'UHD1',
    'UHD1',
    'UHD2',
  ]);
});

describe('the store of keys in a lab', () => {
  const TITLE = '0197c0de-0000-7000-8000-000000000001';
  const makeLab = async () => {
    const lab = await mkdtemp(join(tmpdir(), 'encodelab-keys-'));
    onTestFinished(() => rm(lab, { recursive: true }));
    return lab;
  };

  test('makes keys once, whoever asks first, in a file that only its user can read', async () => {
    const lab = await makeLab();
    const asked = await Promise.all(Array.from({ length: 8 }, () => openKeyStore(lab).keys(TITLE)));
    const ids = new Set(asked.map(({ keys }) => JSON.stringify(keys)));
    expect(ids.size).toBe(1);
    const { keys } = asked[0]!;
    expect(keys.map(({ label }) => label)).toEqual([...KEY_LABELS]);
    expect(new Set(keys.flatMap(({ key, keyId }: ContentKey) => [key, keyId])).size).toBe(10);
    expect(await readdir(join(lab, 'keys'))).toEqual([`${TITLE}.cpix`]);
    expect((await stat(join(lab, 'keys', `${TITLE}.cpix`))).mode & 0o777).toBe(0o600);
    expect((await stat(join(lab, 'keys'))).mode & 0o777).toBe(0o700);
  });

  test('takes the document of a DRM service, and closes it to others', async () => {
    const lab = await makeLab();
    await mkdir(join(lab, 'keys'));
    await writeFile(join(lab, 'keys', `${TITLE}.cpix`), service(rule('intendedTrackType="ALL"')), { mode: 0o644 });
    expect((await openKeyStore(lab).keys(TITLE)).keys[0]).toEqual({ label: 'AUDIO', keyId: ID, key: SECRET });
    expect((await stat(join(lab, 'keys', `${TITLE}.cpix`))).mode & 0o777).toBe(0o600);
  });

  test('has no keys of a title that it never made any for, and knows no paths', async () => {
    const store = openKeyStore(await makeLab());
    expect(await store.known(TITLE)).toBeNull();
    await expect(store.known('../server-token')).rejects.toThrow('ids of titles');
  });
});
