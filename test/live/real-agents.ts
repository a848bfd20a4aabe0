// Real agents, and a real collector, as child processes of a test.

import { fileURLToPath } from 'node:url';
import type { Collector } from '#live/collector-types';
import { startChild, type RunningChild } from '#system/child-process';

const AGENT = fileURLToPath(new URL('./agent-child.ts', import.meta.url));
const COLLECTOR = fileURLToPath(new URL('./collector-child.ts', import.meta.url));
const NODE_ARGS = ['--conditions=encodelab-source', '--disable-warning=ExperimentalWarning'];

/** @param wrapper a command that runs the agent: `unshare --time …` */
export function startAgent(
  role: string,
  url: string,
  { name, wrapper = [] }: { readonly name?: string; readonly wrapper?: readonly string[] } = {},
): RunningChild {
  const command = [...wrapper, process.execPath, ...NODE_ARGS, AGENT, role, url, ...(name === undefined ? [] : [name])];
  return startChild(command[0]!, command.slice(1));
}

export interface ChildCollector {
  readonly child: RunningChild;
  readonly port: number;
  /** Calls a method of the collector. */
  call<
    Name extends 'state' | 'startSession' | 'stopSession' | 'startRecording' | 'recorded' | 'startProfile' | 'close',
  >(
    method: Name,
    ...args: Parameters<Collector[Name]>
  ): Promise<Awaited<ReturnType<Collector[Name]>>>;
}

/** @param port 0 for a free one */
export async function startCollector(lab: string, port = 0): Promise<ChildCollector> {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>([[0, Promise.withResolvers()]]);
  let text = '';
  const child = startChild(process.execPath, [...NODE_ARGS, COLLECTOR, lab, String(port)], {
    openInput: true,
    onStdout: (chunk) => {
      const lines = (text + chunk.toString()).split('\n');
      text = lines.pop()!;
      for (const line of lines) {
        const [id, value, problem] = JSON.parse(line) as [number, unknown, string?];
        if (problem === undefined) waiting.get(id)?.resolve(value);
        else waiting.get(id)?.reject(new Error(problem));
      }
    },
  });
  void child.result.then(({ stderr }) => {
    for (const { reject } of waiting.values()) reject(new Error(`the collector ended: ${stderr}`));
  });
  // Its own input may break where it was killed.
  child.stdin!.on('error', () => undefined);
  let lastId = 0;
  return {
    child,
    port: (await waiting.get(0)!.promise) as number,
    call: (method, ...args) => {
      const id = ++lastId;
      const answer = Promise.withResolvers<unknown>();
      waiting.set(id, answer);
      child.stdin!.write(`${JSON.stringify([id, method, ...args])}\n`);
      return answer.promise as never;
    },
  };
}
