// Rust's names in the form v0 (Rust RFC 2603).

import { Unreadable } from './itanium-node.ts';

const MOST_DEPTH = 192;
const MOST_STEPS = 50_000;
const MOST_LENGTH = 16_384;

/** A name of the v0 form; null of one that can't be read. */
export function demangleRust(mangled: string): string | null {
  try {
    return new RustName(mangled.slice(2)).read();
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

const BASIC_TYPES: Readonly<Record<string, string>> = {
  a: 'i8',
  b: 'bool',
  c: 'char',
  d: 'f64',
  e: 'str',
  f: 'f32',
  h: 'u8',
  i: 'isize',
  j: 'usize',
  l: 'i32',
  m: 'u32',
  n: 'i128',
  o: 'u128',
  p: '_',
  s: 'i16',
  t: 'u16',
  u: '()',
  v: '...',
  x: 'i64',
  y: 'u64',
  z: '!',
};

class RustName {
  readonly #text: string;
  #at = 0;
  #out = '';
  #depth = 0;
  #steps = 0;
  /** Lifetimes that binders around have named. */
  #bound = 0;
  #silent = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): string {
    this.#path(true);
    return this.#out;
  }

  #add(piece: string): void {
    if (this.#silent > 0) return;
    this.#out += piece;
    if (this.#out.length > MOST_LENGTH) throw new Unreadable('too long');
  }

  #next(): string {
    const character = this.#text[this.#at++];
    if (character === undefined) throw new Unreadable('cut off');
    return character;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #deeper(read: () => void): void {
    if (++this.#depth > MOST_DEPTH || ++this.#steps > MOST_STEPS) throw new Unreadable('too deep');
    read();
    this.#depth--;
  }

  /** `_` is 0, `0_` is 1. */
  #base62(): number {
    if (this.#take('_')) return 0;
    let value = 0;
    for (;;) {
      const character = this.#next();
      if (character === '_') return value + 1;
      const digit = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'.indexOf(character);
      if (digit < 0) throw new Unreadable('no number');
      value = value * 62 + digit;
    }
  }

  #optional62(tag: string): number {
    return this.#take(tag) ? this.#base62() + 1 : 0;
  }

  /** Reads again what stands at an earlier place. */
  #backReference(read: () => void): void {
    const from = this.#at - 1;
    const target = this.#base62();
    if (target >= from) throw new Unreadable('refers ahead');
    if (this.#silent > 0) return;
    const here = this.#at;
    this.#at = target;
    this.#deeper(read);
    this.#at = here;
  }

  #identifier(): { name: string; number: number } {
    const number = this.#optional62('s');
    const name = this.#plainIdentifier();
    return { name, number };
  }

  #plainIdentifier(): string {
    const encoded = this.#take('u');
    let length = 0;
    if (!this.#take('0')) {
      const from = this.#at;
      while (/\d/.test(this.#text[this.#at] ?? '')) this.#at++;
      if (this.#at === from) throw new Unreadable('no length');
      length = Number(this.#text.slice(from, this.#at));
    }
    this.#take('_');
    const name = this.#text.slice(this.#at, this.#at + length);
    if (name.length < length) throw new Unreadable('cut off');
    this.#at += length;
    return encoded ? `punycode{${name.replace(/_(?=[^_]*$)/, '-')}}` : name;
  }

  /** @param inValue where generic arguments need `::` ahead */
  #path(inValue: boolean): void {
    this.#deeper(() => {
      const tag = this.#next();
      switch (tag) {
        case 'C':
          this.#add(this.#identifier().name);
          return;
        case 'N': {
          const space = this.#next();
          this.#path(inValue);
          const { name, number } = this.#identifier();
          if (/[A-Z]/.test(space)) {
            const kind = { C: 'closure', S: 'shim' }[space] ?? space;
            this.#add(`::{${kind}${name === '' ? '' : `:${name}`}#${number}}`);
          } else if (name !== '') this.#add(`::${name}`);
          return;
        }
        case 'M':
        case 'X':
        case 'Y':
          if (tag !== 'Y') {
            this.#optional62('s');
            this.#silent++;
            this.#path(false);
            this.#silent--;
          }
          this.#add('<');
          this.#type();
          if (tag !== 'M') {
            this.#add(' as ');
            this.#path(false);
          }
          this.#add('>');
          return;
        case 'I':
          this.#path(inValue);
          this.#add(inValue ? '::<' : '<');
          this.#list(() => this.#genericArgument());
          this.#add('>');
          return;
        case 'B':
          this.#backReference(() => this.#path(inValue));
          return;
        default:
          throw new Unreadable('unknown path');
      }
    });
  }

  #list(read: () => void): number {
    let count = 0;
    while (!this.#take('E')) {
      if (++this.#steps > MOST_STEPS) throw new Unreadable('too long');
      if (count > 0) this.#add(', ');
      read();
      count++;
    }
    return count;
  }

  #genericArgument(): void {
    if (this.#take('L')) this.#lifetime(this.#base62());
    else if (this.#take('K')) this.#constant();
    else this.#type();
  }

  #lifetime(index: number): void {
    if (index === 0) {
      this.#add("'_");
      return;
    }
    const depth = this.#bound - index;
    if (depth < 0 && this.#silent === 0) throw new Unreadable('an unbound lifetime');
    this.#add(depth < 26 ? `'${String.fromCharCode(97 + Math.max(0, depth))}` : `'_${depth}`);
  }

  #type(): void {
    this.#deeper(() => {
      const tag = this.#next();
      const basic = BASIC_TYPES[tag];
      if (basic !== undefined) {
        this.#add(basic);
        return;
      }
      switch (tag) {
        case 'R':
        case 'Q':
          this.#add('&');
          if (this.#take('L')) {
            const index = this.#base62();
            if (index > 0) {
              this.#lifetime(index);
              this.#add(' ');
            }
          }
          if (tag === 'Q') this.#add('mut ');
          this.#type();
          return;
        case 'P':
        case 'O':
          this.#add(tag === 'P' ? '*const ' : '*mut ');
          this.#type();
          return;
        case 'A':
        case 'S':
          this.#add('[');
          this.#type();
          if (tag === 'A') {
            this.#add('; ');
            this.#constant();
          }
          this.#add(']');
          return;
        case 'T': {
          this.#add('(');
          const count = this.#list(() => this.#type());
          this.#add(count === 1 ? ',)' : ')');
          return;
        }
        case 'F':
          this.#binder(() => this.#signature());
          return;
        case 'D':
          this.#dynamic();
          return;
        case 'B':
          this.#backReference(() => this.#type());
          return;
        default:
          this.#at--;
          this.#path(false);
      }
    });
  }

  #binder(read: () => void): void {
    const count = this.#optional62('G');
    const outer = this.#bound;
    if (count > 0) {
      if (count > 64) throw new Unreadable('too many lifetimes');
      this.#add('for<');
      for (let i = 0; i < count; i++) {
        if (i > 0) this.#add(', ');
        this.#bound++;
        this.#lifetime(1);
      }
      this.#add('> ');
    }
    read();
    this.#bound = outer;
  }

  #signature(): void {
    if (this.#take('U')) this.#add('unsafe ');
    if (this.#take('K')) {
      const abi = this.#take('C') ? 'C' : this.#plainIdentifier().replaceAll('_', '-');
      this.#add(`extern "${abi}" `);
    }
    this.#add('fn(');
    this.#list(() => this.#type());
    this.#add(')');
    if (this.#take('u')) return;
    this.#add(' -> ');
    this.#type();
  }

  #dynamic(): void {
    this.#add('dyn ');
    this.#binder(() => {
      for (let first = true; !this.#take('E'); first = false) {
        if (!first) this.#add(' + ');
        this.#dynamicTrait();
      }
    });
    if (!this.#take('L')) throw new Unreadable('no lifetime');
    const index = this.#base62();
    if (index > 0) {
      this.#add(' + ');
      this.#lifetime(index);
    }
  }

  #dynamicTrait(): void {
    let open = this.#openPath();
    while (this.#take('p')) {
      this.#add(open ? ', ' : '<');
      open = true;
      this.#add(`${this.#plainIdentifier()} = `);
      this.#type();
    }
    if (open) this.#add('>');
  }

  /** A path whose generic arguments are left open, for those that a trait names. */
  #openPath(): boolean {
    let open = false;
    this.#deeper(() => {
      if (this.#take('B')) this.#backReference(() => (open = this.#openPath()));
      else if (this.#take('I')) {
        this.#path(false);
        this.#add('<');
        this.#list(() => this.#genericArgument());
        open = true;
      } else this.#path(false);
    });
    return open;
  }

  #constant(): void {
    this.#deeper(() => {
      const type = this.#next();
      if (type === 'B') {
        this.#backReference(() => this.#constant());
        return;
      }
      if (type === 'p') {
        this.#add('_');
        return;
      }
      if (!'abchijlmnostxy'.includes(type)) throw new Unreadable('unknown constant');
      const sign = this.#take('n') ? '-' : '';
      const end = this.#text.indexOf('_', this.#at);
      const hex = this.#text.slice(this.#at, end);
      if (end < 0 || !/^[\da-f]{0,32}$/.test(hex)) throw new Unreadable('no constant');
      this.#at = end + 1;
      const value = BigInt(`0x${hex === '' ? '0' : hex}`);
      if (type === 'b') this.#add(value === 0n ? 'false' : 'true');
      else if (type === 'c') this.#add(quoted(value));
      else this.#add(sign + value.toString());
    });
  }
}

function quoted(value: bigint): string {
  const code = Number(value);
  if (code > 0x10ffff) throw new Unreadable('no character');
  const character = String.fromCodePoint(code);
  return `'${/[\p{C}'\\]/u.test(character) ? `\\u{${code.toString(16)}}` : character}'`;
}
