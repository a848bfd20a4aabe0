// The profile that a page carries, and that of another such page, or a packed one, that is dropped on it.

import type { Profile } from '#core/profile';
import { readProfileText } from '#profile/formats/read-profile';
import { isPack, unpackProfile } from '#profile/pack';
import { PAGE_VERSION, profileInPage } from '#profile/pack-page';
import type { ProfilePageFacts } from '#server/profile-file';

export interface CarriedProfile {
  readonly profile: Profile;
  readonly facts: ProfilePageFacts;
}

/** More than any browser makes a page of. */
const MAX_FILE_BYTES = 1024 ** 3;

/** The profile in this page; null where it carries none. */
export async function ownProfile(): Promise<CarriedProfile | null> {
  const pack = document.getElementById('profile-pack');
  const facts = document.getElementById('profile-facts');
  if (pack === null || facts === null) return null;
  return carried({ base64: pack.textContent.trim(), facts: JSON.parse(facts.textContent) as unknown });
}

/** @throws Error with a sentence for people where it is neither an exported page nor a profile that can be read here */
export async function profileOfFile(file: File): Promise<CarriedProfile> {
  if (file.size > MAX_FILE_BYTES) throw new Error(`${file.name} is too large`);
  const stored = new Uint8Array(await file.arrayBuffer());
  const isGzip = stored[0] === 0x1f && stored[1] === 0x8b;
  const bytes = isGzip ? await gunzipped(stored) : stored;
  if (isPack(bytes)) return alone(unpackProfile(bytes), file.name);
  const text = new TextDecoder().decode(bytes);
  const inPage = profileInPage(text);
  if (inPage !== null) return carried(inPage);
  if (bytes.includes(0)) throw new Error(whyBinary(file.name, bytes));
  return alone(await readProfileText(wholeText(text), file.name), file.name);
}

/** `PERFILE2`, as either byte order writes it (perf's file format, struct perf_file_header). */
const PERF_MAGICS = ['PERFILE2', '2ELIFREP'];

function whyBinary(name: string, bytes: Uint8Array): string {
  const magic = String.fromCharCode(...bytes.subarray(0, 8));
  return PERF_MAGICS.includes(magic)
    ? `${name} is a perf.data, whose symbols lie on its machine: encodelab profile import reads it there`
    : `${name} is no profile that can be opened here: it is neither text nor a page that encodelab wrote`;
}

async function* wholeText(text: string): AsyncGenerator<string> {
  yield text;
}

async function carried({ base64, facts }: { base64: string; facts: unknown }): Promise<CarriedProfile> {
  const { version } = facts as { version: unknown };
  if (version !== PAGE_VERSION)
    throw new Error(`this file was written by another version of encodelab (${String(version)}, not ${PAGE_VERSION})`);
  const packed = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
  return { profile: unpackProfile(await gunzipped(packed)), facts: facts as ProfilePageFacts };
}

function alone(profile: Profile, name: string): CarriedProfile {
  const { startNs } = profile.header;
  return { profile, facts: { version: PAGE_VERSION, name, originNs: startNs, phases: [], frames: null } };
}

async function gunzipped(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
