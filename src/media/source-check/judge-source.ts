// Judges what a full decode met: what would make a wrong product is an error, what is only odd a warning. Pure.

import type { SourceFinding, SourceFrameColumns } from '#core/source-check';
import type { ScannedVideo, SourceFacts } from '../source-facts.ts';
import type { AudioTimes, CheckTallies } from './check-messages.ts';
import { GAP_S, frameSpacing } from './frame-spacing.ts';

/** Sound and picture may begin and end so far apart, seconds: codecs' own frames, cameras that start one after the other. */
const LENGTH_WARNING_S = 0.2;
/** … and from here on one of them is missing. */
const LENGTH_ERROR_S = 1;
/** Sound that jumps back further than this is heard twice, seconds. */
const BACK_ERROR_S = 0.1;
/** A picture that stands still for so long, at a variable rate, is worth a look, seconds. */
const STILL_S = 10;

export interface Checked {
  readonly facts: SourceFacts;
  readonly tallies: CheckTallies;
  readonly columns: SourceFrameColumns;
  /** Why it is taken for truncated; null where it is whole. */
  readonly cut: string | null;
}

/** All that is wrong with a source, in the order of SOURCE_FAULTS. */
export function judgeSource(checked: Checked): SourceFinding[] {
  const { facts, tallies, columns, cut } = checked;
  const video = facts.video!;
  const frames = new FrameTimes(video, columns.pts);
  return [
    badPackets(tallies, frames),
    undecodable(tallies, video, frames),
    ...timesGoBack(tallies, frames),
    timesMissing(tallies, video),
    ...holes(tallies, video, columns, frames),
    ...tallies.audio.map((audio) => soundGaps(audio, frames)),
    ...tallies.audio.map((audio) => audioLength(audio, video, columns, frames)),
    cut === null
      ? null
      : finding('truncated', 'error', `it is truncated: ${cut}`, null, 1, 'Copy or download it again.'),
    ...pictureChanges(tallies, frames),
    interlaced(tallies, columns, frames),
  ].filter((each) => each !== null);
}

/** Where a frame stands in time, and which one is shown at a time. */
class FrameTimes {
  readonly #pts: Float64Array;
  readonly #tick: number;

  constructor({ timeBase }: ScannedVideo, pts: Float64Array) {
    this.#pts = pts;
    this.#tick = timeBase.num / timeBase.den;
  }

  seconds(frame: number): number | null {
    return frame < this.#pts.length ? this.#pts[frame]! * this.#tick : null;
  }

  /** Frames that are not later than all before them, and the first of them; null where there is none. */
  backwards(): { readonly count: number; readonly frame: number } | null {
    let count = 0;
    let first = -1;
    let latest = -Infinity;
    for (let frame = 0; frame < this.#pts.length; frame++) {
      if (this.#pts[frame]! > latest) latest = this.#pts[frame]!;
      else if (count++ === 0) first = frame;
    }
    return count === 0 ? null : { count, frame: first };
  }

  /** The frame that is shown at a time of the stream; null where that is not known. */
  at(timeS: number | null): number | null {
    if (timeS === null || this.#pts.length === 0) return null;
    const ticks = timeS / this.#tick + 0.5;
    let low = 0;
    let high = this.#pts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#pts[middle]! <= ticks) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}

interface Place {
  readonly frame: number | null;
  readonly timeS: number | null;
}

function finding(
  fault: SourceFinding['fault'],
  level: SourceFinding['level'],
  what: string,
  place: Place | null,
  count: number,
  todo: string,
): SourceFinding {
  return { fault, level, what, frame: place?.frame ?? null, timeS: place?.timeS ?? null, count, todo };
}

function badPackets(tallies: CheckTallies, frames: FrameTimes): SourceFinding | null {
  const { corrupt, refused, refusedWhy, damaged, damagedFrame } = tallies;
  const sound = tallies.audio.reduce((sum, audio) => sum + audio.corrupt.count, 0);
  const count = Math.max(corrupt.count, refused.count, damaged) + sound;
  if (count === 0) return null;
  const parts = [
    corrupt.count > 0 && `${counted(corrupt.count, 'packet')} of the picture ${are(corrupt.count)} marked as damaged`,
    refused.count > 0 && `the decoder refuses ${counted(refused.count, 'packet')} (${refusedWhy})`,
    damaged > 0 && `${counted(damaged, 'frame')} ${are(damaged)} decoded with errors`,
    sound > 0 && `${counted(sound, 'packet')} of the sound ${are(sound)} marked as damaged`,
  ].filter((part) => part !== false);
  const soundS = tallies.audio.map((audio) => audio.corrupt.firstS);
  const times = [corrupt.firstS, refused.firstS, ...soundS].filter((time) => time !== null);
  const timeS = times.length > 0 ? Math.min(...times) : null;
  const candidates = [damagedFrame, frames.at(timeS)].filter((frame) => frame !== null);
  const frame = candidates.length > 0 ? Math.min(...candidates) : null;
  return finding(
    'bad-packets',
    'error',
    `${parts.join(', ')}${at(frame, frame === null ? timeS : frames.seconds(frame))}`,
    { frame, timeS: frame === null ? timeS : frames.seconds(frame) },
    count,
    'Copy or download it again, or encode what is good of it.',
  );
}

function undecodable({ lost, lostFrame }: CheckTallies, video: ScannedVideo, frames: FrameTimes): SourceFinding | null {
  if (lost === 0 || lostFrame === null) return null;
  return finding(
    'undecodable',
    'error',
    `${lost} of ${counted(video.frames, 'frame')} can't be decoded${at(lostFrame, frames.seconds(lostFrame))}`,
    { frame: lostFrame, timeS: frames.seconds(lostFrame) },
    lost,
    'Copy or download it again, or cut it at a keyframe.',
  );
}

function timesGoBack(tallies: CheckTallies, frames: FrameTimes): (SourceFinding | null)[] {
  const todo = 'Write it anew without encoding: ffmpeg -fflags +genpts -i SOURCE -c copy NEW.mkv';
  const shown = tallies.timed ? frames.backwards() : null;
  const { backwards } = tallies;
  return [
    shown !== null
      ? finding(
          'times-go-back',
          'error',
          `${counted(shown.count, 'frame')} ${shown.count === 1 ? 'is' : 'are'} not later than the one before${at(shown.frame, frames.seconds(shown.frame))}`,
          { frame: shown.frame, timeS: frames.seconds(shown.frame) },
          shown.count,
          todo,
        )
      : backwards.count > 0
        ? finding(
            'times-go-back',
            'warning',
            `the decoding times of ${counted(backwards.count, 'packet')} go back${at(frames.at(backwards.firstS), backwards.firstS)}; their pictures are in order`,
            { frame: frames.at(backwards.firstS), timeS: backwards.firstS },
            backwards.count,
            todo,
          )
        : null,
    ...tallies.audio.map((audio) =>
      audio.backwards.count === 0
        ? null
        : finding(
            'times-go-back',
            audio.furthestBackS > BACK_ERROR_S ? 'error' : 'warning',
            `the times of audio stream ${audio.index} go back, by ${seconds(audio.furthestBackS)} at most${at(null, audio.backwards.firstS)}`,
            { frame: frames.at(audio.backwards.firstS), timeS: audio.backwards.firstS },
            audio.backwards.count,
            todo,
          ),
    ),
  ];
}

/** A stream that has no times at all is told by a warning of the source, and its rate by its headers. */
function timesMissing({ untimed }: CheckTallies, video: ScannedVideo): SourceFinding | null {
  if (untimed === 0 || untimed >= video.frames) return null;
  return finding(
    'times-missing',
    video.frameRate === null ? 'error' : 'warning',
    `${untimed} of ${counted(video.frames, 'packet')} carry no time`,
    null,
    untimed,
    'Write it anew without encoding: ffmpeg -fflags +genpts -i SOURCE -c copy NEW.mkv',
  );
}

function holes(
  { timed, audio }: CheckTallies,
  video: ScannedVideo,
  { pts }: SourceFrameColumns,
  frames: FrameTimes,
): (SourceFinding | null)[] {
  if (!timed || video.frameRate !== null || frames.backwards() !== null) return [];
  const spacing = frameSpacing(pts, video.timeBase);
  const short = spacing.holes.filter(({ lengthS }) => lengthS < GAP_S);
  const long = spacing.holes.filter(({ frame, lengthS }) => {
    if (lengthS < GAP_S) return false;
    if (spacing.constant || lengthS >= STILL_S) return true;
    // At a variable rate a picture may stand still; where the sound stops with it, something is lost.
    const startS = frames.seconds(frame)!;
    return audio.some(({ gaps }) => gaps.some((gap) => gap.startS < startS + lengthS && gap.endS > startS));
  });
  const missing = short.reduce((sum, hole) => sum + (hole.missing ?? 0), 0);
  return [
    long.length === 0
      ? null
      : finding(
          'gap',
          spacing.constant || long.some(({ lengthS }) => lengthS < STILL_S) ? 'error' : 'warning',
          `no picture comes for ${seconds(Math.max(...long.map(({ lengthS }) => lengthS)))} behind frame ${long[0]!.frame}${within(frames.seconds(long[0]!.frame))}${long.length > 1 ? `, and ${counted(long.length, 'such gap')} in all` : ''}`,
          { frame: long[0]!.frame, timeS: frames.seconds(long[0]!.frame) },
          long.length,
          'Look whether the recording is whole there.',
        ),
    missing === 0
      ? null
      : finding(
          'frames-missing',
          'error',
          `${counted(missing, 'frame')} ${are(missing)} missing${short.length > 1 ? ` at ${short.length} places` : ''}, the first behind frame ${short[0]!.frame}${within(frames.seconds(short[0]!.frame))}`,
          { frame: short[0]!.frame, timeS: frames.seconds(short[0]!.frame) },
          missing,
          'Export it again; as it is it stutters there.',
        ),
  ];
}

function soundGaps({ index, gaps, gapCount }: AudioTimes, frames: FrameTimes): SourceFinding | null {
  const first = gaps[0];
  if (first === undefined) return null;
  const longestS = Math.max(...gaps.map(({ startS, endS }) => endS - startS));
  return finding(
    'gap',
    'warning',
    `audio stream ${index} pauses ${counted(gapCount, 'time')}, for ${seconds(longestS)} at most${at(null, first.startS)}`,
    { frame: frames.at(first.startS), timeS: first.startS },
    gapCount,
    'Listen to it there.',
  );
}

function audioLength(
  { index, packets, startS, endS }: AudioTimes,
  video: ScannedVideo,
  { pts, duration }: SourceFrameColumns,
  frames: FrameTimes,
): SourceFinding | null {
  if (packets === 0)
    return finding('audio-length', 'error', `audio stream ${index} holds nothing`, null, 1, 'Leave that stream out.');
  if (startS === null || endS === null || pts.length === 0 || video.missingTimes) return null;
  const { num, den } = video.timeBase;
  const last = pts.length - 1;
  const frame = video.averageFrameRate > 0 ? 1 / video.averageFrameRate : 0;
  const firstS = frames.seconds(0)!;
  const videoEndS = frames.seconds(last)! + (duration[last]! > 0 ? (duration[last]! * num) / den : frame);
  const late = startS - firstS;
  const early = videoEndS - endS;
  const worst = Math.max(Math.abs(late), Math.abs(early));
  if (worst < LENGTH_WARNING_S) return null;
  const parts = [
    Math.abs(late) >= LENGTH_WARNING_S &&
      `begins ${seconds(Math.abs(late))} ${late > 0 ? 'after' : 'before'} the picture`,
    Math.abs(early) >= LENGTH_WARNING_S && `ends ${seconds(Math.abs(early))} ${early > 0 ? 'before' : 'after'} it`,
  ].filter((part) => part !== false);
  const place = Math.abs(early) >= LENGTH_WARNING_S ? Math.min(endS, videoEndS) : Math.max(startS, firstS);
  return finding(
    'audio-length',
    worst >= LENGTH_ERROR_S ? 'error' : 'warning',
    `audio stream ${index} ${parts.join(' and ').replace(/^ends (\S+ s) (\S+) it/, 'ends $1 $2 the picture')}`,
    { frame: frames.at(place), timeS: place },
    1,
    'Look whether sound or picture was cut off.',
  );
}

function pictureChanges({ sizes, formats }: CheckTallies, frames: FrameTimes): (SourceFinding | null)[] {
  return [
    sizes === null
      ? null
      : finding(
          'size-changes',
          sizes.shape ? 'error' : 'warning',
          `its size changes from ${sizes.from} to ${sizes.to}${at(sizes.frame, frames.seconds(sizes.frame))}${sizes.count > 1 ? `, and ${sizes.count} times in all` : ''}`,
          { frame: sizes.frame, timeS: frames.seconds(sizes.frame) },
          sizes.count,
          sizes.shape ? 'Cut it there: its shape would be wrong.' : 'All of it is scaled to one size.',
        ),
    formats === null
      ? null
      : finding(
          'size-changes',
          'warning',
          `its pixel format changes from ${formats.from} to ${formats.to}${at(formats.frame, frames.seconds(formats.frame))}`,
          { frame: formats.frame, timeS: frames.seconds(formats.frame) },
          formats.count,
          'All of it is converted to one format.',
        ),
  ];
}

function interlaced(
  { interlaced: count, interlacedFrame, fieldOrder }: CheckTallies,
  { pts }: SourceFrameColumns,
  frames: FrameTimes,
): SourceFinding | null {
  if (interlacedFrame === null) return null;
  return finding(
    'interlaced',
    'warning',
    `${count === pts.length ? 'its frames are' : `${count} of ${counted(pts.length, 'frame')} ${are(count)}`} interlaced, ${fieldOrder === 'top-first' ? 'top' : 'bottom'} field first`,
    { frame: interlacedFrame, timeS: frames.seconds(interlacedFrame) },
    count,
    'Deinterlace it first: ffmpeg -i SOURCE -vf bwdif -c:a copy NEW.mkv',
  );
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function are(count: number): string {
  return count === 1 ? 'is' : 'are';
}

function seconds(value: number): string {
  return `${value.toFixed(3)} s`;
}

function within(timeS: number | null): string {
  return timeS === null ? '' : ` (${seconds(timeS)})`;
}

/** Where it was met first. */
function at(frame: number | null, timeS: number | null): string {
  if (frame === null) return timeS === null ? '' : `, first at ${seconds(timeS)}`;
  return `, first at frame ${frame}${within(timeS)}`;
}
