// From the name that a compiler gave to a function to the one that its author wrote, without parameters, as perf shows it.

import { demangleItanium } from './itanium-parser.ts';
import { demangleRustLegacy } from './rust-legacy.ts';
import { demangleRust } from './rust.ts';

/** Longer names are left as they are. */
const MOST_MANGLED_LENGTH = 16_384;

/** C++ (Itanium ABI) and Rust (legacy and v0); any other name, and one that can't be read, comes back as it is. */
export function demangle(name: string): string {
  const plt = name.endsWith('@plt') ? '@plt' : '';
  const mangled = plt === '' ? name : name.slice(0, -plt.length);
  const plain = demangled(mangled);
  return plain === null ? name : plain + plt;
}

function demangled(name: string): string | null {
  if (name.length > MOST_MANGLED_LENGTH) return null;
  if (name.startsWith('_R')) return demangleRust(name);
  if (name.startsWith('_Z')) return demangleRustLegacy(name) ?? demangleItanium(name);
  return null;
}
