// What an Itanium name is read into, and how it is written: types have a part before and a part behind what they are wrapped around.

export type Node =
  | { readonly kind: 'text'; readonly parts: readonly (string | Node)[] }
  | { readonly kind: 'nested'; readonly scope: Node; readonly name: Node }
  | { readonly kind: 'template'; readonly name: Node; readonly args: readonly Node[] }
  | { readonly kind: 'pack'; readonly list: readonly Node[] }
  | { readonly kind: 'standard'; readonly short: string; readonly long: string; readonly base: string }
  | { readonly kind: 'structor'; readonly of: Node; readonly destructor: boolean }
  | { readonly kind: 'conversion'; readonly type: Node }
  | { readonly kind: 'lambda'; readonly params: readonly Node[]; readonly number: number }
  | { readonly kind: 'encoding'; readonly name: Node; readonly type: FunctionNode | null }
  | { readonly kind: 'qualified'; readonly suffix: string; readonly inner: Node }
  | { readonly kind: 'member'; readonly of: Node; readonly inner: Node }
  | { readonly kind: 'array'; readonly size: Node; readonly element: Node }
  | ParamNode
  | FunctionNode
  | { readonly kind: 'expansion'; readonly pattern: Node };

export interface FunctionNode {
  readonly kind: 'function';
  readonly result: Node | null;
  readonly params: readonly Node[];
  readonly qualifiers: string;
}

/** A template parameter: its argument may only be read after it was named. */
export interface ParamNode {
  readonly kind: 'param';
  readonly index: number;
  argument: Node | null;
}

/** What can't be read, or is too long or too deep to be shown: the mangled name stays. */
export class Unreadable extends Error {}

const MOST_LENGTH = 16_384;
const MOST_DEPTH = 256;
const MOST_STEPS = 100_000;

export function text(...parts: (string | Node)[]): Node {
  return { kind: 'text', parts };
}

/** Writes a node as GNU c++filt does. @throws Unreadable */
export function write(node: Node): string {
  return new Writer().whole(node);
}

class Writer {
  #out = '';
  #depth = 0;
  #steps = 0;
  /** Which element of packs is being written; -1 outside of an expansion. */
  #element = -1;

  whole(node: Node): string {
    this.#node(node);
    return this.#out;
  }

  #add(piece: string): void {
    this.#out += piece;
    if (this.#out.length > MOST_LENGTH) throw new Unreadable('too long');
  }

  #node(node: Node): void {
    this.#before(node);
    this.#behind(node);
  }

  /** A parameter's argument, of packs the element at hand: what it stands for. */
  #resolve(node: Node): Node {
    let at = node;
    for (let i = 0; i < MOST_DEPTH; i++) {
      if (at.kind === 'param' && at.argument !== null) at = at.argument;
      else if (at.kind === 'pack' && this.#element >= 0 && this.#element < at.list.length) at = at.list[this.#element]!;
      else return at;
    }
    throw new Unreadable('goes in circles');
  }

  #list(nodes: readonly Node[]): void {
    let first = true;
    for (const node of nodes) {
      const from = this.#out;
      if (!first) this.#add(', ');
      const begin = this.#out.length;
      this.#node(node);
      // An empty pack leaves nothing, no comma either.
      if (this.#out.length === begin) this.#out = from;
      else first = false;
    }
  }

  #before(given: Node): void {
    if (++this.#depth > MOST_DEPTH || ++this.#steps > MOST_STEPS) throw new Unreadable('too deep');
    const node = this.#resolve(given);
    switch (node.kind) {
      case 'text':
        for (const part of node.parts) {
          if (typeof part === 'string') this.#add(part);
          else this.#node(part);
        }
        break;
      case 'nested':
        if (node.scope.kind === 'standard' && node.name.kind === 'structor') this.#add(node.scope.long);
        else this.#node(node.scope);
        this.#add('::');
        this.#node(node.name);
        break;
      case 'template':
        this.#node(node.name);
        if (this.#out.endsWith('<')) this.#add(' ');
        this.#add('<');
        this.#list(node.args);
        this.#add(this.#out.endsWith('>') ? ' >' : '>');
        break;
      case 'pack':
        this.#list(node.list);
        break;
      case 'standard':
        this.#add(node.short);
        break;
      case 'structor':
        this.#add((node.destructor ? '~' : '') + this.#baseName(node.of));
        break;
      case 'conversion':
        this.#add('operator ');
        this.#node(node.type);
        break;
      case 'lambda':
        this.#add('{lambda(');
        this.#list(node.params);
        this.#add(`)#${node.number}}`);
        break;
      case 'encoding':
        this.#encoding(node.name, node.type);
        break;
      case 'qualified':
        this.#qualified(node.suffix, node.inner);
        break;
      case 'member':
        this.#before(node.inner);
        this.#add(this.#resolve(node.inner).kind === 'function' ? '(' : ' ');
        this.#node(node.of);
        this.#add('::*');
        break;
      case 'array':
        this.#before(node.element);
        break;
      case 'param':
        this.#add(`auto:${node.index + 1}`);
        break;
      case 'function':
        if (node.result !== null) {
          this.#before(node.result);
          if (!this.#out.endsWith('(*')) this.#add(' ');
        }
        break;
      case 'expansion':
        this.#expansion(node.pattern);
        break;
    }
    this.#depth--;
  }

  #behind(given: Node): void {
    if (++this.#depth > MOST_DEPTH) throw new Unreadable('too deep');
    const node = this.#resolve(given);
    switch (node.kind) {
      case 'qualified':
      case 'member': {
        const inner = this.#resolve(node.inner).kind;
        if (inner === 'function' || (inner === 'array' && node.kind === 'qualified')) this.#add(')');
        this.#behind(node.inner);
        break;
      }
      case 'array':
        this.#add(this.#out.endsWith(']') ? '[' : ' [');
        this.#node(node.size);
        this.#add(']');
        this.#behind(node.element);
        break;
      case 'function':
        this.#params(node);
        if (node.result !== null) this.#behind(node.result);
        break;
      default:
        break;
    }
    this.#depth--;
  }

  #params(type: FunctionNode): void {
    this.#add('(');
    this.#list(type.params);
    this.#add(`)${type.qualifiers}`);
  }

  #encoding(name: Node, type: FunctionNode | null): void {
    const result = type?.result ?? null;
    if (result !== null) {
      this.#before(result);
      this.#add(' ');
    }
    this.#node(name);
    if (type !== null) this.#params(type);
    if (result !== null) this.#behind(result);
  }

  /** Pointers, references, const: `T& &&` is `T&`. */
  #qualified(suffix: string, given: Node): void {
    let inner = this.#resolve(given);
    let shown = suffix;
    while (suffix.startsWith('&') && inner.kind === 'qualified' && inner.suffix.startsWith('&')) {
      if (inner.suffix === '&') shown = '&';
      inner = this.#resolve(inner.inner);
    }
    // const of what is const already, which a template's argument may be.
    if (inner.kind === 'qualified' && inner.suffix === suffix && suffix.startsWith(' ')) shown = '';
    this.#before(inner);
    if (inner.kind === 'function') this.#add('(');
    else if (inner.kind === 'array') this.#add(' (');
    this.#add(shown);
  }

  #expansion(pattern: Node): void {
    const count = packLength(pattern, 0);
    if (count === null) {
      this.#add('(');
      this.#node(pattern);
      this.#add(')...');
      return;
    }
    const outer = this.#element;
    for (let i = 0; i < count; i++) {
      if (i > 0) this.#add(', ');
      this.#element = i;
      this.#node(pattern);
    }
    this.#element = outer;
  }

  /** What a constructor is called: the last part of its class's name, without template arguments. */
  #baseName(node: Node): string {
    const at = this.#resolve(node);
    if (at.kind === 'nested') return this.#baseName(at.name);
    if (at.kind === 'template') return this.#baseName(at.name);
    if (at.kind === 'standard') return at.base;
    if (at.kind === 'text' && at.parts[1] === '[abi:' && typeof at.parts[0] === 'object')
      return this.#baseName(at.parts[0]);
    const outer = this.#out;
    this.#out = '';
    this.#node(at);
    const name = this.#out;
    this.#out = outer;
    return name;
  }
}

/** Elements of the first pack in a pattern; null where it has none. */
function packLength(node: Node, depth: number): number | null {
  if (depth > MOST_DEPTH) throw new Unreadable('too deep');
  switch (node.kind) {
    case 'pack':
      return node.list.length;
    case 'param':
      return node.argument === null ? null : packLength(node.argument, depth + 1);
    case 'expansion':
    case 'lambda':
    case 'standard':
      return null;
    default: {
      for (const child of children(node)) {
        const count = packLength(child, depth + 1);
        if (count !== null) return count;
      }
      return null;
    }
  }
}

function children(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'text':
      return node.parts.filter((part) => typeof part !== 'string');
    case 'nested':
      return [node.scope, node.name];
    case 'template':
      return [node.name, ...node.args];
    case 'structor':
      return [node.of];
    case 'conversion':
      return [node.type];
    case 'encoding':
      return node.type === null ? [node.name] : [node.name, node.type];
    case 'qualified':
      return [node.inner];
    case 'member':
      return [node.of, node.inner];
    case 'array':
      return [node.size, node.element];
    case 'function':
      return node.result === null ? node.params : [node.result, ...node.params];
    default:
      return [];
  }
}
