// The names inside of x264-params, x265-params and svtav1-params: candidates from the library itself, each tried on it.

import { open } from 'node:fs/promises';
import type { SubOption } from '#core/encoder';
import type { EncodeParameters } from './encode-job.ts';
import { describedOptions } from './encoder-text.ts';
import { wrongKeyNames } from './trial-log.ts';
import type { LoggedTrial } from './trial-runner.ts';

/** Parameters that hold a list of keys, with a name in the library's own table of them that is no ending of another. */
const TABLE_ANCHORS: Readonly<Record<string, string>> = {
  'x264-params': 'sliced-threads',
  'x265-params': 'rdoq-level',
  'svtav1-params': 'film-grain-denoise',
};
/** Names lie close together in a library; more is read than is needed, since each is tried. */
const TABLE_BYTES = 8_000;
/** Too short to be told from other text in the library; or compilers put them into the code. */
const SHORT_NAMES = (
  'asm b-adapt b-bias bitrate bframes cabac crf crop-rect ctu cutree deblock direct fps hash hme interlaced keyint level ' +
  'limit-tu lookahead lp max-qp me merange mbr mbtree min-qp nr open-gop passes pin pools preset profile psy psy-rd ' +
  'psy-rdoq qcomp qg-size qp rc rc-lookahead rd ref rect amp sao sar scd scm scenecut sharpness slices stats subme tbr ' +
  'threads tier trellis tune tiles tile-columns tile-rows tf-strength undershoot-pct overshoot-pct vbv-bufsize ' +
  'vbv-maxrate weightb weightp wpp aq-mode aq-strength bias-pct fast-decode film-grain enable-stat-report ' +
  'hierarchical-levels lossless max-tx-size qindex-offsets resize-mode gop-constraint-rc aud repeat-headers'
).split(' ');
/** A key whose value is refused is logged like an unknown one: it is tried with each of these. */
const TRIED_VALUES = ['1', '0', 'none', '2'];
/** x265 4.1 forgets a space behind a value. */
const MISSING_SPACE = /conformance-window-offsets$/;
/** A name of nobody's, which shows that the library tells of what it does not know. */
const FOREIGN_NAME = 'encodelab-foreign-name';

/** The parameter of an encoder that holds such a list; null where it has none. */
export function keyListOf(names: readonly string[]): string | null {
  return names.find((name) => name in TABLE_ANCHORS) ?? null;
}

/**
 * The keys that an encoder takes in its list.
 * @param parameter `x264-params` …
 * @param description what the encoder writes about itself, with its defaults; null where it writes nothing
 * @param library file of the library; null where it is not known
 * @param attempt tries values of the list on the encoder; one result for each
 * @returns empty where the library does not tell which keys it does not know
 */
export async function findSubOptions(
  parameter: string,
  description: string | null,
  library: string | null,
  attempt: (lists: readonly string[]) => Promise<LoggedTrial[]>,
): Promise<SubOption[]> {
  const described = new Map(
    [...describedOptions(description ?? '')].map(([key, value]) => [plain(key), value.replace(MISSING_SPACE, '')]),
  );
  const inLibrary = library === null ? [] : await namesBeside(library, TABLE_ANCHORS[parameter]!);
  const names = new Set([...described.keys(), ...SHORT_NAMES, ...inLibrary]);
  const candidates = [...names].filter((name) => !name.startsWith('no-'));
  const listOf = (some: readonly string[], value: string) =>
    [...some.map((name) => `${name}=${pairValue(described.get(name)) ?? value}`), `${FOREIGN_NAME}=1`].join(':');
  const [alone, ...first] = await attempt([listOf([], ''), ...TRIED_VALUES.map((value) => listOf(candidates, value))]);
  if (!cameToEnd(alone!)) return [];
  let answers = first;
  if (!first.every(cameToEnd)) {
    const ending = await namesThatEnd(candidates, (groups) => attempt(groups.map((group) => listOf(group, '1'))));
    const harmless = candidates.filter((name) => !ending.has(name));
    answers = await attempt(TRIED_VALUES.map((value) => listOf(harmless, value)));
    for (const name of ending) names.delete(name);
  }
  const refused = answers.filter(cameToEnd).map(({ log }) => wrongKeyNames(log));
  return candidates
    .filter((name) => names.has(name) && refused.some((wrong) => !wrong.has(name)))
    .toSorted()
    .map((name) => ({ parameter, name, default: described.get(name) ?? null, description: '' }));
}

/** True where the library read the list to its end, and told of the name there that it does not know. */
function cameToEnd({ log }: LoggedTrial): boolean {
  return wrongKeyNames(log).has(FOREIGN_NAME);
}

/** The names at which a library stops reading the list (x265's alpha, where it is built without), found by halves. */
async function namesThatEnd(
  names: readonly string[],
  attempt: (groups: readonly (readonly string[])[]) => Promise<LoggedTrial[]>,
): Promise<Set<string>> {
  const found = new Set<string>();
  let suspects: (readonly string[])[] = [names];
  while (suspects.length > 0) {
    const halves = suspects.flatMap((group) => {
      const half = Math.ceil(group.length / 2);
      return [group.slice(0, half), group.slice(half)];
    });
    const answers = await attempt(halves);
    const bad = halves.filter((_, index) => !cameToEnd(answers[index]!));
    for (const group of bad) if (group.length === 1) found.add(group[0]!);
    suspects = bad.filter((group) => group.length > 1);
  }
  return found;
}

/** The list that the trial encode of these parameters gets. */
export function withKeyList(parameters: EncodeParameters, parameter: string, list: string): EncodeParameters {
  return { ...parameters, options: { [parameter]: list } };
}

/** x264 and SVT-AV1 take dashes and underscores alike; dashes are how they are documented. */
function plain(name: string): string {
  return name.replaceAll('_', '-');
}

/** Colons end a pair in FFmpeg's lists. */
function pairValue(value: string | undefined): string | undefined {
  return value?.replaceAll(':', '\\:');
}

/** Texts in the neighbourhood of a text in a library that look like names. */
async function namesBeside(path: string, anchor: string): Promise<string[]> {
  const file = await open(path).catch(() => null);
  if (file === null) return [];
  try {
    const chunk = Buffer.alloc(8 * 1024 * 1024);
    const wanted = Buffer.from(`\0${anchor}\0`, 'latin1');
    for (let start = 0; ; start += chunk.length - TABLE_BYTES) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length, start);
      const at = chunk.subarray(0, bytesRead).indexOf(wanted);
      if (at >= 0) {
        const around = Buffer.alloc(2 * TABLE_BYTES);
        const { bytesRead: read } = await file.read(around, 0, around.length, Math.max(0, start + at - TABLE_BYTES));
        return around
          .subarray(0, read)
          .toString('latin1')
          .split('\0')
          .filter((text) => /^[a-z][a-z0-9-]{2,40}$/.test(text));
      }
      if (bytesRead < chunk.length) return [];
    }
  } finally {
    await file.close();
  }
}
