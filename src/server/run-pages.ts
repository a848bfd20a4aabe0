// A run as its page shows it: what the catalogue knows, and the columns of its recording on one time axis.

import type { RunRecord } from '#core/run';
import { FRAME_TYPES, type FrameType, type RecordingHeader } from '#core/recording';
import { UserError } from '#core/user-error';
import { recordingOf } from '#lab/run-recording';
import { readClocks } from '#recording/clocks';
import { readHeader, readSeries, readTable } from '#recording/read-recording';
import { FRAME_COLUMNS } from '#run/session-result';
import { frameAxis, rowsOf, streamsOf } from './frame-axis.ts';
import { framePictures } from './frame-pictures.ts';
import type { LabView } from './lab-view.ts';
import { known, pick, round, rounded, sortedPositions, type Selection } from './selection.ts';
import { WIRE_VERSION, type FrameColumns, type RunPage, type SeriesColumn } from './wire.ts';

/** Of a run without frames. */
const FIRST_STREAM = 'video';

/** Repeats of one cell that a page links to. */
const MAX_SIBLINGS = 200;

export class RunPages {
  readonly #lab: LabView;

  constructor(lab: LabView) {
    this.#lab = lab;
  }

  /** Null where there is no such run. */
  async page(id: string): Promise<RunPage | null> {
    const run = await this.#lab.catalogue.run(id);
    if (run === null) return null;
    const { header, why } = await this.#header(run);
    const phases = header === null ? [] : await this.#phases(id);
    const streams = header === null ? [] : await streamsOf(this.#lab.recordingFolder(id));
    const originUs = phases[0]?.startUs ?? 0;
    return {
      version: WIRE_VERSION,
      run,
      header,
      noRecording: why,
      streams,
      phases: phases.map(({ phase, startUs, endUs, cpuS }) => ({
        phase,
        startS: (startUs - originUs) / 1e6,
        endS: (endUs - originUs) / 1e6,
        cpuS,
      })),
      siblings: await this.#siblings(run),
    };
  }

  /**
   * Frames of one stream.
   * @param stream its name; null takes the first
   * @returns null where the run has no recorded frames, or no stream of that name
   */
  async frames(id: string, selection: Selection, stream: string | null = null): Promise<FrameColumns | null> {
    if ((await this.readableHeader(id)) === null) return null;
    const folder = this.#lab.recordingFolder(id);
    const streams = await streamsOf(folder);
    const chosen = stream ?? streams[0] ?? FIRST_STREAM;
    if (stream !== null && !streams.includes(stream)) return null;
    const [all, steps, originUs] = await Promise.all([
      readTable(folder, 'frames', { columns: FRAME_COLUMNS }),
      readTable(folder, 'steps', { columns: ['stream', 'frame', 'step', 'duration_us', 'busy_us'] }),
      this.originUs(id),
    ]);
    const { axis, timeOf, presentationTime } = await frameAxis(folder, chosen, originUs);
    const encodeStep = new Map<number, number>();
    for (const row of rowsOf(steps.stream, chosen))
      if (steps.step[row] === 'encode') encodeStep.set(steps.frame[row]!, row);
    const own = rowsOf(all.stream, chosen);
    const frame = Float64Array.from(own, (row) => all.frame[row]!);
    const bytes = Float64Array.from(own, (row) => all.bytes[row]!);
    const ofStep = (column: Float64Array) => frame.map((one) => (column[encodeStep.get(one) ?? -1] ?? NaN) / 1e3);
    const timeS = frame.map(timeOf);
    const busyMs = ofStep(steps.busy_us);
    const delayMs = ofStep(steps.duration_us);
    // On the axis of the run, a frame whose encode was not seen has no place.
    const order = sortedPositions(timeS, selection);
    const rows = pick(order, timeS, [bytes, busyMs, delayMs], selection.buckets);
    const stored = rows.map((row) => own[row]!);
    return {
      stream: chosen,
      axis,
      timeS: rows.map((row) => round(timeS[row]!)),
      frame: rows.map((row) => frame[row]!),
      ptsS: stored.map((row) => known(round(presentationTime(all, row)))),
      type: stored.map((row) => Math.max(0, FRAME_TYPES.indexOf((all.type[row] ?? 'unknown') as FrameType))),
      key: stored.map((row) => all.key[row]!),
      bytes: rows.map((row) => bytes[row]!),
      quantizer: rounded(stored, all.quantizer),
      encodeBusyMs: rounded(rows, busyMs),
      encodeDelayMs: rounded(rows, delayMs),
      total: order.length,
    };
  }

  /** Every indicator of the run; null where it has none. */
  async series(id: string, selection: Selection): Promise<SeriesColumn[] | null> {
    const header = await this.readableHeader(id);
    if (header === null) return null;
    const [originUs, clocks] = await Promise.all([this.originUs(id), readClocks(this.#lab.recordingFolder(id))]);
    const columns: SeriesColumn[] = [];
    for (const { name: agent } of header.agents) {
      for (const { indicator, timeUs, value } of (
        await readSeries(this.#lab.recordingFolder(id), { agent })
      ).values()) {
        const timeS = timeUs.map((us) => (clocks.toReference(agent, us) - originUs) / 1e6);
        const order = sortedPositions(timeS, selection);
        const rows = pick(order, timeS, [value], selection.buckets);
        columns.push({
          ...indicator,
          agent,
          timeS: rows.map((row) => round(timeS[row]!)),
          value: rows.map((row) => known(value[row]!)),
          total: order.length,
        });
      }
    }
    return columns;
  }

  async #header(run: RunRecord): Promise<{ header: RecordingHeader | null; why: string | null }> {
    if (run.outcome === null) return { header: null, why: 'it is being recorded: the charts come when it ends' };
    if (run.recording === null) return { header: null, why: 'nothing was recorded of it' };
    try {
      const header = await readHeader(await recordingOf(this.#lab, run));
      return header.state === 'recording'
        ? { header: null, why: 'its recording was not completed: the next bench of this lab does that' }
        : { header: shownHeader(header), why: null };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { header: null, why: error.message };
    }
  }

  /** Null where there is no recording that can be read. */
  async readableHeader(id: string): Promise<RecordingHeader | null> {
    const run = await this.#lab.catalogue.run(id);
    return run === null ? null : (await this.#header(run)).header;
  }

  async #phases(id: string) {
    const table = await readTable(this.#lab.recordingFolder(id), 'phases', {
      columns: ['phase', 'start_us', 'end_us', 'cpu_s'],
    });
    const phases = table.phase.map((phase, row) => ({
      phase: phase ?? '',
      startUs: table.start_us[row]!,
      endUs: table.end_us[row]!,
      cpuS: known(table.cpu_s[row]!),
    }));
    return phases.toSorted((a, b) => a.startUs - b.startUs);
  }

  /** Where the time axis begins, on the run's reference clock: with the first phase, else with the first sample. */
  async originUs(id: string): Promise<number> {
    const folder = this.#lab.recordingFolder(id);
    const phases = await readTable(folder, 'phases', { columns: ['start_us'] });
    if (phases.start_us.length > 0) return smallest(phases.start_us);
    const [series, clocks] = await Promise.all([
      readTable(folder, 'series', { columns: ['agent', 'time_us'] }),
      readClocks(folder),
    ]);
    const first = smallest(series.time_us.map((us, row) => clocks.toReference(series.agent[row] ?? '', us)));
    return Number.isFinite(first) ? first : 0;
  }

  async #siblings(run: RunRecord): Promise<RunPage['siblings']> {
    const runs = await this.#lab.catalogue.runs({ sameKeys: [run.sameKey], limit: MAX_SIBLINGS });
    return runs
      .filter((one) => one.repeat > 0 && !one.interrupted)
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ id, repeat, outcome }) => ({ id, repeat, outcome }));
  }
}

function smallest(values: Float64Array): number {
  return values.reduce((least, value) => (value < least ? value : least), Infinity);
}

function shownHeader(header: RecordingHeader): RecordingHeader {
  if (header.quality === undefined) return header;
  return { ...header, quality: { ...header.quality, pictures: framePictures(header) } };
}
