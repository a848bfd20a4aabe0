// The names that Node's inspector has for what perf calls generated code: read from the files that our processes left, put into the profile.

import { readFile, stat } from 'node:fs/promises';
import type { Profile } from '#core/profile';
import { UserError } from '#core/user-error';
import { readCpuProfile } from '#profile/formats/cpuprofile';
import { withJavaScript, type JavaScriptProfile } from '#profile/javascript-stacks';
import type { StoreJob } from './store-profile.ts';

/** A million samples are 14 MB. */
const MOST_BYTES = 64 * 2 ** 20;
/** V8 looks late where the machine is busy: its samples may be as many intervals away. */
const MOST_INTERVALS = 10;
/** Below it nobody misses them. */
const FEW_UNMATCHED = 0.02;

type Wanted = Pick<StoreJob, 'javascript' | 'wanted'>;

/** Never throws for what is in the files: what can't be used stands in `absent`. */
export async function withInspected(profile: Profile, { javascript, wanted }: Wanted): Promise<Profile> {
  if (!wanted.javascript) return profile;
  const absent: string[] = [];
  const scripts: JavaScriptProfile[] = [];
  for (const file of javascript) {
    const read = await readInspected(file);
    if ('reason' in read) absent.push(`JavaScript functions: ${read.reason}.`);
    else scripts.push(read);
  }
  if (javascript.length === 0)
    absent.push(
      "JavaScript functions: no process left what Node's inspector saw. The bundled engine's do, where they are not killed: take `engine` out of the benchmark.",
    );
  if (scripts.length === 0) return { ...profile, header: withAbsent(profile, absent) };
  const found = withJavaScript(profile, scripts, (MOST_INTERVALS * 1e9) / wanted.frequencyHz);
  const { joined, unmatched } = found;
  if (unmatched > FEW_UNMATCHED * (joined + unmatched))
    absent.push(
      `JavaScript functions of ${unmatched} of ${joined + unmatched} samples: Node's inspector was not looking right before and after them, or saw different things. A higher frequency helps.`,
    );
  const header = withAbsent(found.profile, absent);
  return { ...found.profile, header: { ...header, tool: `${header.tool}, Node inspector` } };
}

function withAbsent({ header }: Profile, more: readonly string[]): Profile['header'] {
  return { ...header, absent: [...header.absent, ...more] };
}

async function readInspected(file: string): Promise<JavaScriptProfile | { readonly reason: string }> {
  try {
    const { size } = await stat(file);
    if (size > MOST_BYTES)
      return { reason: `what Node's inspector saw is ${size} bytes long, and ${MOST_BYTES} are read` };
    const { process, profile } = JSON.parse(await readFile(file, 'utf8')) as { process: number; profile: unknown };
    return { process, profile: readCpuProfile(profile, 'Node inspector') };
  } catch (error) {
    if (!(error instanceof UserError) && !(error instanceof SyntaxError)) throw error;
    return { reason: `what Node's inspector saw can't be read: ${error.message}` };
  }
}
