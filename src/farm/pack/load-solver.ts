// HiGHS, the solver of linear and whole-number programs, loaded once a thread. Its calls block.

import * as module from 'highs';
import type { Highs } from 'highs';

let loaded: Promise<Highs> | null = null;

/** Loads its WebAssembly with the first call. */
export function loadSolver(): Promise<Highs> {
  // Its types describe the CommonJS build, in which `default` lies one deeper than in the module that Node loads.
  const { default: load } = module as unknown as { default: () => Promise<Highs> };
  loaded ??= load();
  return loaded;
}
