// Picture quality of a run as its page shows it: scores by frame on the axis of its other charts, and the worst frames.

import { QUALITY_COLUMNS, QUALITY_METRICS } from '#core/quality';
import { FRAME_TYPES, type FrameType, type RecordingHeader } from '#core/recording';
import { readTable } from '#recording/read-recording';
import { FRAME_COLUMNS } from '#run/session-result';
import { frameAxis, rowsOf, type FrameAxis } from './frame-axis.ts';
import { framePictures } from './frame-pictures.ts';
import type { LabView } from './lab-view.ts';
import type { QualityColumns, QualityPage } from './quality-wire.ts';
import type { RunPages } from './run-pages.ts';
import { known, pick, round, sortedPositions, type Selection } from './selection.ts';

const NAMES = QUALITY_METRICS.flatMap((metric) => QUALITY_COLUMNS[metric]);

export class QualityPages {
  readonly #lab: LabView;
  readonly #runs: RunPages;

  constructor(lab: LabView, runs: RunPages) {
    this.#lab = lab;
    this.#runs = runs;
  }

  /** Null where the run has no scores. */
  async page(id: string): Promise<QualityPage | null> {
    const header = await this.#scoredHeader(id);
    if (header === null) return null;
    const folder = this.#lab.recordingFolder(id);
    const [scores, frames] = await Promise.all([
      readTable(folder, 'quality', { columns: ['stream', 'metric'] }),
      readTable(folder, 'frames', { columns: FRAME_COLUMNS }),
    ]);
    const stream = scores.stream[0]!;
    const axis = await this.#axis(id, stream);
    const rowOf = new Map(rowsOf(frames.stream, stream).map((row) => [frames.frame[row]!, row]));
    const recorded = new Set(scores.metric);
    return {
      stream,
      metrics: NAMES.filter((name) => recorded.has(name)),
      axis: axis.axis,
      worst: framePictures(header).map((picture) => {
        const row = rowOf.get(picture.frame);
        const of = (column: Float64Array) => (row === undefined ? null : known(column[row]!));
        const time = axis.timeOf(picture.frame);
        return {
          ...picture,
          timeS: Number.isNaN(time) ? null : round(time),
          ptsS: row === undefined ? null : known(round(axis.presentationTime(frames, row))),
          type: row === undefined ? 0 : Math.max(0, FRAME_TYPES.indexOf((frames.type[row] ?? 'unknown') as FrameType)),
          key: of(frames.key) === 1,
          bytes: of(frames.bytes),
          quantizer: of(frames.quantizer),
        };
      }),
    };
  }

  /** Scores of one metric by frame; null where the run has none of that name. */
  async scores(id: string, metric: string, selection: Selection): Promise<QualityColumns | null> {
    const header = await this.#scoredHeader(id);
    if (header === null) return null;
    const table = await readTable(this.#lab.recordingFolder(id), 'quality', {
      columns: ['stream', 'frame', 'source_frame', 'metric', 'value'],
    });
    const stream = table.stream[0]!;
    const own = rowsOf(table.stream, stream).filter((row) => table.metric[row] === metric);
    if (own.length === 0) return null;
    const axis = await this.#axis(id, stream);
    const of = (column: Float64Array) => Float64Array.from(own, (row) => column[row]!);
    const [frame, sourceFrame, value] = [of(table.frame), of(table.source_frame), of(table.value)];
    const timeS = frame.map(axis.timeOf);
    const order = sortedPositions(timeS, selection);
    const kept = new Set(pick(order, timeS, [value], selection.buckets));
    // What has a mark on the chart is never thinned out.
    const marked = new Set(framePictures(header).map((picture) => picture.frame));
    const rows = Array.from(order).filter((row) => kept.has(row) || marked.has(frame[row]!));
    return {
      metric,
      axis: axis.axis,
      timeS: rows.map((row) => round(timeS[row]!)),
      frame: rows.map((row) => frame[row]!),
      sourceFrame: rows.map((row) => known(sourceFrame[row]!)),
      value: rows.map((row) => (Number.isFinite(value[row]!) ? round(value[row]!) : null)),
      identical: rows.map((row) => (value[row] === Infinity ? 1 : 0)),
      total: order.length,
    };
  }

  async #scoredHeader(id: string): Promise<RecordingHeader | null> {
    const header = await this.#runs.readableHeader(id);
    return header === null || (header.rows.quality ?? 0) === 0 ? null : header;
  }

  async #axis(id: string, stream: string): Promise<FrameAxis> {
    return await frameAxis(this.#lab.recordingFolder(id), stream, await this.#runs.originUs(id));
  }
}
