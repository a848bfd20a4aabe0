import { expect, test } from 'vitest';
import { FRAME_WAYS } from '#profile/frame-times';
import { unknownAddressWords } from './address-words.ts';

const told = (search: string) => unknownAddressWords(new URLSearchParams(search));

test('what the address says and nobody knows is told, each with its name', () => {
  expect(told('way=zzz')).toBe('“way=zzz” in the address means nothing, and is left out');
  expect(told('heat=zzz&seen=some')).toMatch(/“seen=some”, “heat=zzz”/);
  expect(told('heat=linear,cpus,thread')).toContain('“heat=cpus”');
  expect(told('flame=callers,by:nothing,node:x')).toContain('“flame=by:nothing,node:x”');
  expect(told(`drag=${'x'.repeat(500)}`)!.length).toBeLessThan(160);
});

test('of what is known, empty or of another part of the page nothing is told', () => {
  for (const way of FRAME_WAYS) expect(told(`way=${way}`)).toBeNull();
  for (const search of ['', 'way=', 'heat=&flame=', 'seen=all', 'drag=zoom', 'sel=zzz', 'heat=folded,20,cpu,row:CPU 1'])
    expect(told(search)).toBeNull();
  expect(
    told('flame=flame,callers,weight,by:thread,color:kind,absolute,idle,node:12,find:a%252Cb,focus:lib!f(a)'),
  ).toBeNull();
});
