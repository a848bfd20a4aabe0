// Two-letter and one-letter codes of the Itanium C++ ABI, section 5.1: builtin types, operators, the standard library's short names.

export const BUILTIN_TYPES: Readonly<Record<string, string>> = {
  v: 'void',
  w: 'wchar_t',
  b: 'bool',
  c: 'char',
  a: 'signed char',
  h: 'unsigned char',
  s: 'short',
  t: 'unsigned short',
  i: 'int',
  j: 'unsigned int',
  l: 'long',
  m: 'unsigned long',
  x: 'long long',
  y: 'unsigned long long',
  n: '__int128',
  o: 'unsigned __int128',
  f: 'float',
  d: 'double',
  e: 'long double',
  g: '__float128',
  z: '...',
  Da: 'auto',
  Dc: 'decltype(auto)',
  Dd: 'decimal64',
  De: 'decimal128',
  Df: 'decimal32',
  Dh: '_Float16',
  Di: 'char32_t',
  Dn: 'decltype(nullptr)',
  Ds: 'char16_t',
  Du: 'char8_t',
};

/** How a number of that type is written in code. */
export const LITERAL_SUFFIXES: Readonly<Record<string, string>> = { i: '', j: 'u', l: 'l', m: 'ul', x: 'll', y: 'ull' };

/** What it is called and how many operands it has in an expression. */
export const OPERATORS: Readonly<Record<string, readonly [name: string, operands: number]>> = {
  aN: ['&=', 2],
  aS: ['=', 2],
  aa: ['&&', 2],
  ad: ['&', 1],
  an: ['&', 2],
  at: ['alignof ', 1],
  aw: ['co_await ', 1],
  az: ['alignof ', 1],
  cl: ['()', 0],
  cm: [',', 2],
  co: ['~', 1],
  dV: ['/=', 2],
  da: ['delete[] ', 1],
  de: ['*', 1],
  dl: ['delete ', 1],
  ds: ['.*', 2],
  dt: ['.', 2],
  dv: ['/', 2],
  eO: ['^=', 2],
  eo: ['^', 2],
  eq: ['==', 2],
  ge: ['>=', 2],
  gt: ['>', 2],
  ix: ['[]', 2],
  lS: ['<<=', 2],
  le: ['<=', 2],
  ls: ['<<', 2],
  lt: ['<', 2],
  mI: ['-=', 2],
  mL: ['*=', 2],
  mi: ['-', 2],
  ml: ['*', 2],
  mm: ['--', 1],
  na: ['new[]', 0],
  ne: ['!=', 2],
  ng: ['-', 1],
  nt: ['!', 1],
  nw: ['new', 0],
  nx: ['noexcept', 1],
  oR: ['|=', 2],
  oo: ['||', 2],
  or: ['|', 2],
  pL: ['+=', 2],
  pl: ['+', 2],
  pm: ['->*', 2],
  pp: ['++', 1],
  ps: ['+', 1],
  pt: ['->', 2],
  qu: ['?', 3],
  rM: ['%=', 2],
  rS: ['>>=', 2],
  rm: ['%', 2],
  rs: ['>>', 2],
  ss: ['<=>', 2],
  st: ['sizeof ', 1],
  sz: ['sizeof ', 1],
};

interface StandardName {
  readonly short: string;
  /** As it is written ahead of a constructor. */
  readonly long: string;
  /** Of its constructor. */
  readonly base: string;
}

const TRAITS = 'std::char_traits<char>';

export const STANDARD_NAMES: Readonly<Record<string, StandardName>> = {
  a: { short: 'std::allocator', long: 'std::allocator', base: 'allocator' },
  b: { short: 'std::basic_string', long: 'std::basic_string', base: 'basic_string' },
  s: {
    short: 'std::string',
    long: `std::basic_string<char, ${TRAITS}, std::allocator<char> >`,
    base: 'basic_string',
  },
  i: { short: 'std::istream', long: `std::basic_istream<char, ${TRAITS} >`, base: 'basic_istream' },
  o: { short: 'std::ostream', long: `std::basic_ostream<char, ${TRAITS} >`, base: 'basic_ostream' },
  d: { short: 'std::iostream', long: `std::basic_iostream<char, ${TRAITS} >`, base: 'basic_iostream' },
};

/** What a T or G after `_Z` says of the name behind it. */
export const SPECIAL_NAMES: Readonly<Record<string, string>> = {
  TV: 'vtable for ',
  TT: 'VTT for ',
  TI: 'typeinfo for ',
  TS: 'typeinfo name for ',
  TF: 'typeinfo fn for ',
  TH: 'TLS init function for ',
  TW: 'TLS wrapper function for ',
  TA: 'template parameter object for ',
  GV: 'guard variable for ',
};
