// CPIX documents (DASH-IF Content Protection Information Exchange Format 2.3): what a DRM service and a packager tell
// each other of keys. Keys in the clear only: a document with keys that are encrypted for its receiver is refused.

import { UserError } from '#core/user-error';
import {
  CLASS_PIXELS,
  KEY_LABELS,
  uuidText,
  type ContentKey,
  type KeyLabel,
  type SystemData,
  type TitleKeys,
} from './content-key.ts';
import { psshSystem } from './pssh.ts';
import { elementsOf, escapeXml, readXml, type XmlElement } from './xml-reader.ts';

const HEX_ID = /^[0-9a-f]{32}$/;
const KEY_BYTES = 16;

/** Pixels of each class of video, both bounds included, as a filter of a usage rule has them. */
const PIXELS: Readonly<Record<Exclude<KeyLabel, 'AUDIO'>, readonly [min: number, max: number]>> = {
  SD: [0, CLASS_PIXELS.SD],
  HD: [CLASS_PIXELS.SD + 1, CLASS_PIXELS.HD],
  UHD1: [CLASS_PIXELS.HD + 1, CLASS_PIXELS.UHD1],
  UHD2: [CLASS_PIXELS.UHD1 + 1, Number.MAX_SAFE_INTEGER],
};

/**
 * Writes a document that holds the keys themselves: it is as secret as they are.
 * @param contentId what a DRM service knows the title as
 */
export function writeCpix(contentId: string, { keys, systems }: TitleKeys): string {
  const contentKeys = keys.map(
    ({ keyId, key }) =>
      `    <ContentKey kid="${uuidText(keyId)}"><Data><pskc:Secret><pskc:PlainValue>${base64(key)}</pskc:PlainValue></pskc:Secret></Data></ContentKey>`,
  );
  const drmSystems = systems.map(
    ({ system, pssh }) =>
      `    <DRMSystem kid="${uuidText(keys[0]!.keyId)}" systemId="${uuidText(system)}"><PSSH>${Buffer.from(pssh).toString('base64')}</PSSH></DRMSystem>`,
  );
  const rules = keys.map(
    ({ keyId, label }) =>
      `    <ContentKeyUsageRule kid="${uuidText(keyId)}" intendedTrackType="${label}">${filter(label)}</ContentKeyUsageRule>`,
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<CPIX xmlns="urn:dashif:org:cpix" xmlns:pskc="urn:ietf:params:xml:ns:keyprov:pskc" contentId="${escapeXml(contentId)}" version="2.3">`,
    ...list('ContentKeyList', contentKeys),
    ...list('DRMSystemList', drmSystems),
    ...list('ContentKeyUsageRuleList', rules),
    '</CPIX>\n',
  ].join('\n');
}

/**
 * Reads a document: for each label the key whose usage rule holds for it.
 * @param where named in errors; no error tells a key
 * @throws UserError where it is no such document, a label has two keys, or keys are encrypted or missing
 */
export function readCpix(text: string, where: string): TitleKeys {
  const refuse = (what: string, todo?: string, cause?: unknown) => new UserError({ what, where, todo }, { cause });
  let root: XmlElement;
  try {
    root = readXml(text);
  } catch (cause) {
    throw refuse(`this is no CPIX document: ${(cause as Error).message}`);
  }
  if (root.name !== 'CPIX') throw refuse(`this is no CPIX document: its root is <${root.name}>`);
  const secrets = new Map<string, string>();
  for (const element of elementsOf(root, 'ContentKey')) {
    const keyId = id(element.attributes['kid']);
    if (keyId === null) throw refuse('a ContentKey has no kid that is a UUID');
    if (secrets.has(keyId)) throw refuse(`the key ${uuidText(keyId)} stands twice`);
    if (elementsOf(element, 'EncryptedValue').length > 0)
      throw refuse(
        'its keys are encrypted',
        'ask the DRM service for keys in the clear, over a connection that is encrypted',
      );
    const value = Buffer.from(elementsOf(element, 'PlainValue')[0]?.text.trim() ?? '', 'base64');
    if (value.length !== KEY_BYTES) throw refuse(`the key ${uuidText(keyId)} has no value of ${KEY_BYTES} bytes`);
    secrets.set(keyId, value.toString('hex'));
  }
  if (secrets.size === 0) throw refuse('it has no keys');
  const rules = elementsOf(root, 'ContentKeyUsageRule');
  const keys: ContentKey[] = [];
  for (const label of KEY_LABELS) {
    const ids = new Set(rules.filter((rule) => holdsFor(rule, label)).map((rule) => id(rule.attributes['kid'])));
    if (ids.size > 1) throw refuse(`it has more than one key for ${label}`);
    for (const keyId of ids) {
      const key = keyId === null ? undefined : secrets.get(keyId);
      if (keyId === null || key === undefined) throw refuse(`a usage rule for ${label} names a key that is not there`);
      keys.push({ label, keyId, key });
    }
  }
  return { keys, systems: readSystems(root, refuse) };
}

function readSystems(root: XmlElement, refuse: (what: string) => UserError): SystemData[] {
  const found = new Map<string, SystemData>();
  for (const element of elementsOf(root, 'DRMSystem')) {
    const text = elementsOf(element, 'PSSH')[0]?.text.trim();
    if (text === undefined || text === '') continue;
    const system = id(element.attributes['systemId']);
    const pssh = Buffer.from(text, 'base64');
    if (system === null || psshSystem(pssh) !== system)
      throw refuse('the PSSH of a DRMSystem is not a box of that system');
    found.set(text, { system, pssh });
  }
  return [...found.values()];
}

/** What the filters say; `intendedTrackType` is asked only where there are none (CPIX 2.3, section 7.4.12). */
function holdsFor(rule: XmlElement, label: KeyLabel): boolean {
  const video = rule.children.filter(({ name }) => name === 'VideoFilter');
  const audio = rule.children.some(({ name }) => name === 'AudioFilter');
  if (video.length === 0 && !audio) {
    const type = rule.attributes['intendedTrackType']?.toUpperCase();
    return type === undefined || type === 'ALL' || type === label || (type === 'VIDEO' && label !== 'AUDIO');
  }
  if (label === 'AUDIO') return audio;
  // Classes of others may have other bounds: the rule that holds for the largest picture of ours is taken.
  const largest = label === 'UHD2' ? PIXELS.UHD2[0] : PIXELS[label][1];
  return video.some(({ attributes: { minPixels, maxPixels } }) => {
    const max = maxPixels === undefined ? Number.MAX_SAFE_INTEGER : Number(maxPixels);
    return Number(minPixels ?? 0) <= largest && largest <= max;
  });
}

function filter(label: KeyLabel): string {
  if (label === 'AUDIO') return '<AudioFilter/>';
  const [min, max] = PIXELS[label];
  return max === Number.MAX_SAFE_INTEGER
    ? `<VideoFilter minPixels="${min}"/>`
    : `<VideoFilter minPixels="${min}" maxPixels="${max}"/>`;
}

function list(name: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`  <${name}>`, ...lines, `  </${name}>`];
}

function id(text: string | undefined): string | null {
  const hex = text?.replaceAll('-', '').toLowerCase();
  return hex !== undefined && HEX_ID.test(hex) ? hex : null;
}

function base64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}
