// A number in a JSON document by its path: `summary.fps`, `frames[0].time`, `["a name"].value`.

/** A document of a program's statistics; more is no summary. */
export const MAX_JSON_BYTES = 16 * 1024 * 1024;

const STEP = /\.?([A-Za-z_$][\w$-]*)|\[(-?\d+)\]|\["((?:[^"\\]|\\.)*)"\]/y;

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** @returns names and positions (negative ones count from the end), or null for what is no path */
export function parseJsonPath(path: string): readonly (string | number)[] | null {
  const steps: (string | number)[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < path.length) {
    const at = STEP.lastIndex;
    const match = STEP.exec(path);
    // Names are parted by dots: `a.b`, not `.a` at the front.
    if (match === null || (match[1] !== undefined && (at === 0) === match[0].startsWith('.'))) return null;
    steps.push(match[1] ?? (match[2] === undefined ? (JSON.parse(`"${match[3]!}"`) as string) : Number(match[2])));
  }
  return steps.length === 0 ? null : steps;
}

/** The number (or a text that is one) at a path; else what stands there instead, in words. */
export function numberAt(document: unknown, path: string): number | string {
  let value = document;
  for (const step of parseJsonPath(path) ?? []) {
    const inside =
      typeof step === 'number'
        ? Array.isArray(value)
          ? (value as readonly unknown[]).at(step)
          : undefined
        : typeof value === 'object' && value !== null && Object.hasOwn(value, step)
          ? (value as Readonly<Record<string, unknown>>)[step]
          : undefined;
    if (inside === undefined) return `there is no ${typeof step === 'number' ? `[${step}]` : step} in it`;
    value = inside;
  }
  // A text is a number where a decimal one stands in it: 0x10 is a name.
  const number = typeof value === 'string' && DECIMAL.test(value.trim()) ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  if (typeof number === 'number') return `${path} is too large for a number`;
  return `${path} is no number but ${value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value}`;
}

/**
 * The document in what a program printed: all of it, or its last line that is one (JSON behind other lines).
 * @throws SyntaxError where there is none
 */
export function parseJsonOutput(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const begin = lastDocument(text);
    if (begin === null) throw error;
    return begin;
  }
}

/** The last line (or the lines from one that opens a brace at its beginning) that parses. */
function lastDocument(text: string): unknown {
  const lines = text.trimEnd().split('\n');
  let tail = '';
  let left = MAX_PARSED_CHARS;
  for (let i = lines.length - 1; i >= 0; i--) {
    tail = tail === '' ? lines[i]! : `${lines[i]!}\n${tail}`;
    if (!/^\s*[{[]/.test(lines[i]!)) continue;
    for (const candidate of tail === lines[i] ? [tail] : [lines[i]!, tail]) {
      left -= candidate.length;
      if (left < 0) return null;
      try {
        return JSON.parse(candidate) as unknown;
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
      }
    }
  }
  return null;
}

/** Characters parsed in all: a pretty-printed document opens a brace in many of its lines, and may begin with any of them. */
const MAX_PARSED_CHARS = 32 * 1024 * 1024;
