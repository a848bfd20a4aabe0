// The agent's side of a part: its child process, commands to it and what it tells.

import { UserError } from '#core/user-error';
import { ChannelReader } from '#media/channel/reader';
import { startChild, type ChildResult } from '#system/child-process';
import { ownModuleArgs } from '#system/own-module';
import type { PartMessage } from './part-messages.ts';
import type { PartCommands, PartEnd, PartSink, PartSpec, RunningPart } from './part.ts';
import { LONGEST_SWITCH_MS } from './spice/parts/codec-switch.ts';

/** A command that is not answered in this time, milliseconds, is given up. */
const ANSWER_LIMIT_MS = 10_000;
/** A tap answers that when the server has switched. */
const PREFER_LIMIT_MS = LONGEST_SWITCH_MS + 2_000;
/** A part that was told to stop and is not gone after this time, milliseconds, is killed. */
const STOP_LIMIT_MS = 3_000;
/** Commands that wait for their answer at most. */
const MAX_WAITING = 256;
/** Of standard error, kept for the reason of a crash, bytes. */
const STDERR_TAIL_BYTES = 4096;

const MODULES = {
  sender: './sender/sender-child',
  relay: './relay/relay-child',
  receiver: './receiver/receiver-child',
} as const;
/** In their place, of a SPICE desktop. */
const SPICE_MODULES = {
  relay: './spice/parts/tap-child',
  receiver: './spice/parts/client-child',
} as const;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: UserError) => void;
  readonly timer: NodeJS.Timeout;
}

/** Starts a part in a child process of ours; it never outlives us. Its rows get the stream and role of the spec. */
export function startPart(spec: PartSpec, sink: PartSink): RunningPart {
  const child = startChild(process.execPath, ownModuleArgs(import.meta.url, moduleOf(spec)), {
    openInput: true,
    channel: true,
    tailBytes: STDERR_TAIL_BYTES,
    env: { SVT_LOG: '1', ...process.env },
  });
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let gone = false;
  let told: PartEnd | null = null;
  let { stream } = spec;

  const settle = (id: number): Waiting | undefined => {
    const found = waiting.get(id);
    waiting.delete(id);
    clearTimeout(found?.timer);
    return found;
  };
  const hear = (message: PartMessage) => {
    switch (message.kind) {
      case 'answer':
        if (message.ok) settle(message.id)?.resolve(message.value);
        else settle(message.id)?.reject(new UserError({ what: message.what, where: spec.part, todo: message.todo }));
        break;
      case 'running':
        sink.running({ actual: message.actual, address: message.address, note: message.note });
        break;
      case 'stream':
        stream = message.stream;
        break;
      case 'message':
        sink.message(message.text);
        break;
      case 'value':
        sink.series?.(message.name, message.unit, message.timeUs, message.value);
        break;
      case 'picture': {
        const { frame, width, height, jpeg } = message;
        sink.picture({ frame, width, height, jpeg: Buffer.from(jpeg, 'base64') });
        break;
      }
      case 'end':
        told = { ok: message.ok, reason: message.reason };
        break;
    }
  };
  const reader = new ChannelReader(
    {
      json: (message) => hear(message as unknown as PartMessage),
      frames: (batch) => sink.frames({ ...batch, stream }),
      steps: (batch) => sink.steps({ ...batch, stream }),
    },
    { stream, role: spec.role },
  );
  child.channel?.on('data', (chunk: Buffer) => {
    reader.push(chunk);
    if (reader.fault !== null) child.kill();
  });
  // A child that is gone can't be read from or written to; its end tells why.
  child.channel?.on('error', () => child.kill());
  child.stdin?.on('error', () => child.kill());
  child.stdin?.write(`${JSON.stringify(spec)}\n`);

  const result = child.result.then((ended): PartEnd => {
    gone = true;
    for (const id of waiting.keys()) settle(id)?.reject(goneError(spec));
    return told ?? { ok: false, reason: reader.fault ?? reasonOf(ended) };
  });
  return {
    pid: child.pid,
    result,
    kill: () => child.kill(),
    command<Name extends keyof PartCommands>(name: Name, ask: PartCommands[Name]['ask']) {
      if (gone) return Promise.reject(goneError(spec));
      if (waiting.size >= MAX_WAITING)
        return Promise.reject(new UserError({ what: `the ${spec.part} does not answer`, where: name }));
      const id = ++lastId;
      const limitMs = name === 'prefer' ? PREFER_LIMIT_MS : ANSWER_LIMIT_MS;
      return new Promise<PartCommands[Name]['answer']>((resolve, reject) => {
        const giveUp = () =>
          settle(id)?.reject(
            new UserError({ what: `the ${spec.part} does not answer in ${limitMs / 1000} s`, where: name }),
          );
        const timer = setTimeout(giveUp, limitMs);
        waiting.set(id, { resolve: resolve as (value: unknown) => void, reject, timer });
        child.stdin?.write(`${JSON.stringify({ id, command: name, ask })}\n`);
        if (name === 'stop') setTimeout(() => child.kill(), STOP_LIMIT_MS).unref();
      });
    },
  };
}

function moduleOf(spec: PartSpec): string {
  return spec.part !== 'sender' && spec.spice !== undefined ? SPICE_MODULES[spec.part] : MODULES[spec.part];
}

function goneError(spec: PartSpec): UserError {
  return new UserError({ what: `the ${spec.part} is gone`, todo: 'It is started again by its agent: try once more.' });
}

/** How a child ended that told nothing. */
function reasonOf(ended: ChildResult): string {
  if (ended.end === 'not-started') return `it can't be started: ${ended.cause?.message ?? 'unknown reason'}`;
  const how = ended.signal === null ? `exit status ${ended.code}` : ended.signal;
  const said = ended.stderr.match(/^\w*Error.*$/m)?.[0] ?? ended.stderr.trim().split('\n').at(-1) ?? '';
  return said === '' ? `it ended without a word (${how})` : `it crashed (${how}): ${said}`;
}
