// Hooks of a benchmark on the agents of its roles: found by their place in the file, which this server reads itself.

import type { Benchmark, HookCommand } from '#core/benchmark';
import { formatSettingValue } from '#core/settings';
import { UserError, type Problem } from '#core/user-error';
import type { AgentHookResult } from '#live/agent-wire';
import type { Collector } from '#live/collector-types';
import type { HookPlace } from '#live/session-runner';
import { formatHookCommand, withValue } from '#matrix/hook-commands';
import { readBenchmarkFile } from '#matrix/read-benchmark-file';

/**
 * Runs the command that stands at a place of a benchmark's file.
 * @returns what went wrong; null where it ended well
 * @throws UserError where nothing stands there, or its role has no agent that runs hooks
 */
export async function runPlacedHook(
  collector: Collector,
  place: HookPlace,
  timeoutMs: number,
): Promise<Problem | null> {
  const command = findHook(await readBenchmarkFile(place.file, { yes: true }), place);
  if (command.role === undefined)
    throw new UserError({ what: `${formatHookCommand(command)} is for no agent`, where: command.where });
  const argv = command.kind === 'shell' ? ['/bin/sh', '-c', command.line] : command.argv;
  const env = command.kind === 'shell' ? (command.env ?? {}) : {};
  const result = await collector.hook(command.role, argv, env, timeoutMs);
  return result.end === 'exited' && result.code === 0 ? null : describe(command, result, timeoutMs);
}

/** @throws UserError where the file has no such hook, or its property no such value */
function findHook(benchmark: Benchmark, place: HookPlace): HookCommand {
  const { moment, property, value, index } = place;
  const none = (what: string) => new UserError({ what, where: place.file, todo: 'has the file changed since?' });
  if (moment === 'setup' || moment === 'teardown') {
    const command = benchmark[moment][index];
    if (command === undefined) throw none(`${moment} has no command ${index + 1}`);
    return command;
  }
  const command = benchmark.hooks.find((hooks) => hooks.property === property)?.[moment][index];
  if (command === undefined || property === null) throw none(`there is no command ${index + 1} ${moment} ${property}`);
  // A value that is not in the file would be an argument that somebody else chose.
  const cell = benchmark.cells.find(({ properties }) => properties[property] === value);
  if (cell === undefined || value === null) throw none(`${property} has no value ${value}`);
  return withValue(command, property, formatSettingValue(cell.settings[property] ?? value));
}

function describe(command: HookCommand, result: AgentHookResult, timeoutMs: number): Problem {
  const written = [result.stderr, result.stdout].map((text) => text.trimEnd()).filter((text) => text !== '');
  const output = written.length === 0 ? '' : `\n${written.join('\n').replaceAll(/^/gm, '    ')}`;
  const ending =
    result.end === 'timeout'
      ? `did not end within ${timeoutMs / 1000} s and was stopped`
      : result.end === 'exited'
        ? `failed with exit status ${result.code}`
        : result.end === 'not-started'
          ? 'could not be started'
          : 'was killed';
  return { what: `the hook ${formatHookCommand(command)} ${ending}${output}`, where: command.where };
}
