// encodelab encoders [NAME]

import type { Command } from 'commander';
import type { EncoderInfo, EncoderParameter } from '#core/encoder';
import { nearestName } from '#core/nearest-name';
import { UserError } from '#core/user-error';
import { discoverEncoders } from '#media/encoders';
import { labOption } from './lab-option.ts';
import { textTable } from './text-table.ts';
import { withLab } from './with-lab.ts';

export function addEncodersCommand(program: Command): void {
  program
    .command('encoders')
    .argument('[name]', 'one encoder, with its parameters')
    .description("list the encoders that really work here, and each one's parameters")
    .option('--all', 'also those that do not work here, with the reason')
    .option('--json', 'print JSON')
    .addOption(labOption())
    .addHelpText(
      'after',
      '\nExamples:\n  encodelab encoders\n  encodelab encoders libx264\n  encodelab encoders libsvtav1 --json',
    )
    .action(async (name: string | undefined, options: { all?: true; json?: true; lab: string }) => {
      const encoders = await withLab(options.lab, (lab) => discoverEncoders({ cacheFolder: lab.cacheFolder }));
      if (name === undefined) listEncoders(encoders, options);
      else showEncoder(encoders, name, options.json === true);
    });
}

function listEncoders(encoders: readonly EncoderInfo[], options: { all?: true; json?: true }): void {
  const shown = encoders.filter((encoder) => encoder.available || options.all === true);
  if (options.json === true) {
    console.log(JSON.stringify(shown));
    return;
  }
  const rows = shown.map((encoder) => [
    encoder.name,
    encoder.codec,
    encoder.hardware ? 'hardware' : 'software',
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

function showEncoder(encoders: readonly EncoderInfo[], name: string, json: boolean): void {
  const encoder = encoders.find((candidate) => candidate.name === name);
  if (encoder === undefined) {
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
    throw new UserError({ what: `there is no encoder "${name}"`, todo });
  }
  if (json) {
    console.log(JSON.stringify(encoder));
    return;
  }
  const state = encoder.available ? 'works here' : `does not work here: ${encoder.reason}`;
  console.log(
    `${encoder.name}  ${encoder.description}\ncodec ${encoder.codec}, ${encoder.hardware ? 'hardware' : 'software'}, threads: ${encoder.threads}, ${state}`,
  );
  console.log(`pixel formats: ${encoder.pixelFormats.join(' ')}\n`);
  for (const scope of ['private', 'generic'] as const) {
    const parameters = encoder.parameters.filter((parameter) => parameter.scope === scope);
    if (parameters.length === 0) continue;
    console.log(scope === 'private' ? 'its own parameters' : '\nparameters of every encoder');
    console.log(
      textTable(
        ['name', 'type', 'range', 'default', 'description'].map((title) => ({ title })),
        parameters.map(parameterRow),
      ),
    );
  }
}

function parameterRow(parameter: EncoderParameter): string[] {
  const { min, max, values } = parameter;
  const range =
    values.length > 0
      ? values.map((value) => value.name).join('|')
      : min === null && max === null
        ? ''
        : `${min ?? ''}..${max ?? ''}`;
  return [
    parameter.name,
    parameter.type,
    range.length > 60 ? `${range.slice(0, 59)}…` : range,
    String(parameter.default ?? ''),
    parameter.description,
  ];
}
