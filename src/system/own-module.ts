// Starting one of our own modules in a child process, from the sources (tests) and from the built package alike.

import { fileURLToPath } from 'node:url';

/**
 * Arguments for `process.execPath` that run a module of ours.
 * @param base the caller's `import.meta.url`
 * @param name path of the module relative to the caller, without its ending: `./engine-child`
 */
export function ownModuleArgs(base: string, name: string): string[] {
  const fromSource = base.endsWith('.ts');
  const path = fileURLToPath(new URL(`${name}${fromSource ? '.ts' : '.js'}`, base));
  return [...(fromSource ? ['--conditions=encodelab-source'] : []), '--disable-warning=ExperimentalWarning', path];
}
