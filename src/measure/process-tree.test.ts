import { startChild, type RunningChild } from '#system/child-process';
import { monotonicUs } from '#system/clock';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { ByteCursor } from './byte-cursor.ts';
import { ProcessTree } from './process-tree.ts';
import { CPU_TICKS, MINOR_FAULTS, OUTPUT_BYTES } from './process-usage.ts';

/**
 * Perl that defines `burn(seconds)` of CPU time, so that the answer is the same on a busy host; `byte()` waits for one
 * byte (not buffered: several processes share the pipe), `pause(seconds)`.
 */
const SUBS = `
  sub burn { my @b = times; while (1) { my @n = times; last if $n[0]+$n[1]-$b[0]-$b[1] >= $_[0] } }
  sub byte { sysread STDIN, my $one, 1 }
  sub pause { select undef, undef, undef, $_[0] }`;

const children: RunningChild[] = [];
const trees: ProcessTree[] = [];

afterEach(async () => {
  for (const tree of trees.splice(0)) tree.close();
  for (const child of children.splice(0)) {
    child.kill();
    await child.result;
  }
});

function perl(program: string): RunningChild {
  const child = startChild('perl', ['-e', `$| = 1; ${SUBS} ${program}`], {
    openInput: true,
    onStdout: (chunk) => outputs.set(child, output(child) + chunk.toString()),
  });
  children.push(child);
  return child;
}

const outputs = new WeakMap<RunningChild, string>();
const output = (child: RunningChild) => outputs.get(child) ?? '';

function treeOf(child: RunningChild): ProcessTree {
  const tree = new ProcessTree('/proc', new ByteCursor(Buffer.alloc(65536)));
  trees.push(tree);
  tree.follow(child.pid!);
  return tree;
}

/** Samples until the condition holds; every total must only grow on the way. */
async function sampleUntil(tree: ProcessTree, done: () => boolean): Promise<void> {
  while (!done()) {
    const before = [...tree.totals];
    tree.sample(monotonicUs(), NaN);
    tree.totals.forEach((value, i) => expect(value).toBeGreaterThanOrEqual(before[i]));
    await sleep(20);
  }
}

const cpuS = (tree: ProcessTree) => tree.totals[CPU_TICKS] / 100;
test('the CPU of children that ended and were waited for is counted once', async () => {
  const child = perl('for (1..3) { if (!fork) { burn(0.15); exit } } 1 while wait > 0; <STDIN>');
  const tree = treeOf(child);
  await sampleUntil(tree, () => tree.joined >= 3 && tree.processes === 1);
  expect(cpuS(tree)).toBeGreaterThanOrEqual(0.42);
  expect(cpuS(tree)).toBeLessThan(0.58);
});

test('a child that lives and dies between two samples is counted when it is waited for', async () => {
  const child = perl('<STDIN>; if (!fork) { burn(0.2); exit } wait; print "waited"; <STDIN>');
  const tree = treeOf(child);
  tree.sample(monotonicUs(), NaN);
  const before = cpuS(tree);
  child.stdin!.write('\n');
  // No sample while it works.
  await expect.poll(() => output(child), { timeout: 30_000 }).toBe('waited');
  tree.sample(monotonicUs(), NaN);
  expect(cpuS(tree) - before).toBeGreaterThanOrEqual(0.18);
  expect(tree.joined).toBe(1);
  expect(cpuS(tree) - before).toBeLessThan(0.35);
});

test('a child that nobody waits for keeps its share in the sum', async () => {
  const child = perl(
    '$SIG{CHLD} = "IGNORE"; if (!fork) { burn(0.2); byte(); exit } byte(); pause(0.3); burn(0.2); sleep 5',
  );
  const tree = treeOf(child);
  await sampleUntil(tree, () => tree.joined === 2 && cpuS(tree) >= 0.19);
  const before = [...tree.totals];
  child.stdin!.write('\n\n');
  await sampleUntil(tree, () => tree.processes === 1);
  // What the parent uses afterwards comes on top of the ended child's share.
  await sampleUntil(tree, () => cpuS(tree) >= before[CPU_TICKS] / 100 + 0.18);
  expect(cpuS(tree)).toBeLessThan(0.6);
  expect(tree.totals[MINOR_FAULTS]).toBeGreaterThanOrEqual(before[MINOR_FAULTS]);
});

test('a grandchild whose parent ended belongs to the tree, and its share too', async () => {
  const child = perl(
    'if (!fork) { if (!fork) { pause(0.1); burn(0.2); byte(); exit } exit } wait; byte(); byte(); burn(0.2); sleep 5',
  );
  const tree = treeOf(child);
  await sampleUntil(tree, () => tree.processes === 2 && cpuS(tree) >= 0.19);
  child.stdin!.write('\n\n');
  await sampleUntil(tree, () => tree.processes === 1);
  child.stdin!.write('\n');
  await sampleUntil(tree, () => cpuS(tree) >= 0.38);
});

test('a chain of processes that ends at once leaves its use to the one that lives', async () => {
  const child = perl(
    'if (!fork) { if (!fork) { burn(0.1); exit } if (!fork) { burn(0.1); exit } burn(0.1); 1 while wait > 0; exit } wait; print STDOUT "x" x 5000; <STDIN>',
  );
  const tree = treeOf(child);
  await sampleUntil(tree, () => tree.joined >= 3 && tree.processes === 1 && tree.totals[OUTPUT_BYTES] >= 5000);
  expect(cpuS(tree)).toBeGreaterThanOrEqual(0.28);
  expect(cpuS(tree)).toBeLessThan(0.5);
});

test('threads of all processes are counted, and a process that is gone ends the tree', async () => {
  const child = startChild(process.execPath, ['-e', 'setTimeout(() => {}, 400)']);
  children.push(child);
  const tree = treeOf(child);
  let threads = 0;
  await sampleUntil(tree, () => {
    threads = Math.max(threads, tree.threads);
    return tree.processes === 0;
  });
  expect(threads).toBeGreaterThan(3);
  expect(cpuS(tree)).toBeGreaterThan(0);
});

test('a number that is no process is followed without harm', () => {
  const tree = new ProcessTree('/proc', new ByteCursor(Buffer.alloc(65536)));
  tree.follow(2 ** 30);
  tree.sample(monotonicUs(), NaN);
  expect([tree.processes, tree.joined, tree.leftOut]).toEqual([0, 0, null]);
});
