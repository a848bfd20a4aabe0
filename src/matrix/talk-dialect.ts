// The dialect on the slides of the first talk (2020): comma lists, scripted_properties, and scripts whose lines are
// addressed to a system (`vm …`, `server …`).

import type { HookCommand, HookRole } from '#core/benchmark';
import { readHookCommands } from './hook-commands.ts';
import type { ProblemList } from '#system/yaml/problem-list';
import { splitCommands } from './split-words.ts';
import type { YamlMap, YamlNode, YamlScalar } from '#system/yaml/yaml-tree';

/** Keys at the top that only the talk's dialect has. */
export const TALK_KEYS = ['codec', 'description', 'scripted_properties', 'scripts'] as const;

/** The talk's words for the systems that take part. */
const ROLES: Readonly<Record<string, HookRole>> = { vm: 'guest', guest: 'guest', server: 'server', client: 'client' };

export function isTalkDialect(root: YamlMap): boolean {
  return root.entries.some(({ key }) => (TALK_KEYS as readonly string[]).includes(key));
}

/** `8000, 16000, 32000` as a list; everything else as it is. */
export function splitCommaList(node: YamlNode): YamlNode {
  if (node.kind !== 'scalar' || !node.plain || !node.text.includes(',')) return node;
  const items: YamlScalar[] = [];
  let offset = 0;
  for (const part of node.text.split(',')) {
    const text = part.trim();
    const at = node.at + offset + (part.length - part.trimStart().length);
    items.push({ kind: 'scalar', value: plainValue(text), text, plain: true, at });
    offset += part.length + 1;
  }
  return { kind: 'list', items, at: node.at };
}

/** What YAML would make of the text, had it stood alone. */
function plainValue(text: string): string | number | boolean | null {
  if (text === '') return null;
  if (text === 'true' || text === 'false') return text === 'true';
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : text;
}

/** `img_lady_1920:` without a value stands for itself: the name is what a script gets for `$display`. */
export function fillNames(node: YamlNode): YamlNode {
  if (node.kind !== 'map') return splitCommaList(node);
  const entries = node.entries.map((entry) =>
    entry.value.kind === 'scalar' && entry.value.value === null
      ? { ...entry, value: { ...entry.value, value: entry.key, text: entry.key, plain: false } }
      : entry,
  );
  return { ...node, entries };
}

/** Command lines of a script: `;` separates commands, and a first word that names a system says whose agent runs it. */
export function readScript(node: YamlNode, problems: ProblemList): HookCommand[] {
  const items = node.kind === 'list' ? node.items : [node];
  const commands: YamlNode[] = items.flatMap((item) =>
    item.kind === 'scalar' && typeof item.value === 'string'
      ? splitCommands(item.text).map((text) => ({ ...item, value: text, text }))
      : item,
  );
  return readHookCommands({ kind: 'list', items: commands, at: node.at }, problems).map(addressed);
}

function addressed(command: HookCommand): HookCommand {
  if (command.kind === 'shell' || command.argv.length < 2) return command;
  const [system, ...argv] = command.argv;
  const role = Object.hasOwn(ROLES, system!) ? ROLES[system!] : undefined;
  if (role === undefined) return command;
  // The talk's `vm exec PROGRAM` runs a program; its other commands are programs here too.
  return { ...command, argv: argv[0] === 'exec' && argv.length > 1 ? argv.slice(1) : argv, role };
}
