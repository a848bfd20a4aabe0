// encodelab worker: does items of all titles of a lab, as many at once as fit, until it is told to end.

import type { Command } from 'commander';
import type { Lab } from '#lab/lab';
import { openTitles } from '#pipeline/titles';
import { workOnTitles } from '#pipeline/work-on-titles';
import { EXIT, type ExitCode } from './exit-code.ts';
import { ENDING_ITEMS, onInterrupt } from './interrupt.ts';
import { labOption } from './lab-option.ts';
import { packageVersion } from './package-version.ts';
import type { SetExitCode } from './program.ts';
import { ItemTeller } from './tell-items.ts';
import { withLab } from './with-lab.ts';
import { addWorkerOptions, type WorkerOptions } from './worker-option.ts';

interface Options extends WorkerOptions {
  readonly lab: string;
  readonly json?: boolean;
}

export function addWorkerCommand(program: Command, setExitCode: SetExitCode): void {
  addWorkerOptions(
    program
      .command('worker')
      .description(
        'work on the titles of a lab beside other workers, as many items at once as this machine has room for',
      ),
  )
    .option('--json', 'print one JSON object a line for each event')
    .addOption(labOption())
    .addHelpText(
      'after',
      '\nExamples:\n  encodelab worker\n  encodelab worker --cpus 6 --memory 8GB\n\nThe first Ctrl-C ends after the items in work, the second at once: what is not done is given back.',
    )
    .action(async (options: Options) => setExitCode(await work(options)));
}

async function work({ lab: path, json = false, ...limits }: Options): Promise<ExitCode> {
  const use = async (lab: Lab) => {
    const titles = await openTitles(lab);
    const teller = new ItemTeller(titles, json);
    const interrupt = onInterrupt(() => teller.note(ENDING_ITEMS));
    try {
      teller.note(`works on the titles of ${lab.path}`);
      await workOnTitles({
        titles,
        ...limits,
        drain: interrupt.drain,
        stop: interrupt.stop,
        version: packageVersion(),
        onNote: teller.note,
        onEvent: teller.onEvent,
      });
      await teller.end();
      return EXIT.ok;
    } finally {
      interrupt.release();
      await titles.close();
    }
  };
  return withLab(path, use, { existing: true });
}
