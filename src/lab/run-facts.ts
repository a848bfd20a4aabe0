// Where and with what runs were made: read from their recordings once, then kept in the catalogue. Ten thousand headers take a second.

import { join } from 'node:path';
import type { RunFacts, RunPlace } from '#core/catalogue';
import type { Environment } from '#core/environment';
import { UserError } from '#core/user-error';
import { readHeader } from '#recording/recording-header';

/** Headers that are read at once. */
const AT_ONCE = 16;
/** The program that the others run in: its version changes no result. */
const RUNTIME = 'node';
/** What stands in an environment where nobody could tell, as in records of other tools: no value that runs may share. */
const UNKNOWN = 'unknown';

/**
 * Facts of runs, by id. A run whose recording is gone or can't be read has none, and an empty entry.
 * @param labPath folder of the lab
 */
export async function readFacts(labPath: string, runs: readonly RunPlace[]): Promise<Map<string, RunFacts>> {
  // Encodes of one worker have one recording between them.
  const byFolder = Map.groupBy(runs, ({ recording }) => recording);
  const folders = [...byFolder.keys()];
  const facts = new Map<string, RunFacts>();
  for (let begin = 0; begin < folders.length; begin += AT_ONCE)
    await Promise.all(
      folders.slice(begin, begin + AT_ONCE).map(async (folder) => {
        const found = folder === null ? {} : await factsOfRecording(join(labPath, folder));
        for (const { id } of byFolder.get(folder)!) facts.set(id, found);
      }),
    );
  return facts;
}

async function factsOfRecording(folder: string): Promise<RunFacts> {
  try {
    return factsOf((await readHeader(folder)).environment);
  } catch (error) {
    if (error instanceof UserError) return {};
    throw error;
  }
}

/** What of an environment is worth comparing runs by. A header may have been changed by anybody, or be another tool's. */
function factsOf(environment: Partial<Environment> | undefined): RunFacts {
  const { host, kernel, cpu, versions = {} } = environment ?? {};
  const build = Object.entries(versions)
    .filter(([name]) => name !== RUNTIME)
    .map(([name, version]) => (isKnown(version) ? `${name} ${version}` : name))
    .join(', ');
  const cores = Number.isInteger(cpu?.cores) ? ` × ${cpu!.cores}` : '';
  const facts = {
    machine: isKnown(cpu?.model) ? `${cpu!.model}${cores}` : undefined,
    host,
    build,
    kernel,
  };
  return Object.fromEntries(Object.entries(facts).filter((entry): entry is [string, string] => isKnown(entry[1])));
}

function isKnown(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value !== UNKNOWN;
}
