// encodelab inspect SOURCE

import type { Command } from 'commander';
import { formatQuantity } from '#core/format-quantity';
import type { Fraction, SourceInfo } from '#core/source';
import type { CheckedSource, SourceFinding } from '#core/source-check';
import { UserError } from '#core/user-error';
import { checkSource } from '#media/check-source';
import { inspectSource } from '#media/inspect';
import { plainText } from './plain-text.ts';

/** Scenes that are named; all of them are in the JSON. */
const MAX_SCENES_SHOWN = 12;

export function addInspectCommand(program: Command): void {
  program
    .command('inspect')
    .argument('<source>', 'a video file')
    .description('tell what a source is, frame-exactly, or refuse it with the reason')
    .option('--check', 'decode all of it: tell its faults and its scenes; exit status 1 where a fault is an error')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  encodelab inspect clip.mp4\n  encodelab inspect clip.mp4 --check\n  encodelab inspect clip.mp4 --json | jq .video.frames',
    )
    .action(async (path: string, options: { json?: true; check?: true }) => {
      if (options.check === true) return inspectAll(path, options.json === true);
      const source = await inspectSource(path);
      console.log(options.json === true ? JSON.stringify(source) : describeSource(source));
    });
}

/** @throws UserError with the faults that are errors, after all was told */
async function inspectAll(path: string, json: boolean): Promise<void> {
  const checked = await checkSource(path);
  const { info, findings, scenes } = checked;
  console.log(
    json
      ? JSON.stringify({ ...info, decodedFrames: checked.frames.pts.length, findings, scenes })
      : describeChecked(checked),
  );
  const errors = findings.filter(({ level }) => level === 'error');
  if (errors.length > 0) throw new UserError(errors.map(({ what, todo }) => ({ what, where: info.path, todo })));
}

/** The facts of a source, its scenes and what is wrong with it, one a line. */
export function describeChecked({ info, findings, scenes, frames }: CheckedSource): string {
  const { timeBase, frameRate } = info.video;
  // A raw stream has no times but its rate.
  const timeOf = (frame: number) =>
    frameRate === null
      ? ((frames.pts[frame]! - frames.pts[0]!) * timeBase.num) / timeBase.den
      : (frame * frameRate.den) / frameRate.num;
  const sceneTimes = scenes.map((frame) => `${frame} (${timeOf(frame).toFixed(3)} s)`);
  const shown = sceneTimes.slice(0, MAX_SCENES_SHOWN);
  const more = sceneTimes.length - shown.length;
  const facts: [string, string][] = [
    ['scenes', `${scenes.length}, from frame ${shown.join(', ')}${more > 0 ? `, and ${more} more` : ''}`],
    ...(findings.length === 0
      ? [['faults', 'none: every frame of it was decoded'] satisfies [string, string]]
      : findings.map((finding): [string, string] => [finding.level, describeFinding(finding)])),
  ];
  return [describeSource(info), ...facts.map(factLine)].join('\n');
}

function describeFinding({ fault, what }: SourceFinding): string {
  return `${fault}: ${what}`;
}

/** The facts of a source, one a line. */
export function describeSource(source: SourceInfo): string {
  const { video } = source;
  const color = [video.color.primaries, video.color.transfer, video.color.matrix, video.color.range].map(
    (part) => part ?? '?',
  );
  const rate =
    video.frameRate === null
      ? 'variable'
      : `${formatFraction(video.frameRate)} (${(video.frameRate.num / video.frameRate.den).toFixed(3)})`;
  const facts: [string, string][] = [
    ['file', `${source.path}  ${formatQuantity(source.bytes, 'byte')}`],
    ['container', source.container],
    [
      'video',
      `${video.codec}${video.profile === null ? '' : ` ${video.profile}`}  ${video.width}x${video.height}  ${video.pixelFormat}${video.bitDepth === null ? '' : `  ${video.bitDepth} bit`}`,
    ],
    ['color', `${video.color.dynamicRange ?? 'range not said'}  ${color.join(' / ')}`],
    ['frame rate', `${rate}, average ${video.averageFrameRate.toFixed(3)} frame/s`],
    [
      'duration',
      `${video.duration.toFixed(3)} s  ${video.frames} frames  ${video.keyframes} keyframes, longest GOP ${video.longestGop}`,
    ],
    ['bitrate', formatQuantity(video.bitrate, 'bit/s')],
    ...(video.rotation === 0 ? [] : [['rotation', `${video.rotation} degrees`] satisfies [string, string]]),
    ...source.audio.map((audio): [string, string] => [
      'audio',
      `${audio.codec}  ${audio.sampleRate} Hz  ${audio.layout ?? `${audio.channels} channels`}${audio.language === null ? '' : `  ${audio.language}`}`,
    ]),
    ...source.others.map((other): [string, string] => [other.type, other.codec]),
    ['content', `sha256 ${source.hash}`],
    ...source.warnings.map((warning): [string, string] => ['warning', warning]),
  ];
  return facts.map(factLine).join('\n');
}

function factLine([name, text]: [string, string]): string {
  return `${name.padEnd(11)}${plainText(text).replaceAll('\n', '\uFFFD')}`;
}

function formatFraction({ num, den }: Fraction): string {
  return den === 1 ? String(num) : `${num}/${den}`;
}
