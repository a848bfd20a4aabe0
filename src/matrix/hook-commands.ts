// Commands of hooks as they stand in the file, and how the value of a property gets into them.

import { HOOK_ROLES, type HookCommand, type HookRole } from '#core/benchmark';
import { nearestName } from '#core/nearest-name';
import { quoteName, type ProblemList } from '#system/yaml/problem-list';
import { splitWords } from './split-words.ts';
import type { YamlNode } from '#system/yaml/yaml-tree';

/** Commands of one hook; a file with more is no benchmark. */
const MAX_COMMANDS = 100;

/**
 * Reads the commands of a hook: a single one or a list. A text is split into words, a list is an argument list as it
 * stands, `{shell: "…"}` is a line for `/bin/sh`; `{guest: …}` gives any of these to the guest's agent.
 */
export function readHookCommands(node: YamlNode, problems: ProblemList): HookCommand[] {
  if (node.kind === 'scalar' && node.value === null) return [];
  const items = node.kind === 'list' ? node.items : [node];
  if (items.length > MAX_COMMANDS) {
    problems.add(node.at, `${items.length} commands in one hook`, `at most ${MAX_COMMANDS}: put them into a script`);
    return [];
  }
  return items.flatMap((item) => readCommand(item, problems) ?? []);
}

function readCommand(node: YamlNode, problems: ProblemList): HookCommand | null {
  const where = problems.where(node.at);
  const wrong = (what: string, todo: string) => {
    problems.add(node.at, what, todo);
    return null;
  };
  if (node.kind === 'map') {
    const [entry] = node.entries;
    const role = node.entries.length === 1 ? HOOK_ROLES.find((name) => name === entry?.key) : undefined;
    if (role !== undefined) return readCommandOf(role, entry!.value, problems);
    if (
      entry?.key === 'shell' &&
      node.entries.length === 1 &&
      entry.value.kind === 'scalar' &&
      entry.value.text.trim() !== ''
    )
      return { kind: 'shell', line: entry.value.text, where };
    return wrong(
      'this is no command',
      'write a text, a list of arguments, {shell: "a line for /bin/sh"}, or {guest: …} for an agent',
    );
  }
  const argv = node.kind === 'list' ? listWords(node.items) : splitWords(node.text);
  if (argv === null)
    return wrong(
      node.kind === 'list' ? 'an argument must be plain text' : 'a quote in this command is not closed',
      node.kind === 'list' ? 'write [program, argument, argument]' : 'close it, or write a list of arguments',
    );
  if ((argv[0] ?? '') === '') return wrong('this command is empty', 'write a program and its arguments');
  if (argv.some((word) => word.includes('\0'))) return wrong('a command holds a zero character', 'take it out');
  return { kind: 'argv', argv, where };
}

function readCommandOf(role: HookRole, node: YamlNode, problems: ProblemList): HookCommand | null {
  const command = readCommand(node, problems);
  if (command === null || command.role === undefined) return command === null ? null : { ...command, role };
  problems.add(node.at, `a command of the ${role} that is the ${command.role}'s`, 'name one of them');
  return null;
}

function listWords(items: readonly YamlNode[]): string[] | null {
  const words = items.map((item) => (item.kind === 'scalar' && item.value !== null ? item.text : null));
  return words.every((word) => word !== null) ? words : null;
}

/**
 * Puts a property's value in for `$property` and `${property}`: as (part of) an argument, so that no blank or quote in
 * it can do harm; for a shell line as a variable of that name, with `_` for what a variable's name can't hold.
 */
export function withValue(command: HookCommand, property: string, value: string): HookCommand {
  if (command.kind === 'shell') return { ...command, env: { ...command.env, [variableName(property)]: value } };
  const pattern = placeholder(property);
  return { ...command, argv: command.argv.map((word) => word.replaceAll(pattern, () => value)) };
}

function variableName(property: string): string {
  return property.replaceAll(/[^A-Za-z0-9_]/g, '_').replace(/^\d/, '_$&');
}

function placeholder(property: string): RegExp {
  const name = property.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);
  return new RegExp(`\\$(?:\\{${name}\\}|${name}(?![A-Za-z0-9_]))`, 'g');
}

/** A `$name` that is nearly the property's, or another property's, would reach the program as it stands: a slip. */
export function checkPlaceholders(
  commands: readonly HookCommand[],
  property: string | null,
  properties: readonly string[],
  problems: ProblemList,
): void {
  for (const command of commands) {
    if (command.kind === 'shell') continue;
    for (const word of command.argv) {
      const rest = property === null ? word : word.replaceAll(placeholder(property), '');
      for (const [, braced, bare] of rest.matchAll(/\$(?:\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*))/g)) {
        const name = (braced ?? bare)!;
        const nearest = nearestName(name, properties);
        if (nearest === null) continue;
        const todo =
          property === null
            ? `setup and teardown know no values: only the hooks of ${nearest} know $${nearest}`
            : `write $${property}`;
        problems.add(command.where, `${quoteName(`$${name}`)} is not known in this command`, todo);
      }
    }
  }
}

/** The command as a person would type it. */
export function formatHookCommand(command: HookCommand): string {
  const line = command.kind === 'shell' ? `sh -c ${quoteWord(command.line)}` : command.argv.map(quoteWord).join(' ');
  return command.role === undefined ? line : `${command.role}: ${line}`;
}

function quoteWord(word: string): string {
  return /^[\w@%+=:,./${}-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
