// For tests and the benchmark: FFmpeg's own xpsnr, run plainly over two whole files in one filter graph.

import { Filter, FilterGraph, Frame, type FilterContext } from 'node-av/lib';
import { OutputFrames } from './output-frames.ts';

/** Decibels of each frame by plane; Infinity where the planes are the same. */
export function plainXpsnr(source: string, output: string, rate: number): { y: number[]; u: number[]; v: number[] } {
  const sides = [new OutputFrames(source), new OutputFrames(output)];
  const frames = [new Frame(), new Frame(), new Frame()];
  for (const frame of frames) frame.alloc();
  const scored = frames[2]!;
  const graph = new FilterGraph();
  graph.alloc();
  const contexts: FilterContext[] = [];
  const values = { y: [] as number[], u: [] as number[], v: [] as number[] };
  for (let pair = 0n; sides.every((side, i) => side.next(frames[i]!)); pair++) {
    const { width, height, format } = frames[0]!;
    if (contexts.length === 0) {
      const input = `video_size=${width}x${height}:pix_fmt=${format}:time_base=1/${rate}:frame_rate=${rate}/1`;
      for (const [type, name, options] of [
        ['buffer', 'source', input],
        ['buffer', 'output', input],
        ['xpsnr', 'xpsnr', ''],
        ['buffersink', 'sink', null],
      ] as const)
        contexts.push(graph.createFilter(Filter.getByName(type)!, name, options)!);
      const [first, second, xpsnr, sink] = contexts as [FilterContext, FilterContext, FilterContext, FilterContext];
      first.link(0, xpsnr, 0);
      second.link(0, xpsnr, 1);
      xpsnr.link(0, sink, 0);
      graph.configSync();
    }
    for (const i of [0, 1]) {
      frames[i]!.pts = pair;
      contexts[i]!.buffersrcAddFrameSync(frames[i]!);
    }
    contexts[3]!.buffersinkGetFrameSync(scored);
    const metadata = scored.getMetadata();
    for (const plane of ['y', 'u', 'v'] as const)
      values[plane].push(Number(metadata.get(`lavfi.xpsnr.xpsnr.${plane}`)?.replace('inf', 'Infinity') ?? NaN));
    scored.unref();
  }
  for (const frame of frames) frame.free();
  graph.free();
  for (const side of sides) side.close();
  return values;
}
