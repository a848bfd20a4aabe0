// What a file asks for and its kind of session can't give.

import type { Benchmark, HookCommand } from '#core/benchmark';
import type { ProblemList } from '#system/yaml/problem-list';
import type { YamlEntry } from '#system/yaml/yaml-tree';

/** Settings that only a stream between machines has. */
const STREAM_SETTINGS = ['display', 'network', 'transport', 'adapt', 'stress'];
const STREAMING = '(session: loopback or spice)';

type Asked = Pick<Benchmark, 'session' | 'cells' | 'setup' | 'teardown' | 'hooks' | 'quality' | 'keepOutput'>;

/** Sentences with their places, for a session that encodes or shows a SPICE desktop; one of our own parts honours all of it. */
export function sessionWarnings(
  asked: Asked,
  sections: ReadonlyMap<string, YamlEntry>,
  problems: ProblemList,
): string[] {
  const warnings: string[] = [];
  const warn = (key: string, sentence: string) => {
    const entry = sections.get(key);
    if (entry !== undefined) warnings.push(`${problems.where(entry.keyAt)}: ${sentence}`);
  };
  if (asked.session === 'spice') {
    if (asked.quality !== null)
      warn(
        'quality',
        'pictures of a SPICE session are not compared: the client keeps none, and no quality is measured',
      );
    if (asked.keepOutput) warn('keep_output', 'of a SPICE session no encoded file is kept');
  }
  if (asked.session !== 'encode') return warnings;
  warn(
    'record_time',
    `record_time is honoured by streaming sessions only ${STREAMING}; an encode ends with its source`,
  );
  warn('settle', `settle is honoured by streaming sessions only ${STREAMING}`);
  const [first] = asked.cells;
  if (first?.settings['encoder'] === undefined)
    warn('codec', `codec is the encoder of a streaming session ${STREAMING}; an encode needs settings: {encoder: …}`);
  if (first?.settings['source'] === undefined)
    warnings.push(`${problems.where(0)}: there is no source: an encode needs source: clip.mp4`);
  for (const name of STREAM_SETTINGS)
    if (asked.cells.some(({ settings }) => name in settings)) {
      const entry = findSetting(name, sections);
      warnings.push(
        `${problems.where(entry?.keyAt ?? 0)}: ${name} is honoured by streaming sessions only ${STREAMING}`,
      );
    }
  const remote = agentCommands(asked);
  const roles = [...new Set(remote.map(({ role }) => role))].join(', ');
  if (remote[0] !== undefined)
    warnings.push(
      `${remote[0].where}: commands for agents (${roles}; ${remote.length} in this file) run in streaming sessions only ${STREAMING}`,
    );
  return warnings;
}

function findSetting(name: string, sections: ReadonlyMap<string, YamlEntry>): YamlEntry | undefined {
  for (const key of ['settings', 'matrix', 'scripted_properties']) {
    const value = sections.get(key)?.value;
    const entry = value?.kind === 'map' ? value.entries.find((inner) => inner.key === name) : undefined;
    if (entry !== undefined) return entry;
  }
  return undefined;
}

/** Commands that a role's agent must run, in the file's order. */
export function agentCommands(benchmark: Pick<Benchmark, 'setup' | 'teardown' | 'hooks'>): HookCommand[] {
  const around = benchmark.hooks.flatMap(({ before, after }) => [...before, ...after]);
  return [...benchmark.setup, ...benchmark.teardown, ...around].filter(({ role }) => role !== undefined);
}
