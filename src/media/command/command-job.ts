// One run of a command, with everything decided: what it is given, and where it writes.

import type { CommandSpec } from '#core/command';
import type { Settings } from '#core/settings';
import type { EncodeParameters } from '../encode-job.ts';
import { countedFrames } from './command-picture.ts';
import type { PictureKind } from './picture-store.ts';
import { fillTemplate, type RunValues, type UnfitPlaceholder } from './placeholders.ts';

export interface CommandJob {
  readonly spec: CommandSpec;
  readonly settings: Settings;
  /** Path of the source; null where the command has none. */
  readonly source: string | null;
  /** What goes in (`resolvePicture`); null where there is no source. */
  readonly picture: EncodeParameters | null;
  /** Paths of the source's decoded pictures (`PictureStore`), of each kind that the command asks for. */
  readonly pictures: Readonly<Partial<Record<PictureKind, string>>>;
  /** Folder of the run, in which the command gets a temporary one of its own. */
  readonly folder: string;
  /** Path that `{output}` names, with the ending that the command asks for; null where it writes none. */
  readonly output: string | null;
}

/** Kinds of decoded pictures that a command asks for. */
export function picturesWanted(spec: CommandSpec): PictureKind[] {
  const texts = [...spec.argv, ...Object.values(spec.env)];
  return (['y4m', 'yuv'] as const).filter((kind) => texts.some((text) => text.includes(`{${kind}}`)));
}

export interface FilledCommand {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly fill: (text: string) => string;
}

/**
 * Puts the values of a run into a command.
 * @param folder the run's temporary one
 * @returns the command, or why it can't be filled in words
 */
export function fillCommand(job: CommandJob, folder: string): FilledCommand | string {
  const { spec, settings } = job;
  const values = runValues(job, folder);
  const unfit: UnfitPlaceholder[] = [];
  const fill = (text: string) => {
    const filled = fillTemplate(text, settings, values);
    if (typeof filled === 'string') return filled;
    unfit.push(filled);
    return filled.text;
  };
  const [program = '', ...args] = spec.argv.map(fill);
  const env = Object.fromEntries(Object.entries(spec.env).map(([name, text]) => [name, fill(text)]));
  for (const { origin } of spec.metrics) if (origin.from === 'file') fill(origin.path);
  const [first] = unfit;
  if (first !== undefined) return `${first.text} has no value that fits in this run`;
  return { argv: [program, ...args], env, fill };
}

function runValues({ spec, settings, source, picture, pictures, output }: CommandJob, folder: string): RunValues {
  const frames = picture === null ? countedFrames(settings) : picture.expectedFrames;
  return {
    ...pictures,
    bench: spec.folder,
    folder,
    ...(source === null ? {} : { source }),
    ...(output === null ? {} : { output }),
    ...(frames === null ? {} : { frames }),
    ...(picture === null
      ? {}
      : {
          width: picture.width,
          height: picture.height,
          fps: `${picture.frameRate.num}/${picture.frameRate.den}`,
        }),
  };
}
