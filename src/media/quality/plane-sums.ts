// Sums over blocks of 8-bit planes, eight samples at a time: a small WebAssembly module (SIMD), put together here. Compiled
// code is needed where FFmpeg's is plain C; nothing else of the package would need a compiler.

/** One sum over `width` x `height` samples at an address: steps are the bytes from one line to the next. */
export interface PlaneSums {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Squared differences of two planes. */
  squared(a: number, stepA: number, b: number, stepB: number, width: number, height: number): number;
  /** Absolute values of a high-pass filter of 3 x 3 (12 in the middle, -2 at the sides, -1 at the corners). */
  highPass(a: number, stepA: number, width: number, height: number): number;
  /** Absolute differences of two planes. */
  change(a: number, stepA: number, b: number, stepB: number, width: number, height: number): number;
  /** Absolute second differences of three planes: a - 2 b + c. */
  changeOfChange(
    a: number,
    stepA: number,
    b: number,
    stepB: number,
    c: number,
    stepC: number,
    width: number,
    height: number,
  ): number;
}

/** The part of the engine's interface that is used: TypeScript knows it only where it knows browsers. */
const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Memory: new (size: { initial: number }) => PlaneSums['memory'];
    readonly Module: new (bytes: Uint8Array) => object;
    readonly Instance: new (module: object, imports: object) => { readonly exports: object };
  };
};

const PAGE_BYTES = 65_536;
/** Samples that one step of a loop handles. */
const LANES = 8;
/** The masks for the last step of a line lie at the memory's beginning: 0 to 8 samples that count. */
export const MASK_BYTES = (LANES + 1) * 16;

/** @param bytes of memory; planes begin behind MASK_BYTES, and the last eight bytes are read over */
export function planeSums(bytes: number): PlaneSums {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
  const masks = new Int16Array(memory.buffer, 0, MASK_BYTES / 2);
  for (let counted = 0; counted <= LANES; counted++) masks.fill(-1, counted * LANES, counted * LANES + counted);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()), { host: { memory } });
  return { ...instance.exports, memory } as unknown as PlaneSums;
}

type Code = readonly number[];

// Instructions by their names in the specification (webassembly.github.io/spec/core/binary/instructions.html).
const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const int = (value: number): Code => [0x41, ...signed(value)];
const ADD = [0x6a];
const SUB = [0x6b];
const SHIFT = [0x74];
const LESS = [0x48];
const SELECT = [0x1b];
const END = [0x0b];
const loop = (body: Code, again: Code) => join([0x03, 0x40], body, again, [0x0d, 0], END);
const simd = (opcode: number, ...immediate: number[]): Code => [0xfd, ...unsigned(opcode), ...immediate];
const loadMask = simd(0x00, 0, 0);
/** Eight bytes, each as 16 bits. */
const loadSamples = (offset: number): Code => simd(0x02, 0, offset);
const splat16 = simd(0x10);
const lane32 = (lane: number): Code => simd(0x1b, lane);
const and = simd(0x4e);
const pairwise32 = simd(0x7f);
const abs16 = simd(0x80);
const add16 = simd(0x8e);
const sub16 = simd(0x91);
const mul16 = simd(0x95);
const add32 = simd(0xae);
const dot32 = simd(0xba);

/** Places of parameters and locals in a function over so many planes. */
function places(planes: number) {
  const width = 2 * planes;
  return { width, height: width + 1, x: width + 2, at: width + 3, sum: width + 4, mask: width + 5, value: width + 6 };
}

/** A function that adds up what `step` leaves (four sums of 32 bits) for every eight samples. */
function overBlock(planes: number, step: (local: ReturnType<typeof places>) => Code): Code {
  const local = places(planes);
  const left = join(get(local.width), get(local.x), SUB);
  const minLeft = join(left, int(LANES), left, int(LANES), LESS, SELECT);
  const columns = loop(
    join(
      join(minLeft, int(4), SHIFT, loadMask, set(local.mask)),
      join(get(local.sum), step(local), add32, set(local.sum)),
      join(get(local.x), int(LANES), ADD, set(local.x)),
    ),
    join(get(local.x), get(local.width), LESS),
  );
  const nextLine = (plane: number) => join(get(2 * plane), get(2 * plane + 1), ADD, set(2 * plane));
  const lines = loop(
    join(
      join(int(0), set(local.x), columns),
      join(...Array.from({ length: planes }, (_, plane) => nextLine(plane))),
      join(get(local.height), int(1), SUB, set(local.height)),
    ),
    get(local.height),
  );
  const lanes = [0, 1, 2, 3].map((lane) => join(get(local.sum), lane32(lane)));
  // Two locals of 32 bits (x, at), three vectors (sum, mask, value), all zero.
  const locals = [2, 2, 0x7f, 3, 0x7b];
  return sized(join(locals, lines, ...lanes, ADD, ADD, ADD, END));
}

/** Samples of a plane at the column. */
const samples = (plane: number, x: number) => join(get(2 * plane), get(x), ADD, loadSamples(0));
/** What is masked, as absolute values in pairs. */
const absolute = (mask: number) => join(get(mask), and, abs16, pairwise32);

const squared = overBlock(2, ({ x, mask, value }) =>
  join(samples(0, x), samples(1, x), sub16, get(mask), and, set(value), get(value), get(value), dot32),
);

const change = overBlock(2, ({ x, mask }) => join(samples(0, x), samples(1, x), sub16, absolute(mask)));

const changeOfChange = overBlock(3, ({ x, mask, value }) =>
  join(
    join(samples(1, x), set(value), samples(0, x), get(value), sub16),
    join(get(value), sub16, samples(2, x), add16, absolute(mask)),
  ),
);

/** `at` walks down the three lines, from the sample above on the left. */
const highPass = overBlock(1, ({ x, at, mask }) => {
  const here = (offset: number) => join(get(at), loadSamples(offset));
  const up = join(get(0), get(x), ADD, get(1), SUB, int(1), SUB, set(at));
  const down = join(get(at), get(1), ADD, set(at));
  const times = (factor: number) => join(int(factor), splat16, mul16);
  // The sum is negated: only its absolute value counts.
  const upper = join(here(0), here(2), add16, here(1), times(2), add16);
  const middle = join(here(0), here(2), add16, times(2), add16, here(1), times(12), sub16);
  const lower = join(here(0), add16, here(2), add16, here(1), times(2), add16);
  return join(up, upper, down, middle, down, lower, absolute(mask));
});

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const functions = { squared, highPass, change, changeOfChange };
  const parameters = [6, 4, 6, 8];
  const type = (count: number): Code => [0x60, count, ...Array<number>(count).fill(0x7f), 1, 0x7f];
  const name = (text: string): Code => sized([...new TextEncoder().encode(text)]);
  const section = (id: number, entries: readonly Code[]): Code => [id, ...sized([entries.length, ...entries.flat()])];
  const exports = Object.keys(functions).map((each, index) => [...name(each), 0, index]);
  const indexes = parameters.map((_, index) => [index]);
  return Uint8Array.from(
    join(
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, parameters.map(type)),
      section(2, [join(name('host'), name('memory'), [2, 0, 1])]),
      section(3, indexes),
      section(7, exports),
      section(10, Object.values(functions)),
    ),
  );
}

function join(...parts: readonly Code[]): Code {
  return parts.flat();
}

function sized(bytes: Code): Code {
  return [...unsigned(bytes.length), ...bytes];
}

/** LEB128. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): Code {
  return value >= -64 && value < 64 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
