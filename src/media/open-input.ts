// Opening a source for demuxing, in a child of ours.

import { closeSync, fstatSync, openSync } from 'node:fs';
import { Dictionary, FFmpegError, FormatContext, InputFormat } from 'node-av/lib';
import { AVERROR_INVALIDDATA } from 'node-av/constants';
import { lavfiGraph } from './source-path.ts';

/** How much of a file may be read to find its streams: FFmpeg's own defaults, said aloud since they bound memory. */
const PROBE_BYTES = 5_000_000;
const ANALYZE_US = 5_000_000;
/** Streams that a header may declare. */
const MAX_STREAMS = 100;

export interface OpenInput {
  readonly format: FormatContext;
  close(): void;
}

export class InputError extends Error {
  readonly code: number;
  constructor(code: number) {
    super(code === AVERROR_INVALIDDATA ? 'no known container' : FFmpegError.strerror(code));
    this.code = code;
  }
}

/**
 * Opens a file or `lavfi:GRAPH` and finds its streams.
 * A file is opened by us and handed over as a descriptor, and no other protocol is allowed: so a playlist can't make
 * FFmpeg open an address or another file.
 * @throws InputError with FFmpeg's code
 */
export function openInput(path: string): OpenInput {
  const graph = lavfiGraph(path);
  const descriptor = graph === null ? openSync(path, 'r') : -1;
  if (descriptor >= 0 && !fstatSync(descriptor).isFile()) {
    closeSync(descriptor);
    throw new Error('it is no regular file any more');
  }
  const format = new FormatContext();
  const close = () => {
    format.closeInputSync();
    if (descriptor >= 0) closeSync(descriptor);
  };
  const options = Dictionary.fromObject(
    graph === null
      ? {
          fd: descriptor,
          protocol_whitelist: 'fd',
          probesize: PROBE_BYTES,
          analyzeduration: ANALYZE_US,
          max_streams: MAX_STREAMS,
        }
      : {},
  );
  const opened =
    graph === null
      ? format.openInputSync('fd:', null, options)
      : format.openInputSync(graph, InputFormat.findInputFormat('lavfi'), options);
  options.free();
  if (opened < 0) {
    if (descriptor >= 0) closeSync(descriptor);
    throw new InputError(opened);
  }
  const found = format.findStreamInfoSync(null);
  if (found < 0) {
    close();
    throw new InputError(found);
  }
  return { format, close };
}
