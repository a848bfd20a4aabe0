// Expressions in template arguments and decltype, as GNU c++filt writes them.

import { LITERAL_SUFFIXES, OPERATORS } from './itanium-codes.ts';
import { text, Unreadable, type Node } from './itanium-node.ts';
import type { ItaniumParser } from './itanium-parser.ts';

/** @throws Unreadable of kinds that are hardly ever seen */
export function readExpression(parser: ItaniumParser): Node {
  return parser.guarded(() => expression(parser));
}

/** `L type value E`, or `L_Z encoding E`. */
export function readLiteral(parser: ItaniumParser): Node {
  parser.expect('L');
  if (parser.take('_Z') || parser.take('Z')) {
    const node = parser.encoding(false);
    parser.expect('E');
    return node.kind === 'encoding' ? node.name : node;
  }
  const code = parser.peek();
  const type = parser.type();
  if (parser.take('E')) return type;
  const negative = parser.take('n') ? '-' : '';
  const value = parser.until('E');
  if (code === 'b' && negative === '' && (value === '0' || value === '1'))
    return text(value === '1' ? 'true' : 'false');
  const suffix = LITERAL_SUFFIXES[code];
  if (suffix !== undefined) return text(negative + value + suffix);
  if ('fdeg'.includes(code)) return text('(', type, `)[${value}]`);
  return text('(', type, `)${negative}${value}`);
}

function expression(parser: ItaniumParser): Node {
  const first = parser.peek();
  if (first === 'L') return readLiteral(parser);
  if (parser.take('adL_Z')) {
    parser.skip(-3);
    return text('&', readLiteral(parser));
  }
  if (first === 'T') return parser.templateParam();
  const code = parser.two;
  switch (code) {
    case 'sr':
      return scoped(parser);
    case 'cl': {
      parser.skip(2);
      const callee = readExpression(parser);
      return text(operand(callee), '(', ...listed(untilEnd(parser)), ')');
    }
    case 'cv': {
      parser.skip(2);
      const type = parser.type();
      const values = parser.take('_') ? untilEnd(parser) : [readExpression(parser)];
      return text('(', type, ')(', ...listed(values), ')');
    }
    case 'tl':
    case 'il': {
      parser.skip(2);
      const type = code === 'tl' ? parser.type() : text('');
      return text(type, '{', ...listed(untilEnd(parser)), '}');
    }
    case 'sp':
      parser.skip(2);
      return { kind: 'expansion', pattern: readExpression(parser) };
    case 'sZ': {
      parser.skip(2);
      const pack = parser.peek() === 'T' ? parser.templateParam() : readExpression(parser);
      return text('sizeof...(', pack, ')');
    }
    case 'st':
    case 'at':
    case 'ti': {
      parser.skip(2);
      return text({ st: 'sizeof (', at: 'alignof (', ti: 'typeid (' }[code], parser.type(), ')');
    }
    case 'fp': {
      parser.skip(2);
      if (parser.take('T')) return text('this');
      while ('rVK'.includes(parser.peek()) && parser.peek() !== '') parser.skip(1);
      return text(`{parm#${parser.sequenceNumber() + 1}}`);
    }
    case 'on':
      parser.skip(2);
      return withArguments(parser, parser.operatorName());
    case 'gs':
      parser.skip(2);
      return text('::', readExpression(parser));
    case 'dt':
    case 'pt': {
      parser.skip(2);
      const object = readExpression(parser);
      return text(operand(object), code === 'dt' ? '.' : '->', memberName(parser));
    }
    default:
      return /\d/.test(first) ? withArguments(parser, parser.unqualifiedName(null)) : operation(parser);
  }
}

/** `sr type name`, also with a path between `srN` and E. */
function scoped(parser: ItaniumParser): Node {
  parser.skip(2);
  let node: Node;
  if (parser.take('N')) {
    node = parser.type();
    while (!parser.take('E'))
      node = { kind: 'nested', scope: node, name: withArguments(parser, parser.unqualifiedName(null)) };
  } else node = parser.type();
  parser.take('on');
  return { kind: 'nested', scope: node, name: withArguments(parser, parser.unqualifiedName(null)) };
}

function memberName(parser: ItaniumParser): Node {
  return parser.two === 'sr' || parser.two === 'on' || parser.peek() === 'L' || parser.peek() === 'T'
    ? readExpression(parser)
    : withArguments(parser, parser.unqualifiedName(null));
}

function withArguments(parser: ItaniumParser, name: Node): Node {
  return parser.peek() === 'I' ? { kind: 'template', name, args: parser.templateArguments() } : name;
}

function operation(parser: ItaniumParser): Node {
  const code = parser.two;
  const [name, operands] = OPERATORS[code] ?? ['', 0];
  if (operands === 0) throw new Unreadable('unknown expression');
  parser.skip(2);
  if (operands === 1) {
    if ((code === 'pp' || code === 'mm') && !parser.take('_')) return text('(', readExpression(parser), `)${name}`);
    return text(name, operand(readExpression(parser), true));
  }
  const left = operand(readExpression(parser));
  if (code === 'ix') return text(left, '[', readExpression(parser), ']');
  const right = operand(readExpression(parser));
  if (operands === 3) return text(left, '?', right, ' : ', operand(readExpression(parser)));
  // A greater-than inside of template arguments is put in brackets, so that it doesn't end them.
  return code === 'gt' ? text('(', left, name, right, ')') : text(left, name, right);
}

/** In brackets, unless it is a name that needs none. */
function operand(node: Node, always = false): Node {
  if (!always && isPlainName(node)) return node;
  return text('(', node, ')');
}

function isPlainName(node: Node): boolean {
  return (
    node.kind === 'nested' ||
    (node.kind === 'text' &&
      node.parts.length === 1 &&
      typeof node.parts[0] === 'string' &&
      /^\{?[a-z_]/i.test(node.parts[0]))
  );
}

function untilEnd(parser: ItaniumParser): Node[] {
  const values: Node[] = [];
  while (!parser.take('E')) values.push(readExpression(parser));
  return values;
}

function listed(nodes: readonly Node[]): (string | Node)[] {
  return nodes.flatMap((node, i) => (i === 0 ? [node] : [', ', node]));
}
