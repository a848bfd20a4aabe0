// Rust's names in their older form, which looks like C++.

const ESCAPES: Readonly<Record<string, string>> = {
  SP: '@',
  BP: '*',
  RF: '&',
  LT: '<',
  GT: '>',
  LP: '(',
  RP: ')',
  C: ',',
};

/** `_ZN4core3fmt5write17h0123456789abcdefE` becomes `core::fmt::write`; null of a name that is not Rust's. */
export function demangleRustLegacy(mangled: string): string | null {
  const inner = /^_ZN(.*)17h[\da-f]{16}E(?:\..*)?$/.exec(mangled)?.[1];
  if (inner === undefined) return null;
  const parts: string[] = [];
  for (let at = 0; at < inner.length;) {
    const digits = /^\d+/.exec(inner.slice(at, at + 8))?.[0];
    if (digits === undefined) return null;
    const end = at + digits.length + Number(digits);
    if (end > inner.length) return null;
    parts.push(inner.slice(at + digits.length, end));
    at = end;
  }
  return parts.length === 0 ? null : parts.map(unescaped).join('::');
}

function unescaped(part: string): string {
  const text = part.startsWith('_$') ? part.slice(1) : part;
  return text
    .replaceAll('..', '::')
    .replaceAll(/\$(?:u([\da-f]{1,6})|([A-Z]{1,2}))\$/g, (all, hex?: string, letters?: string) => {
      if (hex === undefined) return ESCAPES[letters!] ?? all;
      const code = Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    });
}
