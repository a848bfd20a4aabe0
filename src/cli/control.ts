// encodelab control set|get|reset|start|stop|profile|say

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { styleText } from 'node:util';
import type { Command } from 'commander';
import { formatQuantity } from '#core/format-quantity';
import type { ControlResult, LiveState } from '#core/live';
import { liveSourceOf } from '#core/session';
import { formatSettingValue, type SettingValue } from '#core/settings';
import { UserError } from '#core/user-error';
import { EXIT, type ExitCode } from './exit-code.ts';
import { addLiveOptions, connect, type LiveOptions } from './live-option.ts';
import { plainText } from './plain-text.ts';
import type { SetExitCode } from './program.ts';
import { textTable } from './text-table.ts';

interface ControlOptions extends LiveOptions {
  readonly json?: true;
}

export function addControlCommands(program: Command, setExitCode: SetExitCode): void {
  const control = program.command('control').description('steer the running session (docs/control.md)');
  const command = (name: string, description: string) =>
    addLiveOptions(control.command(name).description(description)).option('--json', 'print JSON');

  command('get', 'print the session: its settings as asked for and in force, its parts and agents').action(
    async (options: ControlOptions) => {
      const live = await connect(options);
      const state = await live.state();
      console.log(options.json === true ? JSON.stringify(state) : describeState(state));
    },
  );
  command('set', 'change settings while the session runs')
    .argument('<change...>', 'name=value; name= takes a setting back to its default')
    .addHelpText(
      'after',
      '\nExamples:\n  encodelab control set bitrate=4M\n  encodelab control set framerate=30 preset=',
    )
    .action(async (changes: string[], options: ControlOptions) => {
      const wanted = parseChanges(changes);
      const live = await connect(options);
      setExitCode(printResults(await live.control(wanted), options));
    });
  command('reset', 'all settings as the session was started').action(async (options: ControlOptions) => {
    const live = await connect(options);
    setExitCode(printResults(await live.reset(), options));
  });
  command('start', 'start a session, or bring the running one into this state; ends when the client sees it')
    .argument('[what...]', 'a source (a file of the guest, lavfi:GRAPH, x11:DISPLAY …), and settings as name=value')
    .addHelpText(
      'after',
      '\nExamples:\n  encodelab control start clip.mp4 encoder=libx264 bitrate=4M\n  encodelab control start lavfi:testsrc2 framerate=60 resolution=1280x720',
    )
    .action(async (what: string[], options: ControlOptions) => {
      const settings = parseSession(what);
      const live = await connect(options);
      await live.stream(settings);
      const state = await live.state();
      console.log(options.json === true ? JSON.stringify(state.session) : describeSession(state));
    });
  command('stop', 'end the session').action(async (options: ControlOptions) => {
    const live = await connect(options);
    await live.stop();
    if (options.json === true) console.log(JSON.stringify((await live.state()).session));
  });
  command('profile', 'take a profile of the machine on which the server runs, for ten minutes at most')
    .argument('<action>', 'start, or stop', parseAction)
    .action(async (action: 'start' | 'stop', options: ControlOptions) => {
      const live = await connect(options);
      const { profile } = await live.profile(action);
      console.log(options.json === true ? JSON.stringify(profile) : describeProfile(profile));
    });
  command('say', 'write a line into the feed; one that begins with ! is a marker on every chart')
    .argument('<text...>', 'what to say')
    .action(async (text: string[], options: ControlOptions) => {
      const live = await connect(options);
      const message = await live.say(text.join(' '));
      if (options.json === true) console.log(JSON.stringify(message));
    });
}

/** @throws UserError for any other word */
function parseAction(word: string): 'start' | 'stop' {
  if (word === 'start' || word === 'stop') return word;
  throw new UserError({ what: `"${plainText(word)}" is nothing that a profile does`, todo: 'start, or stop' });
}

function describeProfile(profile: LiveState['profile']): string {
  if (profile === null) return 'no profile was taken';
  const { state, scope, forS, run, absent, elsewhere, overheadCpuS, problem } = profile;
  if (state === 'ended')
    return problem === null ? 'the profile has ended' : `the profile has ended: ${plainText(problem)}`;
  return [
    `a profile of ${scope === 'system' ? 'this machine' : 'encodelab’s own processes'} is taken, for ${forS} s at most`,
    run === null
      ? 'nothing is recorded: it can be looked at while it is taken, and is not kept'
      : `it is kept with run ${run}`,
    ...(overheadCpuS === null || overheadCpuS === 0
      ? []
      : [`taking it has used ${formatQuantity(overheadCpuS, 's')} of CPU time`]),
    ...absent.map((line) => `missing: ${plainText(line)}`),
    ...elsewhere.map((agent) => `missing: agent ${plainText(agent)} is on another machine`),
  ].join('\n');
}

/** A setting's value as it is typed: a number and true or false are what they look like, as in a benchmark's file. */
export function parseValue(text: string): SettingValue {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** @throws UserError where one is no name=value */
export function parseChanges(changes: readonly string[]): Record<string, SettingValue | null> {
  const parsed: Record<string, SettingValue | null> = {};
  for (const change of changes) {
    const at = change.indexOf('=');
    if (at <= 0) throw new UserError({ what: `"${change}" is no change`, todo: 'name=value, as in bitrate=4M' });
    const name = change.slice(0, at);
    // The server's word on names is wider; this one keeps `__proto__` from vanishing in an object.
    if (!/^[A-Za-z0-9]/.test(name))
      throw new UserError({
        what: `"${name}" is no name of a setting`,
        todo: 'encodelab encoders NAME lists the parameters of an encoder',
      });
    const text = change.slice(at + 1);
    parsed[name] = text === '' ? null : parseValue(text);
  }
  return parsed;
}

/** The first word may be a source; a file here is named by its whole path, any other is left to the guest. */
function parseSession(what: readonly string[]): Record<string, SettingValue> {
  const [first] = what;
  const isSource = first !== undefined && (!first.includes('=') || first.startsWith('lavfi:') || existsSync(first));
  const changes = parseChanges(isSource ? what.slice(1) : what);
  const settings = Object.fromEntries(Object.entries(changes).filter((entry) => entry[1] !== null)) as Record<
    string,
    SettingValue
  >;
  if (!isSource) return settings;
  const isName = first.startsWith('lavfi:') || liveSourceOf(first) !== null;
  return { source: isName || !existsSync(first) ? first : resolve(first), ...settings };
}

function printResults(results: readonly ControlResult[], { json }: ControlOptions): ExitCode {
  if (json === true) console.log(JSON.stringify(results));
  else if (results.length === 0) console.error('nothing to change');
  else {
    const rows = results.map(({ name, requested, actual, how, gapMs, note }) => [
      plainText(name),
      requested === '' ? 'default' : plainText(formatSettingValue(requested)),
      plainText(actual ?? ''),
      how === 'refused' ? styleText('red', how) : how,
      gapMs === null ? '' : formatQuantity(gapMs, 'ms'),
      firstLine(note),
    ]);
    const columns = ['setting', 'asked for', 'in force', 'how'].map((title) => ({ title }));
    console.log(textTable([...columns, { title: 'stood still', align: 'right' }, { title: '' }], rows));
  }
  return results.some(({ how }) => how === 'refused') ? EXIT.failed : EXIT.ok;
}

function describeState(state: LiveState): string {
  const agents = state.agents.map((agent) => [
    plainText(agent.name),
    plainText(agent.role),
    plainText(agent.host),
    agent.connected ? 'connected' : 'gone',
    agent.clock === null ? '' : `± ${formatQuantity(agent.clock.errorUs, 'us')}`,
  ]);
  const columns = ['agent', 'role', 'host', '', 'clock'].map((title) => ({ title }));
  const none = 'no agents: encodelab agent --role guest|server|client --collector URL --token T';
  return [describeSession(state), '', agents.length === 0 ? none : textTable(columns, agents)].join('\n');
}

function describeSession({ session, recording }: LiveState): string {
  if (session === null) return 'no session: encodelab control start FILE';
  // The network's conditions are the relay's to tell.
  const inForce = Object.assign({}, ...session.parts.map(({ actual }) => actual)) as Record<string, string>;
  const names = [...new Set([...Object.keys(session.settings), ...Object.keys(inForce)])];
  const settings = names.map((name) => {
    const asked = session.settings[name];
    return [
      plainText(name),
      asked === undefined ? '' : plainText(formatSettingValue(asked)),
      plainText(inForce[name] ?? ''),
    ];
  });
  const parts = session.parts.map(({ part, agent, state, note }) => [
    part,
    plainText(agent),
    state === 'failed' ? styleText('red', state) : state,
    firstLine(note),
  ]);
  return [
    `the session ${session.running ? 'runs' : 'is stopped'}${recording === null ? '' : `, and is recorded as ${plainText(recording.name)}`}`,
    '',
    textTable([{ title: 'setting' }, { title: 'asked for' }, { title: 'in force' }], settings),
    ...(session.waiting === null
      ? []
      : [
          '',
          plainText(
            `${session.waiting.name} ${formatSettingValue(session.waiting.requested)} waits ${session.waiting.text}`,
          ),
        ]),
    ...(parts.length === 0
      ? []
      : ['', textTable([{ title: 'part' }, { title: 'agent' }, { title: '' }, { title: '' }], parts)]),
  ].join('\n');
}

/** Of a note with several lines: the others would break the columns. */
function firstLine(note: string | null): string {
  return plainText(note ?? '').split('\n', 1)[0]!;
}
