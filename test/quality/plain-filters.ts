// FFmpeg's own xpsnr, alone or with ssim, run plainly over two whole files in one filter graph, as the ffmpeg command
// would: both are decoded with frame threads, and the graph computes one filter after the other.

import { Filter, FilterGraph, Frame, type FilterContext } from 'node-av/lib';
import { AV_BUFFERSRC_FLAG_KEEP_REF } from 'node-av/constants';
import { OutputFrames } from '#media/quality/output-frames';

/** Decibels of each frame by plane; Infinity where the planes are the same. */
export interface PlainXpsnr {
  readonly y: number[];
  readonly u: number[];
  readonly v: number[];
}

/** @param frames compared at most */
export function plainXpsnr(
  source: string,
  output: string,
  rate: number,
  options: { readonly ssim?: boolean; readonly frames?: number } = {},
): PlainXpsnr {
  const sides = [new OutputFrames(source), new OutputFrames(output)];
  const pictures = [new Frame(), new Frame()];
  const scored = new Frame();
  for (const frame of [...pictures, scored]) frame.alloc();
  const values: PlainXpsnr = { y: [], u: [], v: [] };
  let graph: Graph | null = null;
  for (let pair = 0; pair < (options.frames ?? Infinity); pair++) {
    if (!sides.every((side, i) => side.next(pictures[i]!))) break;
    graph ??= makeGraph(pictures[0]!, rate, options.ssim === true);
    for (const i of [0, 1]) {
      pictures[i]!.pts = BigInt(pair);
      graph.inputs[i]!.buffersrcAddFrameSync(pictures[i]!, AV_BUFFERSRC_FLAG_KEEP_REF);
      pictures[i]!.unref();
    }
    if (graph.sink.buffersinkGetFrameSync(scored) < 0) throw new Error('the graph gives no frame');
    const metadata = scored.getMetadata();
    for (const plane of ['y', 'u', 'v'] as const)
      values[plane].push(Number(metadata.get(`lavfi.xpsnr.xpsnr.${plane}`)?.replace('inf', 'Infinity') ?? NaN));
    scored.unref();
  }
  for (const frame of [...pictures, scored]) frame.free();
  graph?.graph.free();
  for (const side of sides) side.close();
  return values;
}

interface Graph {
  readonly graph: FilterGraph;
  readonly inputs: readonly [FilterContext, FilterContext];
  readonly sink: FilterContext;
}

function makeGraph(picture: Frame, rate: number, ssim: boolean): Graph {
  const graph = new FilterGraph();
  graph.alloc();
  const make = (type: string, name: string, options: string | null = '') =>
    graph.createFilter(Filter.getByName(type)!, name, options)!;
  const { width, height, format, colorSpace, colorRange } = picture;
  const input =
    `video_size=${width}x${height}:pix_fmt=${format}:time_base=1/${rate}:frame_rate=${rate}/1` +
    `:colorspace=${colorSpace}:range=${colorRange}`;
  const source = make('buffer', 'source', input);
  const output = make('buffer', 'output', input);
  const xpsnr = make('xpsnr', 'xpsnr');
  const sink = make('buffersink', 'sink', null);
  if (ssim) {
    const [split, scorer] = [make('split', 'split'), make('ssim', 'ssim')];
    output.link(0, split, 0);
    source.link(0, scorer, 0);
    split.link(0, scorer, 1);
    scorer.link(0, xpsnr, 0);
    split.link(1, xpsnr, 1);
  } else {
    source.link(0, xpsnr, 0);
    output.link(0, xpsnr, 1);
  }
  xpsnr.link(0, sink, 0);
  if (graph.configSync() < 0) throw new Error('the graph can not be configured');
  return { graph, inputs: [source, output], sink };
}
