// From the rungs of a ladder to the renditions of one source: sizes, pixels and GOPs decided, or all that is wrong told.

import type { EncoderInfo } from '#core/encoder';
import { BUNDLED_ENGINE } from '#core/engine';
import { formatSettingValue, type Settings } from '#core/settings';
import type { SourceInfo } from '#core/source';
import { CODECS, type Ladder, type TitleCodec, type VideoRendition } from '#core/title';
import type { Problem } from '#core/user-error';
import { hasTwoPasses } from '#media/chunk/two-pass';
import { findEncoder, resolveEncode } from '#media/encode-settings';
import { FOREIGN_SETTINGS, PASSES, rungName, rungPlace } from '../rung.ts';
import { GOP_ENCODERS, knowsTwoPasses, withGop } from './gop-settings.ts';
import { carriesLight, hasLight, withLight } from './light-settings.ts';
import { choosePixels, isHighDynamicRange } from './pixel-choice.ts';
import { boxOf, fitInto, shownSize, type Fit } from './picture-fit.ts';
import { rateLimits } from './rate-limits.ts';

/** What planning has to say, beside its result. */
export interface PlanRemarks {
  readonly problems: Problem[];
  readonly notes: string[];
}

/** A rung of which encoder, codec and size are known. */
interface Candidate {
  readonly rung: Settings;
  readonly number: number;
  readonly encoder: EncoderInfo;
  readonly codec: TitleCodec;
  readonly fit: Fit;
  /** Null leaves it to the encoder. */
  readonly pixelFormat: string | null;
}

/** In the ladder's order. Rungs that would enlarge the picture are left out, save the smallest of a codec that has no other. */
export function videoRenditions(
  info: SourceInfo,
  ladder: Ladder,
  gop: number,
  encoders: readonly EncoderInfo[],
  remarks: PlanRemarks,
): VideoRendition[] {
  const candidates: Candidate[] = [];
  for (const [index, rung] of ladder.rungs.entries()) {
    const candidate = candidateOf(rung, index + 1, info, ladder, encoders, remarks);
    if (candidate !== null) candidates.push(candidate);
  }
  if (candidates.length === 0 && remarks.problems.length === 0)
    remarks.problems.push({
      what: 'no rung of the ladder fits this source',
      where: `ladder ${ladder.name}`,
      todo: remarks.notes.at(-1) ?? 'add rungs to the ladder',
    });
  const renditions: VideoRendition[] = [];
  for (const candidate of fitting(candidates, remarks.notes)) {
    const made = renditionOf(candidate, renditions.length + 1, info, ladder, gop, encoders, remarks);
    if (made !== null) renditions.push(made);
  }
  return renditions;
}

function candidateOf(
  rung: Settings,
  number: number,
  { video }: SourceInfo,
  ladder: Ladder,
  encoders: readonly EncoderInfo[],
  { problems, notes }: PlanRemarks,
): Candidate | null {
  const name = rungName(rung, number);
  const problem = (setting: string | null, what: string, todo?: string) =>
    problems.push({ what: `${name}: ${what}`, where: rungPlace(ladder, rung, setting), todo });
  const count = problems.length;
  for (const setting of Object.keys(rung)) {
    const why = FOREIGN_SETTINGS[setting];
    if (why !== undefined) problem(setting, `${setting} is no setting of a rung`, why);
  }
  const engine = formatSettingValue(rung['engine'] ?? BUNDLED_ENGINE);
  const ofEngine = encoders.filter((encoder) => encoder.engine === engine);
  const encoder = findEncoder(rung['encoder'], ofEngine, problem);
  const shown = shownSize(video);
  const resolution = rung['resolution'] ?? 'source';
  const box = boxOf(resolution, shown);
  if (box === null)
    problem(
      'resolution',
      `"${formatSettingValue(resolution)}" is no box`,
      'Write source, 720p, or a size like 1280x720.',
    );
  if (encoder === null || box === null || problems.length > count) return null;
  const codec = CODECS.find((each) => each === encoder.codec);
  if (codec === undefined) {
    problem(
      'encoder',
      `${encoder.name} makes ${encoder.codec}, which CMAF does not carry`,
      `Codecs: ${CODECS.join(', ')}.`,
    );
    return null;
  }
  const asked = rung['pix_fmt'];
  const pixels =
    asked === undefined ? choosePixels(video, codec, encoder) : { pixelFormat: formatSettingValue(asked), note: null };
  if ('refused' in pixels) {
    notes.push(`${name} is left out: ${pixels.refused}`);
    return null;
  }
  if (pixels.note !== null) notes.push(`${name}: ${pixels.note}`);
  return { rung, number, encoder, codec, fit: fitInto(box, shown), pixelFormat: pixels.pixelFormat };
}

/** Without those that are larger than the source; of a codec that has no other the smallest stays, at the source's size. */
function fitting(candidates: readonly Candidate[], notes: string[]): Candidate[] {
  const served = new Set(candidates.filter(({ fit }) => !fit.tooLarge).map(({ codec }) => codec));
  const kept: Candidate[] = [];
  for (const candidate of candidates) {
    const { rung, number, codec, fit } = candidate;
    const size = `${fit.width}x${fit.height}`;
    if (!fit.tooLarge) kept.push(candidate);
    else if (served.has(codec))
      notes.push(`${rungName(rung, number)} is left out: it is larger than the source (${size})`);
    else {
      served.add(codec);
      kept.push(candidate);
      notes.push(
        `${rungName(rung, number)} is encoded at the source's size, ${size}: every rung of ${codec} is larger`,
      );
    }
  }
  return kept;
}

function renditionOf(
  { rung, number, encoder, codec, fit, pixelFormat }: Candidate,
  index: number,
  info: SourceInfo,
  ladder: Ladder,
  gop: number,
  encoders: readonly EncoderInfo[],
  { problems, notes }: PlanRemarks,
): VideoRendition | null {
  const name = rungName(rung, number);
  const problem = (setting: string | null, what: string, todo?: string) =>
    problems.push({ what: `${name}: ${what}`, where: rungPlace(ladder, rung, setting), todo });
  const { [PASSES]: asked = 1, ...rungOwn } = rung;
  const own = isHighDynamicRange(info.video) ? withLight(rungOwn, info.video) : rungOwn;
  const passes = asked === 1 || asked === 2 ? asked : null;
  if (passes === null) problem(PASSES, `${formatSettingValue(asked)} passes`, 'Write passes: 1 or passes: 2.');
  if (passes === 2 && !knowsTwoPasses(encoder.name))
    problem(PASSES, `${encoder.name} has no two passes here`, 'Leave passes out.');
  else if (passes === 2 && encoder.engine === BUNDLED_ENGINE && !hasTwoPasses(encoder.name))
    problem(
      PASSES,
      `the bundled engine can't encode in two passes with ${encoder.name}`,
      'Add engine: ffmpeg, or leave passes out.',
    );
  else if (passes === 2 && own['bitrate'] === undefined)
    problem(PASSES, 'two passes need a bitrate to reach', 'Add bitrate: 2M, or leave passes out.');
  const limits = rateLimits(own);
  if (own['maxrate'] !== undefined && own['bufsize'] === undefined)
    problem(
      'maxrate',
      'maxrate holds over a buffer, and there is no bufsize',
      `Add bufsize: ${formatSettingValue(own['maxrate'])}, a second of it.`,
    );
  if (own['bufsize'] !== undefined && own['maxrate'] === undefined)
    problem('bufsize', 'bufsize without maxrate caps nothing', 'Add maxrate, or leave bufsize out.');
  const resolution = `${fit.width}x${fit.height}`;
  const held = withGop(
    { ...own, resolution, ...(pixelFormat === null ? {} : { pix_fmt: pixelFormat }) },
    gop,
    limits.bufferBits !== null,
  );
  if ('setting' in held) {
    problem(held.setting, held.what, 'Leave it out.');
    return null;
  }
  if (!GOP_ENCODERS.includes(encoder.name))
    notes.push(`${name}: ${encoder.name} is not known to keep its keyframes in place; each chunk is checked`);
  if (hasLight(info.video) && isHighDynamicRange(info.video) && !carriesLight(encoder.name))
    notes.push(`${name}: ${encoder.name} does not write metadata of the mastering display into its stream`);
  const resolved = resolveEncode(held.settings, [], info, encoders);
  if ('problems' in resolved) for (const each of resolved.problems) problem(each.setting, each.what, each.todo);
  if (passes === null || 'problems' in resolved) return null;
  return {
    kind: 'video',
    id: `v${index}-${codec}-${fit.height}`,
    codec,
    width: fit.width,
    height: fit.height,
    settings: held.settings,
    passes,
    ...limits,
  };
}
