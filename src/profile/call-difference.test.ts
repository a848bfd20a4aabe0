import { describe, expect, test } from 'vitest';
import { WHOLE_PROFILE } from '#core/profile';
import { differentialTree, isChangeSure, isComparable } from './call-difference.ts';
import type { CallTree } from './call-tree.ts';
import { callTree } from './flame-graph.ts';
import { finishGiven } from './formats/given-profile.ts';
import { ProfileBuilder } from './profile-builder.ts';

/** A sample for each of `a;b count`. */
function treeOf(text: string): CallTree {
  const builder = new ProfileBuilder();
  const thread = builder.addThread(1, 1, 'enc', 'enc');
  let time = 0;
  for (const line of text.split('\n')) {
    const [stack, count] = line.split(' ') as [string, string];
    let node = -1;
    for (const name of stack.split(';'))
      node = builder.stacks.add(node, builder.function(name, 'enc', 'user', 'given'));
    for (let i = 0; i < Number(count); i++) builder.addSample(time++, 0, thread, node);
  }
  const profile = finishGiven(builder, { tool: 'made', file: null, clock: 'own', weightUnit: 'samples' });
  return callTree(profile, { selection: WHOLE_PROFILE })!;
}

describe('a difference and chance', () => {
  const compared = (one: string, other: string) => differentialTree(treeOf(one), treeOf(other));
  /** Names of the functions whose change is told. */
  const sure = (tree: CallTree, normalised = true) =>
    Array.from(tree.label, (label, node) =>
      isChangeSure(tree, node, normalised) ? tree.labels.name[label]! : '',
    ).filter((name) => name !== '');

  test('one sample is no difference from a thousand, whatever it is of', () => {
    const tree = compared('a;rare 1', 'a;b 1400\na;rare 20');
    expect(isComparable(tree)).toBe(false);
    expect([sure(tree), sure(tree, false)]).toEqual([[], []]);
  });

  test('what is as it was, but for chance, is not told', () => {
    const tree = compared('a;b 52\na;c 48', 'a;b 470\na;c 530');
    expect(isComparable(tree)).toBe(true);
    expect(sure(tree)).toEqual([]);
    expect(sure(compared('a;b 520\na;c 480', 'a;b 500\na;c 490'), false)).toEqual([]);
  });

  test('what is more than chance is told', () => {
    expect(sure(compared('a;b 80\na;c 20', 'a;b 500\na;c 500')).toSorted()).toEqual(['b', 'c']);
    expect(sure(compared('a;b 800\na;c 500', 'a;b 500\na;c 500'), false).toSorted()).toEqual(
      expect.arrayContaining(['a', 'b']),
    );
    expect(sure(compared('a;b 800\na;c 500', 'a;b 500\na;c 500'), false)).not.toContain('c');
  });
});
