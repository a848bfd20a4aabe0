// encodelab encoders [NAME]

import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { EncoderInfo } from '#core/encoder';
import { BUNDLED_ENGINE, PATH_ENGINE, type EngineSetting } from '#core/engine';
import { nearestName } from '#core/nearest-name';
import { UserError } from '#core/user-error';
import { proveLiveChanges } from '#media/encoders';
import { engineOf } from '#media/engine';
import { encoderPage } from './encoder-page.ts';
import { onInterrupt } from './interrupt.ts';
import { labOption } from './lab-option.ts';
import { LiveProofLine } from './live-proof-line.ts';
import { textTable } from './text-table.ts';
import { withLab } from './with-lab.ts';

interface EncodersOptions {
  readonly all?: true;
  readonly json?: true;
  readonly engine: string;
  /** False with --no-live. */
  readonly live: boolean;
  readonly lab: string;
}

export function addEncodersCommand(program: Command): void {
  program
    .command('encoders')
    .argument('[name]', 'one encoder, with its parameters and which of them it takes while it works')
    .description("list the encoders that really work here, and each one's parameters")
    .option(
      '--engine <name|path>',
      'bundled, ffmpeg (the one on the PATH), or the path of an executable',
      BUNDLED_ENGINE,
    )
    .option('--all', 'also those that do not work here, with the reason')
    .option('--no-live', 'do not find out what can be changed while encoding: it takes a minute or two, once')
    .option('--json', 'print JSON')
    .addOption(labOption())
    .addHelpText(
      'after',
      `
Examples:
  encodelab encoders
  encodelab encoders --all --engine ffmpeg
  encodelab encoders libx264
  encodelab encoders libsvtav1 --no-live --json`,
    )
    .action(async (name: string | undefined, options: EncodersOptions) => {
      const engine = engineSetting(options.engine);
      await withLab(options.lab, async ({ cacheFolder }) => {
        const encoders = await engineOf(engine).discover({ cacheFolder });
        if (name === undefined) {
          listEncoders(encoders, options);
          return;
        }
        const found = findEncoder(encoders, name, engine);
        const encoder = options.live && engine === BUNDLED_ENGINE ? await proved(found, cacheFolder) : found;
        console.log(options.json === true ? JSON.stringify(encoder) : encoderPage(encoder));
      });
    });
}

/** A path is written from where the user stands. */
function engineSetting(asked: string): EngineSetting {
  return asked === BUNDLED_ENGINE || asked === PATH_ENGINE ? asked : resolve(asked);
}

/** With what can be changed while it works; Ctrl-C shows the encoder with what was found until then. */
async function proved(encoder: EncoderInfo, cacheFolder: string): Promise<EncoderInfo> {
  if (!encoder.available || encoder.parameters.every(({ live }) => live !== null)) return encoder;
  const line = new LiveProofLine(encoder.name);
  const interrupt = onInterrupt(() => {});
  try {
    return await proveLiveChanges(encoder, {
      cacheFolder,
      signal: interrupt.drain,
      onProgress: (done, of) => line.show(done, of),
    });
  } catch (error) {
    if (!interrupt.drain.aborted) throw error;
    const [known] = await engineOf(encoder.engine).discover({ cacheFolder, only: [encoder.name] });
    return known ?? encoder;
  } finally {
    interrupt.release();
    line.clear();
  }
}

function listEncoders(encoders: readonly EncoderInfo[], options: EncodersOptions): void {
  const shown = encoders.filter((encoder) => encoder.available || options.all === true);
  if (options.json === true) {
    console.log(JSON.stringify(shown));
    return;
  }
  const rows = shown.map((encoder) => [
    encoder.name,
    encoder.codec,
    encoder.hardware ? (encoder.device ?? 'hardware') : 'software',
    encoder.threads,
    String(encoder.parameters.filter(({ scope }) => scope === 'private').length),
    encoder.available ? encoder.description : `not here: ${encoder.reason}`,
  ]);
  const columns = ['name', 'codec', 'kind', 'threads', 'parameters', 'description'];
  console.log(
    textTable(
      columns.map((title) => ({ title })),
      rows,
    ),
  );
  const hidden = encoders.length - shown.length;
  if (hidden > 0)
    console.error(`${hidden} more are compiled in and do not work here: encodelab encoders --all tells why`);
}

function findEncoder(encoders: readonly EncoderInfo[], name: string, engine: EngineSetting): EncoderInfo {
  const encoder = encoders.find((candidate) => candidate.name === name);
  if (encoder !== undefined) return encoder;
  const near = nearestName(
    name,
    encoders.map((candidate) => candidate.name),
  );
  const ofCodec = encoders
    .filter((candidate) => candidate.codec === name && candidate.available)
    .map((candidate) => candidate.name);
  const todo =
    ofCodec.length > 0
      ? `${name} is a codec; its encoders here: ${ofCodec.join(', ')}`
      : near === null
        ? 'encodelab encoders lists them'
        : `did you mean ${near}?`;
  const where = engine === BUNDLED_ENGINE ? '' : ` in ${engine}`;
  throw new UserError({ what: `there is no encoder "${name}"${where}`, todo });
}
