// How far the stacks and names of a profile can be trusted, library by library: shown beside its graphs.

import { SYMBOL_SOURCES, type LibraryQuality, type Profile } from '#core/profile';

/** Functions that nobody calls: where programs, threads, kernel threads and idle CPUs begin. */
const ENTRIES: ReadonlySet<string> = new Set([
  '_start',
  'main',
  '__libc_start_main',
  '__libc_start_main_impl',
  '__libc_start_call_main',
  'start_thread',
  'thread_start',
  'clone',
  '__clone',
  '__GI___clone',
  'clone3',
  '__clone3',
  '__GI___clone3',
  '_dl_start',
  '_dl_start_user',
  'ret_from_fork',
  'ret_from_fork_asm',
  'kthread',
  '__primary_switched',
  'start_kernel',
  'x86_64_start_kernel',
  'start_secondary',
  'cpu_startup_entry',
  'secondary_startup_64',
  'secondary_startup_64_no_verify',
  '(root)',
]);

/** Whether a function is where a program, a thread or an idle CPU begins. */
export function isEntryFunction(name: string): boolean {
  return ENTRIES.has(name);
}

/** Below these shares something is wrong that can be helped. */
const ENOUGH_NAMED = 0.9;
const ENOUGH_ROOTED = 0.6;

/** From this share on of stacks that are followed out of a library with all its symbols it has frame pointers: what breaks off in it is assembly. */
const FRAME_POINTERS = 0.25;
/** What scripts/profiling-encoders builds. */
const BUILT_BY_SCRIPT = /^lib(x264|SvtAv1Enc|vpx)\.so/;
/** The loader and the C library, which nobody builds anew for a profile. */
const OF_THE_SYSTEM = /^(ld-|ld64|ld\.so|lib(c|m|pthread|dl|rt)[.-])/;

const SYMBOLS = SYMBOL_SOURCES.indexOf('symbols');
const UNNAMED: ReadonlySet<number> = new Set([SYMBOL_SOURCES.indexOf('none'), SYMBOL_SOURCES.indexOf('unwind')]);

/**
 * Of each library in which samples ended, most samples first. Samples without a stack are in none, and those of idle CPUs are not counted.
 *
 * @param todos what its image says that would help its names, by library
 * @param of positions of threads; null for all
 */
export function libraryQuality(
  profile: Pick<Profile, 'header' | 'libraries' | 'functions' | 'stacks' | 'samples' | 'threads'>,
  todos: ReadonlyMap<string, string> = new Map(),
  of: ReadonlySet<number> | null = null,
): LibraryQuality[] {
  const { header, libraries, functions, stacks, samples, threads } = profile;
  const outermost = outermostFunctions(stacks.parent, stacks.function);
  const isFile = Uint8Array.from(libraries, (library) => (library.startsWith('[') ? 0 : 1));
  const lastFile = outermostFiles(stacks.parent, stacks.function, functions.library, isFile);
  const isEntry = Uint8Array.from(functions.name, (name) => (ENTRIES.has(name) ? 1 : 0));
  const isNamed = functions.source.map((source) => (UNNAMED.has(source) ? 0 : 1));
  const count = new Float64Array(libraries.length);
  const named = new Float64Array(libraries.length);
  const rooted = new Float64Array(libraries.length);
  /** Whose name is from the symbol table of the file itself. */
  const complete = new Float64Array(libraries.length);
  /** Samples by the library that they end in and the one where the walk to their root broke off. */
  const broken = new Map<number, number>();
  for (let sample = 0; sample < samples.stack.length; sample++) {
    const stack = samples.stack[sample]!;
    const thread = samples.thread[sample]!;
    if (stack < 0 || threads.thread[thread] === 0 || of?.has(thread) === false) continue;
    const leaf = stacks.function[stack]!;
    const library = functions.library[leaf]!;
    const first = outermost[stack]!;
    count[library]!++;
    named[library]! += isNamed[leaf]!;
    if (functions.source[leaf] === SYMBOLS) complete[library]!++;
    if (isEntry[first] === 1) rooted[library]!++;
    else if (lastFile[stack]! >= 0) {
      const pair = library * libraries.length + lastFile[stack]!;
      broken.set(pair, (broken.get(pair) ?? 0) + 1);
    }
  }
  return libraries
    .map((library, i) => {
      const numbers = { library, samples: count[i]!, named: named[i]!, rooted: rooted[i]! };
      const brokenIn = (other: number) => broken.get(i * libraries.length + other) ?? 0;
      const breaking = breakingLibrary(libraries, brokenIn);
      const left = count[i]! - brokenIn(i);
      const isComplete = complete[i]! >= ENOUGH_NAMED * count[i]! && left >= FRAME_POINTERS * count[i]!;
      const isUnwound = header.stacks === 'dwarf';
      const todo = whatHelps(numbers, { breaking, isComplete, isUnwound }, todos.get(library) ?? null);
      return { ...numbers, todo };
    })
    .filter((quality) => quality.samples > 0)
    .sort((a, b) => b.samples - a.samples);
}

/** Of each node the function that its stack begins with. Parents stand before their children. */
function outermostFunctions(parent: Int32Array, called: Uint32Array): Uint32Array {
  const outermost = new Uint32Array(parent.length);
  for (let node = 0; node < outermost.length; node++) {
    const above = parent[node]!;
    outermost[node] = above < 0 ? called[node]! : outermost[above]!;
  }
  return outermost;
}

/** Of each node the file in which its outermost function lies that is known to lie in one, -1 where there is none: a walk that breaks off ends at some address. */
function outermostFiles(
  parent: Int32Array,
  called: Uint32Array,
  libraryOf: Uint32Array,
  isFile: Uint8Array,
): Int32Array {
  const outermost = new Int32Array(parent.length);
  for (let node = 0; node < outermost.length; node++) {
    const above = parent[node]! < 0 ? -1 : outermost[parent[node]!]!;
    const library = libraryOf[called[node]!]!;
    outermost[node] = above >= 0 ? above : isFile[library] === 1 ? library : -1;
  }
  return outermost;
}

/** Where most walks broke off, of what can be built anew: no kernel, no unknown code. */
function breakingLibrary(libraries: readonly string[], broken: (library: number) => number): string | null {
  let most = -1;
  for (const [i, library] of libraries.entries()) {
    if (!library.startsWith('[') && broken(i) > (most < 0 ? 0 : broken(most))) most = i;
  }
  return libraries[most] ?? null;
}

interface BrokenStacks {
  /** The file in which most of them break off; null where there is none. */
  readonly breaking: string | null;
  /** The library has its own symbols, and frame pointers. */
  readonly isComplete: boolean;
  /** Debug information was made use of already. */
  readonly isUnwound: boolean;
}

function whatHelps(quality: Omit<LibraryQuality, 'todo'>, stacks: BrokenStacks, todo: string | null): string | null {
  const { library, samples, named, rooted } = quality;
  const sentences: string[] = [];
  if (named < ENOUGH_NAMED * samples)
    sentences.push(todo ?? `${percent(named, samples)} of the samples in ${library} have a name: it has no symbols.`);
  if (rooted < ENOUGH_ROOTED * samples)
    sentences.push(
      `${percent(rooted, samples)} of the stacks that end in ${library} go back to where their thread began${whatRoots(library, stacks)}.`,
    );
  return sentences.length === 0 ? null : sentences.join(' ');
}

/** Behind how many stacks are whole: where the others break off, and what to do. */
function whatRoots(library: string, { breaking, isComplete, isUnwound }: BrokenStacks): string {
  if (breaking === null) return '';
  if (breaking === library && isComplete)
    return ', most others break off in its own assembly: it has its symbols and frame pointers, which assembly keeps none of, and another build does not change that';
  const within = isComplete && BUILT_BY_SCRIPT.test(library) ? `, behind ${library}, within which they are whole` : '';
  const where = `, most others break off in ${breaking}${within}`;
  // Most of such an encoder is assembly without unwind entries: debug information leads nowhere.
  if (BUILT_BY_SCRIPT.test(breaking))
    return `${where}: build ${breaking} with frame pointers and symbols (scripts/profiling-encoders does it)`;
  const unwinding = isUnwound ? '' : 'take the profile by `encodelab profile record --stacks dwarf`';
  if (OF_THE_SYSTEM.test(breaking)) return unwinding === '' ? where : `${where}: ${unwinding}`;
  return `${where}: build ${breaking} with frame pointers and symbols${unwinding === '' ? '' : `, or ${unwinding}`}`;
}

function percent(part: number, whole: number): string {
  return `${Math.round((100 * part) / whole)} %`;
}
