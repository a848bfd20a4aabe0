// Names of what a compiler adds to a program: tables, thunks, guards.

import { SPECIAL_NAMES } from './itanium-codes.ts';
import { text, Unreadable, type Node } from './itanium-node.ts';
import type { ItaniumParser } from './itanium-parser.ts';

/** Whether what comes is one of them, and no function's own name. */
export function isSpecial(parser: ItaniumParser): boolean {
  const first = parser.peek();
  return first === 'T' || (first === 'G' && 'VRTAI'.includes(parser.peek(1)));
}

/** @throws Unreadable of those that are not known */
export function readSpecial(parser: ItaniumParser): Node {
  const code = parser.two;
  parser.skip(2);
  const plain = SPECIAL_NAMES[code];
  if (plain !== undefined) {
    if (code === 'TA') return text(plain, parser.templateArgument());
    return text(plain, ['TV', 'TT', 'TI', 'TS', 'TF'].includes(code) ? parser.type() : parser.name());
  }
  switch (code) {
    case 'Th':
    case 'Tv':
      skipOffset(parser, code[1]!);
      return text(code === 'Th' ? 'non-virtual thunk to ' : 'virtual thunk to ', parser.encoding(true));
    case 'Tc':
      for (let i = 0; i < 2; i++) {
        const kind = parser.peek();
        parser.skip(1);
        skipOffset(parser, kind);
      }
      return text('covariant return thunk to ', parser.encoding(true));
    case 'TC': {
      const derived = parser.type();
      parser.digits();
      parser.expect('_');
      return text('construction vtable for ', parser.type(), '-in-', derived);
    }
    case 'GT':
      if (!parser.take('t')) parser.expect('n');
      return text('transaction clone for ', parser.encoding(true));
    case 'GR': {
      const of = parser.name();
      const number = parser.peek() === '' ? 0 : parser.base36();
      return text(`reference temporary #${number} for `, of);
    }
    default:
      throw new Unreadable('unknown special name');
  }
}

/** `h number _`, `v number _ number _`, numbers with n for minus. */
function skipOffset(parser: ItaniumParser, kind: string): void {
  for (let numbers = kind === 'h' ? 1 : kind === 'v' ? 2 : 0; numbers > 0; numbers--) {
    parser.take('n');
    parser.digits();
    parser.expect('_');
  }
}
