// encodelab profile import

import { basename } from 'node:path';
import type { Command } from 'commander';
import { formatQuantity } from '#core/format-quantity';
import { lostWords } from '#profile/lost-words';
import { importProfileFile, importProfileStream, profileDurationS, type ImportedProfile } from '#run/import-profile';
import { labOption } from './lab-option.ts';
import { plainLine, plainText } from './plain-text.ts';
import { withLab } from './with-lab.ts';

interface ImportOptions {
  readonly name?: string;
  readonly json?: true;
  readonly lab: string;
}

export function addProfileImport(profile: Command): void {
  profile
    .command('import')
    .argument('<file>', 'the profile; - is standard input')
    .description('make a run of a profile that another tool took')
    .option('--name <text>', 'what the run is called; the name of the file where it is left out')
    .option('--json', 'print one JSON object: run, samples, lost, duration in seconds, absent')
    .addOption(labOption())
    .addHelpText(
      'after',
      '\nperf.data, text of perf script, folded stacks, .cpuprofile of Chrome and Node, trace events, speedscope; also compressed by gzip.\nThe content tells which it is.\n\nExamples:\n  encodelab profile import perf.data --name before\n  perf script | encodelab profile import - --json\n  encodelab profile import stacks.folded.gz',
    )
    .action((file: string, options: ImportOptions) =>
      withLab(options.lab, async (lab) => {
        const title = plainLine(options.name ?? (file === '-' ? '' : basename(file))) || null;
        const imported =
          file === '-'
            ? await importProfileStream(lab, process.stdin, 'standard input', title)
            : await importProfileFile(lab, file, basename(file), title);
        console.log(options.json === true ? JSON.stringify(profileJson(imported)) : describe(imported));
      }),
    );
}

/** What is not known is null. */
function profileJson({ run, profile }: ImportedProfile) {
  const { lost, absent } = profile.header;
  return { run: run.id, samples: sampleCount(profile), lost, duration: profileDurationS(profile), absent };
}

/** Samples as the tool took them: a row of folded stacks counts as many as it says. */
function sampleCount({ header, samples }: ImportedProfile['profile']): number {
  return header.weightUnit === 'samples' && samples.weight !== null
    ? samples.weight.reduce((sum, weight) => sum + weight, 0)
    : samples.timeNs.length;
}

function describe({ run, profile, isNew }: ImportedProfile): string {
  const { header, libraries, threads, spans } = profile;
  const duration = profileDurationS(profile);
  const lost = lostWords(profile);
  const lines = [
    `run ${run.id}${isNew ? '' : '  (was there already)'}`,
    `${plainText(header.tool)}: ${counted(sampleCount(profile), 'sample')} of ${counted(threads.thread.length, 'thread')} in ${counted(libraries.length, 'library', 'libraries')}${duration === null ? ', without times' : `, ${formatQuantity(duration, 's')}`}`,
    ...(lost === null ? [] : [`${lost} lost`]),
    ...(spans === null ? [] : [`${spans.startNs.length} stays of threads on CPUs, from the scheduler`]),
    ...header.absent.map((line) => `missing: ${plainText(line)}`),
    '',
    `encodelab serve shows it: /runs/${run.id}/profile`,
  ];
  return lines.join('\n');
}

function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}
