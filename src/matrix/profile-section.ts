// The section `profile`: how a profile of each run is taken.

import { PROFILE_HZ, USUAL_PROFILE, type ProfileWanted } from '#core/profile';
import { Fields } from '#system/yaml/fields';
import { quoteName, type ProblemList } from '#system/yaml/problem-list';
import type { YamlEntry, YamlNode } from '#system/yaml/yaml-tree';

const KEYS = ['frequency', 'stacks', 'switches', 'javascript'];
/** As `perf record --call-graph` calls them. */
const STACKS = { fp: 'frame-pointers', dwarf: 'dwarf' } as const;

/**
 * Reads `profile`: `true`, samples a second, or a mapping.
 * @returns null for none
 */
export function readProfileWanted(entry: YamlEntry | undefined, problems: ProblemList): ProfileWanted | null {
  if (entry === undefined) return null;
  const { value } = entry;
  if (value.kind !== 'map') return readFrequency(value, problems);
  const sections = new Map<string, YamlEntry>();
  for (const inner of value.entries)
    if (KEYS.includes(inner.key)) sections.set(inner.key, inner);
    else problems.addUnknown(inner.keyAt, 'key of profile', inner.key, KEYS);
  const fields = new Fields(sections, problems);
  return {
    frequencyHz: fields.count('frequency', USUAL_PROFILE.frequencyHz, PROFILE_HZ.min, PROFILE_HZ.max),
    stacks: STACKS[fields.choice('stacks', 'fp', ['fp', 'dwarf'])],
    switches: fields.flag('switches', USUAL_PROFILE.switches),
    javascript: fields.flag('javascript', USUAL_PROFILE.javascript),
  };
}

function readFrequency(node: YamlNode, problems: ProblemList): ProfileWanted | null {
  const value = node.kind === 'scalar' ? node.value : null;
  if (value === false || value === 'none') return null;
  if (value === true) return USUAL_PROFILE;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= PROFILE_HZ.min && value <= PROFILE_HZ.max)
    return { ...USUAL_PROFILE, frequencyHz: value };
  const shown = node.kind === 'scalar' && node.value !== null ? `, not ${quoteName(node.text)}` : '';
  problems.add(
    node.at,
    `profile must be true, false or samples a second from ${PROFILE_HZ.min} to ${PROFILE_HZ.max}${shown}`,
    `write profile: ${USUAL_PROFILE.frequencyHz}`,
  );
  return null;
}
