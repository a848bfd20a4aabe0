// The language of custom stats: `mean(frames.encode where key)`, `p95(guest:cpu.busy)`, `sum(frames.bytes) * 8 / duration`.
// Text becomes a tree here; evaluate-stat.ts makes a number of it.

import { UserError } from '#core/user-error';

/** `at` is the offset in the text. */
export type StatNode =
  | { readonly kind: 'number'; readonly value: number; readonly at: number }
  | { readonly kind: 'text'; readonly value: string; readonly at: number }
  /** A column (`frames.bytes`, `guest:cpu.busy`), or one of the run's own numbers (`duration`). */
  | { readonly kind: 'name'; readonly name: string; readonly at: number }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly StatNode[]; readonly at: number }
  | { readonly kind: 'not' | 'minus'; readonly of: StatNode; readonly at: number }
  | {
      readonly kind: 'binary';
      readonly operator: Operator;
      readonly left: StatNode;
      readonly right: StatNode;
      readonly at: number;
    };

export type Operator = 'where' | 'or' | 'and' | '=' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/';

/** How strongly operators bind, the weakest first. */
const BINDING: Readonly<Record<Operator, number>> = {
  where: 1,
  or: 2,
  and: 3,
  '=': 4,
  '!=': 4,
  '<': 4,
  '<=': 4,
  '>': 4,
  '>=': 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
};

/** Characters of one expression. */
export const MAX_EXPRESSION = 1_000;
/** Runs that values are asked of at once. */
export const MAX_STAT_RUNS = 500;
/** Calls and brackets within each other. */
const MAX_DEPTH = 40;

interface Token {
  readonly kind: 'number' | 'text' | 'name' | 'sign' | 'end';
  readonly text: string;
  readonly at: number;
}

/** @throws UserError with the place in the text (`expression:12`, counted from 1) */
export function parseStat(text: string): StatNode {
  if (text.length > MAX_EXPRESSION)
    throw new UserError({ what: `an expression has ${MAX_EXPRESSION} characters at most`, where: 'expression' });
  const parser = new Parser(tokensOf(text));
  const node = parser.expression(0, 0);
  parser.expectEnd();
  return node;
}

/** Names of columns and numbers that an expression reads, each once. */
export function namesIn(node: StatNode): string[] {
  const names = new Set<string>();
  const visit = (one: StatNode): void => {
    if (one.kind === 'name') names.add(one.name);
    else if (one.kind === 'call') one.args.forEach(visit);
    else if (one.kind === 'binary') [one.left, one.right].forEach(visit);
    else if (one.kind === 'not' || one.kind === 'minus') visit(one.of);
  };
  visit(node);
  return [...names];
}

/** An error at a place of the text. */
export function statError(at: number, what: string, todo?: string): UserError {
  return new UserError({ what, where: `expression:${at + 1}`, todo });
}

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?(?:e[+-]?\d+)?)|("[^"]*"|'[^']*')|([A-Za-z_][\w-]*(?::[A-Za-z_][\w-]*)?(?:\.[\w-]+|\[\d+\])*)|(!=|<=|>=|[-+*/()=<>,]))/y;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  let at = 0;
  while (text.slice(at).trim() !== '') {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) {
      const bad = at + text.slice(at).search(/\S/);
      throw statError(bad, `\`${text[bad]!}\` has no meaning here`);
    }
    const [whole, number, quoted, name, sign] = match;
    const begin = at + whole.length - whole.trimStart().length;
    at = TOKEN.lastIndex;
    if (number !== undefined) tokens.push({ kind: 'number', text: number, at: begin });
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted.slice(1, -1), at: begin });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name, at: begin });
    else tokens.push({ kind: 'sign', text: sign!, at: begin });
  }
  return [...tokens, { kind: 'end', text: 'the end', at: text.length }];
}

/** By the strength of operators (Pratt 1973). */
class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  expression(least: number, depth: number): StatNode {
    if (depth > MAX_DEPTH) throw statError(this.#peek.at, `brackets lie more than ${MAX_DEPTH} deep`);
    let left = this.#operand(depth);
    for (;;) {
      const token = this.#peek;
      const operator = operatorOf(token);
      if (operator === null || BINDING[operator] < Math.max(least, 1)) return left;
      this.#next++;
      const right = this.expression(BINDING[operator] + 1, depth + 1);
      left = { kind: 'binary', operator, left, right, at: token.at };
    }
  }

  expectEnd(): void {
    if (this.#peek.kind !== 'end') throw statError(this.#peek.at, `\`${this.#peek.text}\` is not expected here`);
  }

  #operand(depth: number): StatNode {
    const token = this.#take();
    if (token.kind === 'number') return { kind: 'number', value: finite(token), at: token.at };
    if (token.kind === 'text') return { kind: 'text', value: token.text, at: token.at };
    if (token.kind === 'sign' && token.text === '(') {
      const node = this.expression(0, depth + 1);
      this.#expect(')');
      return node;
    }
    if (token.kind === 'sign' && token.text === '-')
      return { kind: 'minus', of: this.expression(BINDING['*'], depth + 1), at: token.at };
    if (token.kind === 'name' && token.text === 'not')
      return { kind: 'not', of: this.expression(BINDING['='], depth + 1), at: token.at };
    if (token.kind === 'name' && operatorOf(token) === null)
      return this.#isSign('(') ? this.#call(token, depth) : { kind: 'name', name: token.text, at: token.at };
    throw statError(token.at, `a column, a function or a number is expected, and not ${shown(token)}`);
  }

  #call(name: Token, depth: number): StatNode {
    this.#take();
    const args: StatNode[] = [];
    while (!this.#isSign(')')) {
      // All functions take one column: what follows it ends the call, or is a mistake.
      if (args.length > 0) this.#expect(this.#isSign(',') ? ',' : ')');
      args.push(this.expression(0, depth + 1));
    }
    this.#take();
    return { kind: 'call', name: name.text, args, at: name.at };
  }

  get #peek(): Token {
    return this.#tokens[this.#next]!;
  }

  #take(): Token {
    const token = this.#peek;
    if (token.kind !== 'end') this.#next++;
    return token;
  }

  #isSign(text: string): boolean {
    return this.#peek.kind === 'sign' && this.#peek.text === text;
  }

  #expect(text: string): void {
    const token = this.#take();
    if (token.kind !== 'sign' || token.text !== text)
      throw statError(token.at, `\`${text}\` is expected, and not ${shown(token)}`);
  }
}

function finite({ text, at }: Token): number {
  const value = Number(text);
  if (!Number.isFinite(value))
    throw statError(at, 'this number is larger than any that can be computed with (1.8e308)');
  return value;
}

function operatorOf({ kind, text }: Token): Operator | null {
  return (kind === 'sign' || kind === 'name') && Object.hasOwn(BINDING, text) ? (text as Operator) : null;
}

function shown({ kind, text }: Token): string {
  return kind === 'end' ? text : `\`${text}\``;
}
