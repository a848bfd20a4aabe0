// A ladder's file as text → a ladder, or everything that is wrong with it. docs/ladders.md describes the format.

import { basename, extname } from 'node:path';
import type { Settings } from '#core/settings';
import { PROTECTIONS, type Ladder } from '#core/title';
import { fileContext, type FileContext } from '#media/settings-file/read-setting';
import { Fields } from '#system/yaml/fields';
import type { ProblemList } from '#system/yaml/problem-list';
import { parseYamlTree, type YamlEntry, type YamlNode } from '#system/yaml/yaml-tree';
import { keepPlaces } from '../rung.ts';
import { readAudio } from './audio-section.ts';
import { readPerTitle } from './per-title-section.ts';
import { readRungSettings, type Rung } from './rung-settings.ts';

/** Keys at the top of a ladder's file. */
export const LADDER_KEYS = ['name', 'gop', 'settings', 'rungs', 'audio', 'protection', 'per_title'] as const;

const WORDS = { noun: 'ladder', keys: LADDER_KEYS.join(', '), needs: 'rungs' };
/** A player chooses among this many at most; more are a slip. */
const MAX_RUNGS = 64;
const MAX_NAME_LENGTH = 100;
const DEFAULT_GOP_MS = 2_000;
/** A segment is one of them or several: below half a second they cost too much, above ten players wait too long. */
const GOP = { minMs: 500, maxMs: 10_000, bareMs: 1_000, example: '2s' };

/**
 * @param file path of the text, for its name, for messages, and for engines that are named relative to it
 * @throws UserError with everything that is wrong, each with file:line:column
 */
export function parseLadder(text: string, file: string): Ladder {
  const { root, problems } = parseYamlTree(text, file, WORDS);
  const context = fileContext(
    file,
    problems,
    false,
    (setting) => `a rung has one value of each: write a second rung for another ${setting}`,
  );
  const sections = new Map<string, YamlEntry>();
  for (const entry of root.entries)
    if ((LADDER_KEYS as readonly string[]).includes(entry.key)) sections.set(entry.key, entry);
    else problems.addUnknown(entry.keyAt, 'key', entry.key, LADDER_KEYS);
  const fields = new Fields(sections, problems);
  const shared = readShared(sections.get('settings'), context);
  const perTitle = readPerTitle(sections.get('per_title'), shared, context);
  const ladder: Ladder = {
    version: 1,
    name: readName(sections.get('name'), file, problems),
    gopS: fields.duration('gop', DEFAULT_GOP_MS, GOP) / 1000,
    rungs: readRungs(sections.get('rungs'), shared, context),
    perTitle,
    audio: readAudio(sections.get('audio'), problems),
    protection: fields.choice('protection', 'none', PROTECTIONS),
  };
  if (ladder.rungs.length === 0 && perTitle === null && !problems.any)
    problems.add(
      sections.get('rungs')?.keyAt ?? root.at,
      'the ladder has no rungs',
      'rungs: [{encoder: libx264, resolution: 720p, crf: 23}]',
    );
  if (ladder.rungs.length > 0 && perTitle !== null)
    problems.add(
      sections.get('per_title')!.keyAt,
      'rungs are found for each title, or fixed',
      'keep rungs or per_title',
    );
  problems.throwIfAny();
  return ladder;
}

function readShared(entry: YamlEntry | undefined, context: FileContext): Rung {
  if (entry === undefined) return { settings: {}, places: new Map() };
  if (entry.value.kind === 'map') return readRungSettings(entry.value, null, context);
  context.problems.add(entry.value.at, 'settings is a mapping of what all rungs share', 'settings: {encoder: libx264}');
  return { settings: {}, places: new Map() };
}

function readRungs(entry: YamlEntry | undefined, shared: Rung, context: FileContext): Settings[] {
  if (entry === undefined) return [];
  const rungs: Settings[] = [];
  for (const node of listOf(entry, 'rungs', '- {encoder: libx264, resolution: 720p, crf: 23}', context.problems)) {
    if (node.kind !== 'map') {
      context.problems.add(
        node.at,
        'a rung is a mapping of settings',
        '- {encoder: libx264, resolution: 720p, crf: 23}',
      );
      continue;
    }
    const rung = readRungSettings(node, shared, context);
    if (rung.settings['encoder'] === undefined)
      context.problems.add(node.at, 'the rung names no encoder', 'add encoder: libx264, here or under settings:');
    if (rungs.length === MAX_RUNGS) context.problems.add(node.at, `more than ${MAX_RUNGS} rungs`, 'leave some out');
    keepPlaces(rung.settings, rung.places);
    rungs.push(rung.settings);
  }
  return rungs;
}

/** Nodes of a list; tells a problem and gives none where it is none. */
function listOf({ value }: YamlEntry, key: string, example: string, problems: ProblemList): readonly YamlNode[] {
  if (value.kind === 'list') return value.items;
  if (!(value.kind === 'scalar' && value.value === null))
    problems.add(value.at, `${key} is a list`, `${key}: ${example}`);
  return [];
}

/** The name, else the file's. */
function readName(entry: YamlEntry | undefined, file: string, problems: ProblemList): string {
  const name =
    entry === undefined ? basename(file, extname(file)) : entry.value.kind === 'scalar' ? entry.value.text : '';
  if (name.trim() !== '' && name.length <= MAX_NAME_LENGTH && !/\p{Cc}/u.test(name)) return name;
  problems.add(entry?.value.at ?? 0, `name is a text of at most ${MAX_NAME_LENGTH} characters`, 'name: web');
  return 'unnamed';
}
