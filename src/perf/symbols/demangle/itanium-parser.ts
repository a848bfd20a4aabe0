// Reads names of the Itanium C++ ABI (https://itanium-cxx-abi.github.io/cxx-abi/abi.html#mangling): names here,
// types and expressions beside it.

import { OPERATORS, STANDARD_NAMES } from './itanium-codes.ts';
import { ItaniumCursor } from './itanium-cursor.ts';
import { readExpression, readLiteral } from './itanium-expression.ts';
import { text, Unreadable, write, type FunctionNode, type Node, type ParamNode } from './itanium-node.ts';
import { isSpecial, readSpecial } from './itanium-special.ts';
import { readCvQualifiers, readParams, readType } from './itanium-type.ts';

/** A function's name without its parameters, as `c++filt -p` shows it; null of a name that can't be read. */
export function demangleItanium(mangled: string): string | null {
  try {
    return write(new ItaniumParser(mangled).readTop());
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

export class ItaniumParser extends ItaniumCursor {
  readonly #substitutions: Node[] = [];
  /** Arguments of the template whose parameters are meant by T_ now. */
  #arguments: Node[] = [];
  /** Named before their arguments were read: of conversion operators. */
  #waiting: ParamNode[] = [];
  #inLambda = 0;
  /** Template arguments behind a type are the operator's own. */
  inConversion = false;
  /** Of the name that was read last: whether its function's type begins with a result, and its qualifiers. */
  #hasResult = false;
  #qualifiers = '';

  readTop(): Node {
    this.expect('_Z');
    return isSpecial(this) ? readSpecial(this) : this.#encodingName();
  }

  encoding(withResult: boolean): Node {
    return this.guarded(() => {
      if (isSpecial(this)) return readSpecial(this);
      const outer = this.#inLambda;
      this.#inLambda = 0;
      const name = this.#encodingName();
      const { qualifiers, hasResult } = { qualifiers: this.#qualifiers, hasResult: this.#hasResult };
      const end = this.peek();
      let type: FunctionNode | null = null;
      if (end !== '' && end !== 'E' && end !== '.') {
        const result = hasResult ? this.type() : null;
        type = { kind: 'function', result: withResult ? result : null, params: readParams(this), qualifiers };
      }
      this.#inLambda = outer;
      return { kind: 'encoding', name, type };
    });
  }

  type(): Node {
    return this.guarded(() => readType(this));
  }

  /** Can be referred to by S_ from now on. */
  remember(node: Node): void {
    this.#substitutions.push(node);
  }

  templateArguments(): Node[] {
    this.expect('I');
    const list: Node[] = [];
    while (!this.take('E')) list.push(this.templateArgument());
    return list;
  }

  templateArgument(): Node {
    return this.guarded(() => {
      if (this.take('X')) {
        const expression = readExpression(this);
        this.expect('E');
        return expression;
      }
      if (this.peek() === 'L') return readLiteral(this);
      // Older compilers write packs like argument lists.
      if (this.take('J') || this.take('I')) {
        const list: Node[] = [];
        while (!this.take('E')) list.push(this.templateArgument());
        return { kind: 'pack', list };
      }
      return this.type();
    });
  }

  templateParam(): Node {
    this.expect('T');
    if (this.take('L')) {
      this.digits();
      this.expect('_');
    }
    const index = this.sequenceNumber();
    if (this.#inLambda > 0) return { kind: 'param', index, argument: null };
    const argument = this.#arguments[index] ?? null;
    const param: ParamNode = { kind: 'param', index, argument };
    if (argument === null) this.#waiting.push(param);
    return param;
  }

  name(): Node {
    return this.guarded(() => this.#name(false));
  }

  unqualifiedName(scope: Node | null): Node {
    let node = this.#baseUnqualified(scope);
    while (this.take('B')) node = text(node, '[abi:', this.sourceName(), ']');
    return node;
  }

  // Names.

  #encodingName(): Node {
    this.#qualifiers = '';
    this.#hasResult = false;
    return this.guarded(() => this.#name(true));
  }

  /** @param tagging its template arguments are what T_ means from now on */
  #name(tagging: boolean): Node {
    if (this.peek() === 'N') return this.#nested(tagging);
    if (this.peek() === 'Z') return this.#local(tagging);
    let node: Node;
    if (this.peek() === 'S' && this.peek(1) !== 't') {
      node = this.substitution();
      if (this.peek() !== 'I') return node;
    } else {
      const standard = this.take('St');
      this.take('L');
      const name = this.unqualifiedName(null);
      if (tagging) this.#hasResult = false;
      node = standard ? { kind: 'nested', scope: text('std'), name } : name;
      if (this.peek() !== 'I') return node;
      this.#substitutions.push(node);
    }
    const conversion = node.kind === 'conversion';
    node = this.#templated(node, tagging);
    if (tagging) this.#hasResult = !conversion;
    return node;
  }

  #templated(name: Node, tagging: boolean): Node {
    if (!tagging) return { kind: 'template', name, args: this.templateArguments() };
    this.expect('I');
    const waiting = this.#waiting;
    this.#waiting = [];
    const list: Node[] = [];
    this.#arguments = list;
    while (!this.take('E')) list.push(this.templateArgument());
    this.#arguments = list;
    for (const param of waiting) param.argument = list[param.index] ?? null;
    return { kind: 'template', name, args: list };
  }

  #nested(tagging: boolean): Node {
    this.expect('N');
    const cv = readCvQualifiers(this);
    const reference = this.take('R') ? ' &' : this.take('O') ? ' &&' : '';
    let node: Node | null = null;
    let hasResult = false;
    while (!this.take('E')) {
      const next = this.peek();
      let isNew = true;
      if (next === 'I') {
        if (node === null) throw new Unreadable('arguments of nothing');
        const last = node.kind === 'nested' ? node.name : node;
        hasResult = last.kind !== 'structor' && last.kind !== 'conversion';
        node = this.#templated(node, tagging);
      } else if (next === 'S' && this.peek(1) === 't') {
        this.skip(2);
        node = text('std');
        isNew = false;
      } else if (next === 'S') {
        if (node !== null) throw new Unreadable('a substitution inside');
        node = this.substitution();
        isNew = false;
      } else if (next === 'T') {
        node = this.templateParam();
      } else if (next === 'D' && (this.peek(1) === 't' || this.peek(1) === 'T')) {
        node = this.type();
        isNew = false;
      } else if (next === 'M') {
        this.skip(1);
        isNew = false;
      } else {
        this.take('L');
        const name: Node = this.unqualifiedName(node);
        node = node === null ? name : { kind: 'nested', scope: node, name };
        hasResult = false;
      }
      if (isNew && node !== null && this.peek() !== 'E') this.#substitutions.push(node);
    }
    if (node === null) throw new Unreadable('an empty name');
    if (tagging) {
      this.#hasResult = hasResult;
      this.#qualifiers = cv + reference;
    }
    return node;
  }

  #local(tagging: boolean): Node {
    this.expect('Z');
    const scope = this.encoding(false);
    this.expect('E');
    if (this.take('s')) {
      this.#discriminator();
      return { kind: 'nested', scope, name: text('string literal') };
    }
    let name: Node;
    if (this.take('d')) {
      const number = this.peek() === '_' ? 0 : Number(this.digits()) + 1;
      this.expect('_');
      name = { kind: 'nested', scope: text(`{default arg#${number + 1}}`), name: this.#name(tagging) };
    } else {
      this.#qualifiers = '';
      this.#hasResult = false;
      name = this.#name(tagging);
    }
    this.#discriminator();
    return { kind: 'nested', scope, name };
  }

  #discriminator(): void {
    if (this.take('__')) {
      this.digits();
      this.expect('_');
    } else if (this.peek() === '_' && /\d/.test(this.peek(1))) this.skip(2);
  }

  #baseUnqualified(scope: Node | null): Node {
    const first = this.peek();
    if (first >= '0' && first <= '9') {
      const name = this.sourceName();
      return text(name.startsWith('_GLOBAL__N') ? '(anonymous namespace)' : name);
    }
    if (first === 'C' && scope !== null) {
      const inherits = this.peek(1) === 'I';
      this.skip(inherits ? 3 : 2);
      if (inherits) this.type();
      return { kind: 'structor', of: scope, destructor: false };
    }
    if (first === 'D' && scope !== null && /[0-5]/.test(this.peek(1))) {
      this.skip(2);
      return { kind: 'structor', of: scope, destructor: true };
    }
    if (this.take('DC')) {
      const names: string[] = [];
      while (!this.take('E')) names.push(this.sourceName());
      return text(`[${names.join(', ')}]`);
    }
    if (this.take('Ut')) return text(`{unnamed type#${this.sequenceNumber() + 1}}`);
    if (this.take('Ul')) {
      this.#inLambda++;
      while (this.two === 'Ty' || this.two === 'Tn') {
        const typed = this.two === 'Tn';
        this.skip(2);
        if (typed) this.type();
      }
      const params = readParams(this);
      this.#inLambda--;
      this.expect('E');
      return { kind: 'lambda', params, number: this.sequenceNumber() + 1 };
    }
    return this.operatorName();
  }

  operatorName(): Node {
    if (this.take('cv')) {
      this.inConversion = true;
      const type = this.type();
      this.inConversion = false;
      return { kind: 'conversion', type };
    }
    if (this.take('li')) return text('operator"" ', this.sourceName());
    const operator = OPERATORS[this.two];
    if (operator === undefined) throw new Unreadable('unknown operator');
    this.skip(2);
    const name = operator[0].trimEnd();
    return text(/^[a-z]/.test(name) ? `operator ${name}` : `operator${name}`);
  }

  /** `S` and what it stands for. */
  substitution(): Node {
    this.expect('S');
    const standard = STANDARD_NAMES[this.peek()];
    if (standard !== undefined) {
      this.skip(1);
      let node: Node = { kind: 'standard', ...standard };
      if (this.peek() === 'B') {
        while (this.take('B')) node = text(node, '[abi:', this.sourceName(), ']');
        this.#substitutions.push(node);
      }
      return node;
    }
    const node = this.#substitutions[this.take('_') ? 0 : this.base36() + 1];
    if (node === undefined) throw new Unreadable('no such substitution');
    return node;
  }
}
