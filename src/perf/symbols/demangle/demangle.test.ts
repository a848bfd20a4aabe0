import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runChild } from '#system/child-process';
import { demangle } from './demangle.ts';

test.each([
  ['main', 'main'],
  ['x264_8_encoder_encode', 'x264_8_encoder_encode'],
  ['_Z3foov', 'foo'],
  ['_Z3foov.constprop.0', 'foo'],
  ['_ZN3foo3barEv.cold', 'foo::bar'],
  ['_Z3foov@plt', 'foo@plt'],
  ['_ZNSt6vectorIiSaIiEED1Ev', 'std::vector<int, std::allocator<int> >::~vector'],
  ['_ZNSsC1Ev', 'std::basic_string<char, std::char_traits<char>, std::allocator<char> >::basic_string'],
  ['_ZNSs6appendEPKc', 'std::string::append'],
  ['_ZNSt8ios_base7failureB5cxx11D2Ev', 'std::ios_base::failure[abi:cxx11]::~failure'],
  ['_ZNK3fooMUlT_E_clIiEEDaS0_', 'foo::{lambda(auto:1)#1}::operator()<int>'],
  ['_ZZN3Foo3barEiENKUliE0_clEi', 'Foo::bar(int)::{lambda(int)#2}::operator()'],
  ['_ZN3fooIZ4mainEUlvE_E3barEv', 'foo<main::{lambda()#1}>::bar'],
  ['_ZN1AcvT_IiEEv', 'A::operator int<int>'],
  ['_ZN3fooIFvPKcEE3barEv', 'foo<void (char const*)>::bar'],
  ['_ZN3fooIA10_iE3barEv', 'foo<int [10]>::bar'],
  ['_ZN3fooIRA5_KcE3barEv', 'foo<char const (&) [5]>::bar'],
  ['_ZN3fooIM1AFivEE3barEv', 'foo<int (A::*)()>::bar'],
  ['_Z3fooIJidEEvDpT_', 'foo<int, double>'],
  ['_ZN3foo3barILi3ELb1EEEvv', 'foo::bar<3, true>'],
  ['_ZN12_GLOBAL__N_13fooEv', '(anonymous namespace)::foo'],
  ['_ZTV3foo', 'vtable for foo'],
  ['_ZGVZ4mainE1a', 'guard variable for main::a'],
  ['_ZThn16_N3foo3barEv', 'non-virtual thunk to foo::bar()'],
  ['_ZN4core3fmt5write17h0123456789abcdefE', 'core::fmt::write'],
  [
    '_ZN66_$LT$alloc..vec..Vec$LT$T$GT$$u20$as$u20$core..ops..drop..Drop$GT$4drop17h0123456789abcdefE.llvm.123',
    '<alloc::vec::Vec<T> as core::ops::drop::Drop>::drop',
  ],
  ['_RNvCsrEPza1cO6R_3log6logger', 'log::logger'],
  ['_RNvMs1_NtCs2hCOSJlNTWo_12tracing_core4spanNtB5_6Record6record', '<tracing_core::span::Record>::record'],
  ['_RNCNvCs1_4main4main0B3_', 'main::main::{closure#0}'],
  ['_RINvNtC3std3mem8align_ofdE', 'std::mem::align_of::<f64>'],
  ['_RMC0INtC8arrayvec8ArrayVechKj7b_E', '<arrayvec::ArrayVec<u8, 123>>'],
  // None of these can be read: they stay as they are.
  ['_Z', '_Z'],
  ['_ZN', '_ZN'],
  ['_ZN3fo', '_ZN3fo'],
  ['_ZNS5_3fooE', '_ZNS5_3fooE'],
  ['_R', '_R'],
  ['_RNvB0_3foo', '_RNvB0_3foo'],
])('%s is %s', (mangled, plain) => {
  expect(demangle(mangled)).toBe(plain);
});

/** c++filt writes `> >` or `>>` by how it got there; and `&(f(int))` of functions that are arguments of templates, where a name will do. */
function compared(name: string): string {
  return name.replaceAll(/> (?=>)/g, '>');
}

const libraries = '/usr/lib/x86_64-linux-gnu';
const present = process.platform === 'linux' && readdirSync('/usr/lib').includes('x86_64-linux-gnu');
const canCompare = present && (await runChild('c++filt', ['--version'])).code === 0;

test.skipIf(!canCompare)('names of real libraries are those of c++filt (needs binutils)', async () => {
  const files = readdirSync(libraries).filter((name) =>
    /^lib(stdc\+\+|x265|icuuc|snappy|jxl|leveldb|openmpt)\.so\.\d+$/.test(name),
  );
  const paths = files.map((name) => `${libraries}/${name}`);
  const { stdout } = await runChild('nm', ['-D', '--defined-only', ...paths], { tailBytes: 2 ** 24 });
  const names = [...new Set([...stdout.matchAll(/ [TWVu] (_Z[^@\n]*)/g)].map(([, name]) => name!))].slice(0, 3000);
  const result = await runChild('c++filt', ['-i', '-p'], { input: names.join('\n'), tailBytes: 2 ** 24 });
  const expected = result.stdout.split('\n');
  const different = names.filter((name, i) => compared(demangle(name)) !== compared(expected[i]!));
  expect(names.length).toBeGreaterThan(1000);
  expect(different.length / names.length, different.slice(0, 5).join('\n')).toBeLessThan(0.005);
});

test('names that were damaged, and names that double at each step, end soon', () => {
  const real = [
    '_ZNSt5dequeINSt10filesystem7__cxx114pathESaIS2_EE16_M_push_back_auxIIRKS2_EEEvDpOT_',
    '_ZN12v8_inspector9V8Console4callIXadL_ZNS0_12copyCallbackERKN2v820FunctionCallbackInfoINS2_5ValueEEEiEEEEvS7_',
    '_ZZN2v88internal6maglev18ThrowIfNotCallable12GenerateCodeEPNS1_15MaglevAssemblerERKNS1_15ProcessingStateEENUlS4_PS2_E_4_FUNES4_S8_',
    '_RINvMs6_NtCsgvbsrvnw3yD_9hashbrown3rawINtB6_8RawTableTNtNtCsjyvvofjlheH_10rustc_span6def_id10LocalDefIdjEE14reserve_rehashE',
  ];
  const damage = fc.tuple(
    fc.constantFrom(...real),
    fc.array(fc.tuple(fc.nat(200), fc.nat(8), fc.stringMatching(/^[SITNZKPRXLJEBDF_0-9]{0,4}$/)), { maxLength: 4 }),
  );
  fc.assert(
    fc.property(damage, ([name, changes]) => {
      let text = name;
      for (const [at, length, put] of changes) text = text.slice(0, 2 + at) + put + text.slice(2 + at + length);
      expect(demangle(text).length).toBeLessThanOrEqual(20_000);
    }),
    { numRuns: 2000 },
  );
  const doubling = Array.from(
    { length: 30 },
    (_, i) => `S_IS${(i + 2).toString(36).toUpperCase()}_S${(i + 2).toString(36).toUpperCase()}_E`,
  );
  const bomb = `_Z1fI1pI1a1aE${doubling.join('')}Evv`;
  expect(demangle(bomb)).toBe(bomb);
  const deep = `_Z1fI${'P'.repeat(10_000)}iEvv`;
  expect(demangle(deep)).toBe(deep);
});
