// encodelab inspect SOURCE

import type { Command } from 'commander';
import { formatQuantity } from '#core/format-quantity';
import type { Fraction, SourceInfo } from '#core/source';
import { inspectSource } from '#media/inspect';
import { plainText } from './plain-text.ts';

export function addInspectCommand(program: Command): void {
  program
    .command('inspect')
    .argument('<source>', 'a video file')
    .description('tell what a source is, frame-exactly, or refuse it with the reason')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  encodelab inspect clip.mp4\n  encodelab inspect clip.mp4 --json | jq .video.frames',
    )
    .action(async (path: string, options: { json?: true }) => {
      const source = await inspectSource(path);
      console.log(options.json === true ? JSON.stringify(source) : describeSource(source));
    });
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
  return facts.map(([name, text]) => `${name.padEnd(11)}${plainText(text).replaceAll('\n', '\uFFFD')}`).join('\n');
}

function formatFraction({ num, den }: Fraction): string {
  return den === 1 ? String(num) : `${num}/${den}`;
}
