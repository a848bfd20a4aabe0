// Types of Itanium names.

import { BUILTIN_TYPES } from './itanium-codes.ts';
import { readExpression } from './itanium-expression.ts';
import { text, Unreadable, type Node } from './itanium-node.ts';
import type { ItaniumParser } from './itanium-parser.ts';

/** const, volatile and restrict, as they are written behind a type. */
export function readCvQualifiers(parser: ItaniumParser): string {
  const restrict = parser.take('r') ? ' restrict' : '';
  const volatile = parser.take('V') ? ' volatile' : '';
  const constant = parser.take('K') ? ' const' : '';
  return constant + volatile + restrict;
}

/** Types up to the end of a function's; none for `v`. */
export function readParams(parser: ItaniumParser): Node[] {
  const params: Node[] = [];
  while (parser.peek() !== '' && !'E.'.includes(parser.peek())) {
    if ((parser.peek() === 'R' || parser.peek() === 'O') && parser.peek(1) === 'E') break;
    params.push(parser.type());
  }
  const only = params.length === 1 ? params[0]! : null;
  return only?.kind === 'text' && only.parts[0] === 'void' && only.parts.length === 1 ? [] : params;
}

/** One type; it can be referred to from then on. @throws Unreadable */
export function readType(parser: ItaniumParser): Node {
  const first = parser.peek();
  const builtin = BUILTIN_TYPES[first] ?? (first === 'D' ? BUILTIN_TYPES[parser.two] : undefined);
  if (builtin !== undefined) {
    parser.skip(BUILTIN_TYPES[first] === undefined ? 2 : 1);
    return text(builtin);
  }
  const node = compoundType(parser, first);
  if (node.known) return node.node;
  parser.remember(node.node);
  return node.node;
}

/** `known`: it is a substitution already, or can't be one. */
function compoundType(parser: ItaniumParser, first: string): { node: Node; known: boolean } {
  const made = (node: Node): { node: Node; known: boolean } => ({ node, known: false });
  switch (first) {
    case 'r':
    case 'V':
    case 'K':
      return made(qualifiedType(parser));
    case 'P':
      return made(wrapped(parser, '*'));
    case 'R':
      return made(wrapped(parser, '&'));
    case 'O':
      return made(wrapped(parser, '&&'));
    case 'C':
      return made(wrapped(parser, ' _Complex'));
    case 'G':
      return made(wrapped(parser, ' _Imaginary'));
    case 'F':
      return made(functionType(parser, ''));
    case 'A':
      return made(arrayType(parser));
    case 'M': {
      parser.skip(1);
      const of = parser.type();
      return made({ kind: 'member', of, inner: parser.type() });
    }
    case 'T': {
      if (/[sue]/.test(parser.peek(1))) {
        parser.skip(2);
        return made(parser.name());
      }
      const param = parser.templateParam();
      if (parser.peek() !== 'I' || parser.inConversion) return made(param);
      parser.remember(param);
      return made({ kind: 'template', name: param, args: parser.templateArguments() });
    }
    case 'S': {
      if (parser.peek(1) === 't') return made(parser.name());
      const node = parser.substitution();
      if (parser.peek() !== 'I') return { node, known: true };
      return made({ kind: 'template', name: node, args: parser.templateArguments() });
    }
    case 'D':
      return made(dType(parser));
    case 'U': {
      parser.skip(1);
      if (parser.peek() === 'l' || parser.peek() === 't') {
        parser.skip(-1);
        return made(parser.name());
      }
      const qualifier = parser.sourceName();
      const args = parser.peek() === 'I' ? parser.templateArguments() : [];
      const inner = parser.type();
      return made(text(inner, ` ${qualifier}`, ...args.map((arg) => text('<', arg, '>'))));
    }
    case 'u': {
      parser.skip(1);
      const name = text(parser.sourceName());
      if (parser.peek() !== 'I') return made(name);
      return made({ kind: 'template', name, args: parser.templateArguments() });
    }
    default:
      return made(parser.name());
  }
}

function wrapped(parser: ItaniumParser, suffix: string): Node {
  parser.skip(1);
  return { kind: 'qualified', suffix, inner: parser.type() };
}

function qualifiedType(parser: ItaniumParser): Node {
  const cv = readCvQualifiers(parser);
  if (parser.peek() === 'F' || (parser.peek() === 'D' && 'oOwx'.includes(parser.peek(1))))
    return functionType(parser, cv);
  const inner = parser.type();
  if (inner.kind !== 'array') return { kind: 'qualified', suffix: cv, inner };
  return { ...inner, element: { kind: 'qualified', suffix: cv, inner: inner.element } };
}

function functionType(parser: ItaniumParser, cv: string): Node {
  let exception = '';
  if (parser.take('Do')) exception = ' noexcept';
  else if (parser.take('DO')) {
    readExpression(parser);
    parser.expect('E');
    exception = ' noexcept(...)';
  }
  parser.take('Dx');
  parser.expect('F');
  parser.take('Y');
  const result = parser.type();
  const params = readParams(parser);
  const reference = parser.take('R') ? ' &' : parser.take('O') ? ' &&' : '';
  parser.expect('E');
  return { kind: 'function', result, params, qualifiers: cv + reference + exception };
}

function arrayType(parser: ItaniumParser): Node {
  parser.expect('A');
  let size: Node = text('');
  if (/\d/.test(parser.peek())) size = text(parser.digits());
  else if (parser.peek() !== '_') size = readExpression(parser);
  parser.expect('_');
  return { kind: 'array', size, element: parser.type() };
}

function dType(parser: ItaniumParser): Node {
  switch (parser.two) {
    case 'Dt':
    case 'DT': {
      parser.skip(2);
      const expression = readExpression(parser);
      parser.expect('E');
      return text('decltype (', expression, ')');
    }
    case 'Dp':
      parser.skip(2);
      return { kind: 'expansion', pattern: parser.type() };
    case 'Dv': {
      parser.skip(2);
      const size = parser.take('_') ? readExpression(parser) : text(parser.digits());
      parser.expect('_');
      return text(parser.type(), ' __vector(', size, ')');
    }
    case 'DF': {
      parser.skip(2);
      const bits = parser.digits();
      const extended = parser.take('x') ? 'x' : '';
      if (extended === '') parser.expect('_');
      return text(`_Float${bits}${extended}`);
    }
    case 'Do':
    case 'DO':
    case 'Dx':
      return functionType(parser, '');
    default:
      throw new Unreadable('unknown type');
  }
}
