// What GStreamer is told so that it tells the time of each element, and which of its elements encode video.

import { basename, dirname, join } from 'node:path';
import { runChild } from '#system/child-process';

/** Of the latency tracer's documentation: pipeline+element, and no tracer besides it (rusage and stats write 26 KB a frame). */
const TRACERS = 'latency(flags=pipeline+element)';
/** Records of the tracer; the pipeline's clock; which factory made which element. */
const DEBUG = 'GST_TRACER:7,pipeline:5,GST_ELEMENT_FACTORY:4';
const INSPECT_TIMEOUT_MS = 5_000;
/** Factories that are looked up after a run. */
const MAX_LOOKED_UP = 16;

/** True for a program of which GStreamer's own environment is understood: `gst-launch-1.0`. */
export function isGstLaunch(program: string): boolean {
  return basename(program).startsWith('gst-launch');
}

/**
 * The environment that turns the tracer on.
 * @param own what the benchmark and the user's environment say; a GST_DEBUG of theirs goes on to hold beside ours
 * @param log path that GStreamer writes to
 * @returns variables to add, or the one that stands in the way
 */
export function tracerEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  log: string,
): Readonly<Record<string, string>> | { readonly inTheWay: string } {
  for (const name of ['GST_TRACERS', 'GST_DEBUG_FILE']) if ((own[name] ?? '') !== '') return { inTheWay: name };
  const debug = own['GST_DEBUG'] ?? '';
  return {
    GST_TRACERS: TRACERS,
    GST_DEBUG: debug === '' ? DEBUG : `${debug},${DEBUG}`,
    GST_DEBUG_FILE: log,
    GST_DEBUG_NO_COLOR: '1',
  };
}

/** Factories of elements that a pipeline's description names: `x264enc bitrate=500 name=video` gives video → x264enc. */
export function namedElements(argv: readonly string[]): Map<string, string> {
  const named = new Map<string, string>();
  let factory: string | null = null;
  for (const word of argv.slice(1).flatMap((argument) => argument.trim().split(/\s+/))) {
    if (word === '!' || word === '' || word.startsWith('-')) continue;
    const name = /^name=["']?([^"']+)["']?$/.exec(word);
    if (name !== null && factory !== null) named.set(name[1]!, factory);
    else if (/^[a-z0-9_-]+$/i.test(word)) factory = word;
  }
  return named;
}

/**
 * Which of some factories encode pictures, as `gst-inspect` beside the program tells of their class
 * (`Codec/Encoder/Video`). What can't be looked up is taken for one: its times are checked against the frames all the same.
 */
export async function videoEncoders(program: string, factories: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const inspect = join(dirname(program), basename(program).replace('launch', 'inspect'));
  const found = new Set<string>();
  for (const factory of [...factories].slice(0, MAX_LOOKED_UP)) {
    const result = await runChild(inspect, [factory], { timeoutMs: INSPECT_TIMEOUT_MS });
    const klass = /^\s*Klass\s+(.+)$/m.exec(result.stdout)?.[1];
    if (klass === undefined || (/Encoder/.test(klass) && /Video|Image/.test(klass))) found.add(factory);
  }
  return found;
}
