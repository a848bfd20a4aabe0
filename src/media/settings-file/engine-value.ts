// The setting `engine`: `bundled`, `ffmpeg`, a path, or `{path: …, name: …}`, so that builds can be compared.

import { resolve } from 'node:path';
import { BUNDLED_ENGINE, PATH_ENGINE } from '#core/engine';
import { quoteName } from '#system/yaml/problem-list';
import type { FileContext, NamedValue } from './read-setting.ts';
import type { YamlMap, YamlNode } from '#system/yaml/yaml-tree';

const KEYS = ['path', 'name'];

/** True for a mapping that is one engine, and not a list of named ones. */
export function isEngineMap(property: string, node: YamlNode): boolean {
  return property === 'engine' && node.kind === 'map' && node.entries.some(({ key }) => key === 'path');
}

/** `{path: /opt/ffmpeg/bin/ffmpeg, name: mine}`; null where it told a problem. */
export function readEngineMap(node: YamlMap, context: FileContext): NamedValue | null {
  const { problems } = context;
  const texts = new Map<string, string>();
  let good = true;
  for (const { key, keyAt, value } of node.entries) {
    if (!KEYS.includes(key)) {
      problems.addUnknown(keyAt, 'key of an engine', key, KEYS);
      good = false;
    } else if (value.kind !== 'scalar' || value.value === null || value.text.trim() === '') {
      problems.add(value.at, `${key} of an engine is a text`, 'engine: {path: /opt/ffmpeg/bin/ffmpeg, name: mine}');
      good = false;
    } else texts.set(key, value.text);
  }
  const path = texts.get('path');
  if (!good || path === undefined) return null;
  const value = enginePath(path, context.folder);
  if (value === null) {
    problems.add(node.at, `${quoteName(path)} is no path of an engine`, `write ./${path} for a file beside this one`);
    return null;
  }
  return { name: texts.get('name') ?? path, value };
}

/** A path is relative to its file; a bare word is left for the engines to know. */
export function resolveEngine(text: string, folder: string): string {
  return text.includes('/') ? resolve(folder, text) : text;
}

function enginePath(path: string, folder: string): string | null {
  if (path.includes('/')) return resolve(folder, path);
  return path === PATH_ENGINE || path === BUNDLED_ENGINE ? path : null;
}
