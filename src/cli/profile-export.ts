// encodelab profile export

import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Option, type Command } from 'commander';
import type { Profile, ProfileSelection } from '#core/profile';
import { UserError } from '#core/user-error';
import type { Lab } from '#lab/lab';
import { foldedLines } from '#profile/formats/folded-export';
import { pprofBytes } from '#profile/formats/pprof-export';
import { speedscopeText } from '#profile/formats/speedscope-export';
import { measureSelection, ownThreads } from '#profile/selection';
import { profileFile } from '#server/profile-file';
import { labOption } from './lab-option.ts';
import { plainText } from './plain-text.ts';
import { profileOfRun, type RunProfile } from './profile-of-run.ts';
import {
  addSelectionOptions,
  chosenSelection,
  isNarrowed,
  profileContext,
  type RunSelectionOptions,
} from './profile-selection.ts';
import { withLab } from './with-lab.ts';

interface Exported extends RunProfile {
  readonly lab: Lab;
  readonly selection: ProfileSelection;
  readonly isWhole: boolean;
}

/** Pieces of a file, by format. */
const EXPORTERS = {
  folded: ({ profile, selection }: Exported) => foldedLines(profile, selection),
  speedscope: ({ profile, selection, run }: Exported) => speedscopeText(profile, selection, run.cell ?? run.id),
  pprof: ({ profile, selection }: Exported) => Readable.from(pprofBytes(profile, selection)).pipe(createGzip()),
  html: htmlPage,
} as const satisfies Record<string, (exported: Exported) => Iterable<string> | AsyncIterable<string | Uint8Array>>;
type ExportFormat = keyof typeof EXPORTERS;

interface ExportOptions extends RunSelectionOptions {
  readonly format: ExportFormat;
  readonly output: string;
  readonly all?: true;
  readonly lab: string;
}

export function addProfileExport(profile: Command): void {
  const command = profile
    .command('export')
    .argument('<run>', 'its id, or the beginning of it')
    .description('write the profile of a run, or part of it, in a format of other tools')
    .option('--all', 'all that ran, not only the processes of the run')
    .addOption(new Option('--format <format>', 'how').choices(Object.keys(EXPORTERS)).default('folded'))
    .option('-o, --output <file>', 'where to; - is standard output', '-');
  addSelectionOptions(command)
    .addOption(labOption())
    .addHelpText(
      'after',
      '\nhtml is one page that works without a server; it holds the whole profile.\n\nExamples:\n  encodelab profile export 0199 --format folded | flamegraph.pl > graph.svg\n  encodelab profile export 0199 --format pprof --thread x264 -o cpu.pb.gz\n  encodelab profile export 0199 --format speedscope --frames slowest:1% -o slow.speedscope.json',
    )
    .action((id: string, options: ExportOptions) =>
      withLab(options.lab, (lab) => exportProfile(lab, id, options), { readonly: true }),
    );
}

async function exportProfile(lab: Lab, id: string, options: ExportOptions): Promise<void> {
  const found = await profileOfRun(lab, id);
  const context = await profileContext(found.folder, found.profile);
  const chosen = chosenSelection(found.profile, context, options);
  const isWhole = !isNarrowed(options);
  const selection = options.format === 'html' ? chosen : ofTheRun(found.profile, chosen, options.all === true);
  if (!isWhole && measureSelection(found.profile, selection).samples === 0)
    throw new UserError({
      what: 'no sample of the profile is in this selection',
      todo: 'Choose more of it: encodelab profile export --help tells by what.',
    });
  const pieces = EXPORTERS[options.format]({ ...found, lab, selection, isWhole });
  if (options.output === '-') await toStandardOutput(pieces);
  else await writeWhole(options.output, pieces);
}

/** Where nobody chose whom, the run's own processes alone, as its page and `diagnose` have it; what that leaves out is told. */
function ofTheRun(profile: Profile, chosen: ProfileSelection, isAll: boolean): ProfileSelection {
  const own = isAll || chosen.threads !== null ? null : ownThreads(profile);
  if (own === null) return chosen;
  const selection = { ...chosen, threads: own };
  const others = measureSelection(profile, chosen).samples - measureSelection(profile, selection).samples;
  if (others > 0)
    console.error(
      `left out: ${others.toLocaleString('en')} ${others === 1 ? 'sample' : 'samples'} of other programs and idle CPUs; --all has them too`,
    );
  return selection;
}

/** Names of functions and threads are anybody's text: a terminal gets them without what would move its cursor, a pipe as they are. */
async function toStandardOutput(pieces: Iterable<string> | AsyncIterable<string | Uint8Array>): Promise<void> {
  const shown = process.stdout.isTTY
    ? Readable.from(pieces).map((piece: string | Uint8Array) => (typeof piece === 'string' ? plainText(piece) : piece))
    : Readable.from(pieces);
  await pipeline(shown, process.stdout, { end: false });
}

/** The file is whole or not there. */
async function writeWhole(path: string, pieces: Iterable<string> | AsyncIterable<string | Uint8Array>): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await pipeline(Readable.from(pieces), createWriteStream(temporary, { flush: true }));
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    if (cause instanceof UserError) throw cause;
    throw new UserError({ what: `the file can't be written: ${(cause as Error).message}`, where: path }, { cause });
  }
}

async function* htmlPage({ lab, run, isWhole }: Exported): AsyncGenerator<string> {
  if (!isWhole)
    throw new UserError({
      what: 'a page holds the whole profile of its run',
      where: '--format html',
      todo: 'Leave the selection out: it is chosen on the page.',
    });
  yield await profileFile({ lab }, run);
}
