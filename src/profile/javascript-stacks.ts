// Puts the JavaScript functions that Node's inspector saw into the stacks that perf took of the same thread. No sample is added and
// none goes: each stands for the same time as before.

import { FUNCTION_KINDS, SYMBOL_SOURCES, type Profile, type StackTable } from '#core/profile';
import { JavaScriptMoments } from './javascript-moments.ts';
import { isEntryFunction } from './library-quality.ts';
import { MoreStacks } from './more-stacks.ts';

/** What the inspector told of a process's main thread, on the clock of the profile that it is put into. */
export interface JavaScriptProfile {
  readonly process: number;
  /** As `readCpuProfile` reads it. */
  readonly profile: Profile;
}

export interface JoinedProfile {
  readonly profile: Profile;
  /** Samples that got JavaScript functions, and those in JavaScript that did not: the inspector was not looking, or saw no one thing. */
  readonly joined: number;
  readonly unmatched: number;
}

const JIT = FUNCTION_KINDS.indexOf('jit');
const NAMELESS = SYMBOL_SOURCES.indexOf('none');
/** V8's function that interprets each function that was not compiled. */
const INTERPRETER = 'Builtins_InterpreterEntryTrampoline';
/** Where a JavaScript thread begins, as V8 calls it. */
const ROOT = '(root)';
const ENGINE = 'V8';

/**
 * A sample of a main thread gets the functions that the inspector saw both right before and right after it: what stood on the stack in
 * between. They take the place of perf's nameless generated code and of the interpreter, from the outermost to the innermost such
 * function. Where perf's walk broke off (native code without frame pointers, called from JavaScript) they become the callers of what it found,
 * under `(root)`. Where a thread left its CPU the same is done.
 * @param withinNs how near the inspector's samples must be
 */
export function withJavaScript(
  profile: Profile,
  scripts: readonly JavaScriptProfile[],
  withinNs: number,
): JoinedProfile {
  const joiner = new Joiner(profile);
  const stack = profile.samples.stack.slice();
  const spanStack = profile.spans?.stack.slice() ?? null;
  let joined = 0;
  let unmatched = 0;
  for (const { process, profile: script } of scripts) {
    const moments = new JavaScriptMoments(script, withinNs);
    const join = joiner.joinWith(script);
    const { timeNs, thread } = profile.samples;
    for (let row = 0; row < stack.length; row++) {
      if (stack[row]! < 0 || !isMainThread(profile, thread[row]!, process)) continue;
      const found = join(stack[row]!, moments.at(timeNs[row]!));
      if (found >= 0) joined++;
      else if (joiner.hasScript(stack[row]!)) unmatched++;
      if (found >= 0) stack[row] = found;
    }
    if (profile.spans === null || spanStack === null) continue;
    for (let row = 0; row < spanStack.length; row++) {
      if (spanStack[row]! < 0 || !isMainThread(profile, profile.spans.thread[row]!, process)) continue;
      const found = join(spanStack[row]!, moments.at(profile.spans.endNs[row]!));
      if (found >= 0) spanStack[row] = found;
    }
  }
  const spans = profile.spans === null ? null : { ...profile.spans, stack: spanStack! };
  return {
    profile: { ...profile, ...joiner.tables(), samples: { ...profile.samples, stack }, spans },
    joined,
    unmatched,
  };
}

/** A process has the number of its first thread. */
function isMainThread({ threads }: Profile, row: number, process: number): boolean {
  return threads.process[row] === process && threads.thread[row] === process;
}

/** Makes one stack of perf's and the inspector's. */
class Joiner {
  readonly #perf: Profile;
  readonly #more: MoreStacks;
  readonly #isScript: Uint8Array;
  /** By node of perf's: 1 where it goes back to where its thread began. */
  readonly #isRooted: Uint8Array;
  readonly #root: number;

  constructor(perf: Profile) {
    const { functions, stacks } = perf;
    this.#perf = perf;
    this.#more = new MoreStacks(perf);
    this.#isScript = Uint8Array.from(functions.name, (name, i) =>
      name === INTERPRETER || (functions.kind[i] === JIT && functions.source[i] === NAMELESS) ? 1 : 0,
    );
    this.#isRooted = new Uint8Array(stacks.parent.length);
    for (let node = 0; node < stacks.parent.length; node++) {
      const parent = stacks.parent[node]!;
      const isRooted = parent < 0 ? isEntryFunction(functions.name[stacks.function[node]!]!) : this.#isRooted[parent];
      this.#isRooted[node] = Number(isRooted);
    }
    this.#root = this.#more.function(ROOT, ENGINE, FUNCTION_KINDS.indexOf('user'));
  }

  /**
   * @returns what makes one stack of perf's node and the inspector's, -1 where it has no place there; each pair is made once
   */
  joinWith(script: Profile): (stack: number, seen: number) => number {
    const { stacks } = script;
    const here = this.#more.functionsOf(script);
    const known = new Map<number, number>();
    return (stack, seen) => {
      if (seen < 0) return -1;
      const pair = stack * stacks.parent.length + seen;
      let found = known.get(pair);
      if (found === undefined) {
        found = this.#join(stack, seen, stacks, here);
        known.set(pair, found);
      }
      return found;
    };
  }

  hasScript(stack: number): boolean {
    const { parent, function: called } = this.#perf.stacks;
    for (let node = stack; node >= 0; node = parent[node]!) if (this.#isScript[called[node]!] === 1) return true;
    return false;
  }

  /** @param functions by function of the inspector's: which it is here */
  #join(stack: number, seen: number, scripts: StackTable, functions: Uint32Array): number {
    const { parent, function: called } = this.#perf.stacks;
    const inner: number[] = [];
    let outer = -1;
    let isFound = false;
    for (let node = stack; node >= 0; node = parent[node]!) {
      if (this.#isScript[called[node]!] === 1) {
        isFound = true;
        outer = parent[node]!;
      }
      if (!isFound) inner.push(called[node]!);
    }
    if (!isFound && this.#isRooted[stack] === 1) return -1;
    let at = isFound ? outer : this.#more.add(-1, this.#root);
    const script: number[] = [];
    for (let node = seen; node >= 0; node = scripts.parent[node]!) script.push(functions[scripts.function[node]!]!);
    for (const one of script.toReversed()) at = this.#more.add(at, one);
    for (const one of inner.toReversed()) at = this.#more.add(at, one);
    return at;
  }

  tables(): ReturnType<MoreStacks['tables']> {
    return this.#more.tables();
  }
}
