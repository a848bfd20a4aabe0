// Tells two builds of ffmpeg apart, whatever their version says: by what they are made of.

import { createHash } from 'node:crypto';
import { runChild } from '#system/child-process';
import { hashFile } from '../content-hash.ts';
import { fileIdentity } from '../inspect-cache.ts';

const LDD_TIMEOUT_MS = 20_000;
/** Hexadecimal digits kept of the hash: enough for all the builds in the world. */
const DIGITS = 16;
/** Libraries that make the pictures: FFmpeg's own, codecs, and what drives a graphics device. */
const CODEC_LIBRARY =
  /^lib(av|sw|postproc|x26|xavs|vpx|aom|SvtAv1|svtav1|rav1e|dav1d|openh264|kvazaar|uvg|xvid|theora|vv|xeve|oapv|vmaf|mfx|vpl|va[.-]|vulkan|webp|jxl|placebo|zimg)/;

/** Hashes of files by path; a file that is written again has another identity. */
const known = new Map<string, { readonly identity: string; readonly hash: string }>();

/** Hash of the executable and of the codec libraries that it loads dynamically. */
export async function buildHash(path: string): Promise<string> {
  const whole = createHash('sha256');
  for (const file of [path, ...(await codecLibraries(path))]) whole.update(await hashOnce(file));
  return whole.digest('hex').slice(0, DIGITS);
}

/** Paths of the codec libraries in the order of their names; none for a static executable. */
async function codecLibraries(path: string): Promise<string[]> {
  const told = await runChild('ldd', [path], { timeoutMs: LDD_TIMEOUT_MS });
  const found = new Set<string>();
  for (const [, name, place] of told.stdout.matchAll(/^\s*(\S+) => (\/\S+)/gm))
    if (CODEC_LIBRARY.test(name!)) found.add(place!);
  return [...found].toSorted();
}

async function hashOnce(path: string): Promise<string> {
  const identity = (await fileIdentity(path)) ?? '';
  const kept = known.get(path);
  if (kept?.identity === identity) return kept.hash;
  const hash = await hashFile(path);
  known.set(path, { identity, hash });
  return hash;
}
