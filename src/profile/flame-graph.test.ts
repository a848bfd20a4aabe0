import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WHOLE_PROFILE, type Profile } from '#core/profile';
import { differentialTree, elidedTree, nodeChange } from './call-difference.ts';
import { callFunctions } from './call-functions.ts';
import { nodeFacts, sameNode, shareInterval, vectorShare } from './call-node.ts';
import { matchLabels, parseSearch, sumMatches } from './call-search.ts';
import { foldedText, indentedText, shareText } from './call-text.ts';
import { callTree, type CallTreeRequest } from './flame-graph.ts';
import type { CallTree } from './call-tree.ts';
import { ProfileBuilder } from './profile-builder.ts';

const TICK_NS = 1_000_000;

interface Line {
  readonly stack: readonly string[];
  readonly count: number;
  readonly thread: number;
}

/** A sample a millisecond for each of `a;b count`; `@2` before a line puts it into thread 2, `f!` in the kernel, `f*` on AVX-512. */
function profileOf(text: string): Profile {
  const lines = text
    .trim()
    .split('\n')
    .map((line): Line => {
      const [, thread, stack, count] = /^\s*(?:@(\d+) )?(.*) (\d+)\s*$/.exec(line)!;
      return { stack: stack === '' ? [] : stack!.split(';'), count: Number(count), thread: Number(thread ?? 1) };
    });
  return profileOfLines(lines);
}

function profileOfLines(lines: readonly Line[]): Profile {
  const builder = new ProfileBuilder();
  for (const thread of [0, 1, 2, 3])
    builder.addThread(7, thread, 'ffmpeg', ['idle', 'main', 'worker', 'muxer'][thread]!);
  let at = 0;
  for (const { stack, count, thread } of lines) {
    let node = -1;
    for (const text of stack) {
      const name = text.replace(/[!*]$/, '');
      const isKernel = text.endsWith('!');
      const library = isKernel ? '[kernel]' : name.startsWith('x264_') ? 'libx264' : 'ffmpeg';
      node = builder.stacks.add(node, builder.function(name, library, isKernel ? 'kernel' : 'user', 'symbols'));
    }
    for (let i = 0; i < count; i++)
      builder.addSample(at++ * TICK_NS, thread % 2, thread, node, stack.at(-1)?.endsWith('*') ? 4 : 1);
  }
  return builder.finish({
    tool: 'test',
    file: null,
    clock: 'own',
    startNs: 0,
    endNs: at * TICK_NS,
    frequencyHz: 1000,
    weightUnit: 'ns',
    sampleNs: TICK_NS,
    cpus: [0, 1],
    scope: 'system',
    stacks: 'given',
    lost: 0,
    throttled: null,
    overheadCpuS: null,
    absent: [],
    quality: [],
  });
}

const graph = (profile: Profile, request: Partial<CallTreeRequest> = {}): CallTree =>
  callTree(profile, { selection: WHOLE_PROFILE, ...request })!;

/** Name, samples and own samples of each node, two blanks deeper for each call. */
function picture(tree: CallTree): string {
  return Array.from(tree.label, (label, node) => {
    const own = tree.selfSamples[node]! > 0 ? ` (${tree.selfSamples[node]})` : '';
    return `${'  '.repeat(tree.depth[node]!)}${tree.labels.name[label]} ${tree.samples[node]}${own}`;
  }).join('\n');
}

const trimmed = (text: string) => {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const indent = Math.min(...lines.map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(indent)).join('\n');
};

const ENCODE = profileOf(`
  main;encode;x264_sad* 30
  main;encode;x264_dct 10
  main;encode 5
  main;read;copy! 15
`);

describe('the call tree of a selection', () => {
  test('adds samples up from the innermost functions to the outermost, siblings by name', () => {
    expect(picture(graph(ENCODE))).toBe(
      trimmed(`
        all 60
          main 60
            encode 45 (5)
              x264_dct 10 (10)
              x264_sad 30 (30)
            read 15
              copy 15 (15)`),
    );
  });

  test('weights are time: each sample stands for its part of it', () => {
    const tree = graph(ENCODE);
    expect(tree.unit).toBe('ns');
    expect(tree.total[0]).toBe(60 * TICK_NS);
    expect(nodeFacts(tree, 2)).toMatchObject({ name: 'encode', self: 5 * TICK_NS, total: 45 * TICK_NS, share: 0.75 });
  });

  test('counts only the samples of its times, threads and CPUs', () => {
    const profile = profileOf(`
      main;a 10
      @2 main;b 10
      main;c 10`);
    const times = {
      ...WHOLE_PROFILE,
      rangesNs: Float64Array.of(5 * TICK_NS, 12 * TICK_NS, 29 * TICK_NS, 99 * TICK_NS),
    };
    expect(picture(graph(profile, { selection: times }))).toBe(
      trimmed(`
        all 8
          main 8
            a 5 (5)
            b 2 (2)
            c 1 (1)`),
    );
    const threads = { ...times, threads: new Set([2]) };
    expect(foldedText(graph(profile, { selection: threads }))).toBe('main;b 2\n');
    const cpus = { ...times, cpus: new Set([1]) };
    expect(foldedText(graph(profile, { selection: cpus }))).toBe('main;a 5\nmain;c 1\n');
    const nothing = { ...times, threads: new Set<number>() };
    expect(picture(graph(profile, { selection: nothing }))).toBe('all 0');
  });

  test('keeps recursion, and says where there was no stack', () => {
    const profile = profileOf('f;f;g;f 3\n 2');
    expect(picture(graph(profile))).toBe(
      trimmed(`
        all 5
          [no stack] 2 (2)
          f 3
            f 3
              g 3
                f 3 (3)`),
    );
    const { label, self, total } = callFunctions(graph(profile));
    const f = [...label].findIndex((one) => profile.functions.name[one] === 'f');
    expect([self[f], total[f]]).toEqual([3 * TICK_NS, 3 * TICK_NS]);
  });

  test('idle CPUs are left out until they are asked for', () => {
    const profile = profileOf('@0 idle 7\nmain 3');
    expect(foldedText(graph(profile))).toBe('main 3\n');
    expect(foldedText(graph(profile, { withIdle: true }))).toBe('idle 7\nmain 3\n');
  });

  test('siblings are ordered by weight or by their first sample', () => {
    const profile = profileOf('m;b 1\nm;c 3\nm;a 2');
    const names = (order: CallTreeRequest['order'] & string) =>
      foldedText(graph(profile, { order })).replace(/m;/g, '');
    expect(names('name')).toBe('a 2\nb 1\nc 3\n');
    expect(names('weight')).toBe('c 3\na 2\nb 1\n');
    expect(names('time')).toBe('b 1\nc 3\na 2\n');
  });

  test('many siblings are ordered as few are', () => {
    const names = Array.from({ length: 40 }, (_, i) => ({
      stack: ['m', `f${i}`],
      count: ((i * 7) % 40) + 1,
      thread: 1,
    }));
    const tree = graph(profileOfLines(names), { order: 'weight' });
    const weights = [...tree.selfSamples].slice(2);
    expect(weights).toEqual(weights.toSorted((a, b) => b - a));
  });
});

describe('variants', () => {
  test('reversed, the innermost functions are at the root and their callers on them', () => {
    const profile = profileOf('a;b;x 3\nc;x 2\na;y 1');
    expect(picture(graph(profile, { direction: 'callers' }))).toBe(
      trimmed(`
        all 6
          x 5
            b 3
              a 3 (3)
            c 2 (2)
          y 1
            a 1 (1)`),
    );
  });

  test('a sandwich has the callers and callees of a function, each sample once', () => {
    const profile = profileOf('a;f;g;f;h 3\nb;f;h 2\nf 1\nother 9');
    const focus = profile.functions.name.indexOf('f');
    expect(picture(graph(profile, { focus }))).toBe(
      trimmed(`
        all 6
          f 6 (1)
            g 3
              f 3
                h 3 (3)
            h 2 (2)`),
    );
    expect(picture(graph(profile, { focus, direction: 'callers' }))).toBe(
      trimmed(`
        all 6
          f 6 (1)
            a 3 (3)
            b 2 (2)`),
    );
  });

  test('threads, processes, libraries and kinds can stand at the root, reversed too', () => {
    const profile = profileOf('main;enc;x264_a 2\n@2 main;read! 3\nmain;enc 1');
    expect(picture(graph(profile, { group: 'thread' }))).toBe(
      trimmed(`
        all 6
          main (1) 3
            main 3
              enc 3 (1)
                x264_a 2 (2)
          worker (2) 3
            main 3
              read 3 (3)`),
    );
    const folded = (request: Partial<CallTreeRequest>) => foldedText(graph(profile, request));
    expect(folded({ group: 'process' })).toMatch(/^ffmpeg \(7\);main;enc 1/);
    expect(folded({ group: 'library' })).toBe('[kernel];main;read 3\nffmpeg;main;enc 1\nlibx264;main;enc;x264_a 2\n');
    expect(folded({ group: 'kind', direction: 'callers' })).toBe(
      'kernel;read;main 3\nuser;enc;main 1\nuser;x264_a;enc;main 2\n',
    );
    expect(folded({ group: 'cpu' })).toBe('CPU 0;main;read 3\nCPU 1;main;enc 1\nCPU 1;main;enc;x264_a 2\n');
  });

  test('a tree that would become too large is cut, and says how many samples that is', () => {
    const profile = profileOf('a;b;c 3\na;b;d 2\nx;y 4');
    const tree = graph(profile, { direction: 'callers', maxNodes: 5 });
    expect([tree.samples[0], tree.selfSamples[0], tree.cut]).toEqual([9, 4, 4]);
    expect(graph(profile, { direction: 'callers' }).cut).toBe(0);
  });

  test('a difference has both selections at each node, and what is gone', () => {
    const before = profileOf('m;a 10\nm;gone 5\nm;b 5');
    const after = profileOf('m;a 10\nm;new 20\nm;b 10');
    const tree = differentialTree(graph(after), graph(before));
    const row = (name: string) => {
      const node = [...tree.label].findIndex((label) => tree.labels.name[label] === name);
      return [
        tree.samples[node],
        tree.baseline!.samples[node],
        nodeChange(tree, node, true),
        nodeChange(tree, node, false),
      ];
    };
    expect(row('a')).toEqual([10, 10, -0.25, 0]);
    expect(row('b')).toEqual([10, 5, 0, 0.125]);
    expect(row('gone')).toEqual([0, 5, -0.25, -0.125]);
    expect(row('new')).toEqual([20, 0, 0.5, 0.5]);
  });

  test('elided is what only one of two selections has', () => {
    const before = profileOf('m;a 10\nm;b 5');
    const after = profileOf('m;a 10\nm;new;b 4\nm;b 5\nm;b;c 1');
    expect(foldedText(elidedTree(graph(after), graph(before)))).toBe('m;b;c 1\nm;new;b 4\n');
    expect(foldedText(elidedTree(graph(before), graph(after)))).toBe('');
  });
});

describe('times off the CPU', () => {
  const builder = new ProfileBuilder();
  builder.addThread(1, 1, 'ffmpeg', 'main');
  builder.addThread(1, 2, 'ffmpeg', 'worker');
  const wait = builder.stacks.add(-1, builder.function('wait', '[kernel]', 'kernel', 'symbols'));
  const read = builder.stacks.add(-1, builder.function('read', '[kernel]', 'kernel', 'symbols'));
  const rest = { left: 2, readyNs: Number.NaN, waker: -1, cpu: 0 };
  builder.addSpan({ ...rest, thread: 0, startNs: 0, endNs: 100, stack: wait });
  builder.addSpan({ ...rest, thread: 1, startNs: 50, endNs: 60, stack: -1 });
  builder.addSpan({ ...rest, thread: 0, startNs: 250, endNs: 300, stack: read });
  builder.addSpan({ ...rest, thread: 1, startNs: 100, endNs: 110, stack: wait });
  builder.addSpan({ ...rest, thread: 0, startNs: 310, endNs: 320, stack: wait });
  const header = { ...ENCODE.header, startNs: 0, endNs: 400 };
  const profile = builder.finish(header);

  test('are from the end of a span to the next of its thread, at the stack where it left', () => {
    const tree = graph(profile, { weights: 'waiting' });
    expect(tree.unit).toBe('ns');
    const rows = Array.from(tree.label, (label, node) => [
      tree.labels.name[label],
      tree.total[node],
      tree.samples[node],
    ]);
    expect(rows).toEqual([
      ['all', 200, 3],
      ['[no stack]', 40, 1],
      ['read', 10, 1],
      ['wait', 150, 1],
    ]);
  });

  test('count only as far as they lie in the selection', () => {
    const selection = { ...WHOLE_PROFILE, rangesNs: Float64Array.of(90, 120, 200, 305), threads: new Set([0]) };
    const tree = graph(profile, { weights: 'waiting', selection });
    expect([...tree.total]).toEqual([75, 5, 70]);
  });

  test('are stays whose shares are exact: no interval, and no samples in the text', () => {
    const tree = graph(profile, { weights: 'waiting' });
    const { share, interval } = nodeFacts(tree, 1);
    expect(interval).toEqual({ low: share, high: share });
    expect(shareText(tree, 0)).toBe('100.0 %');
    expect(indentedText(tree)).toMatch(/of \d+ stays?\n/);
    const busy = graph(ENCODE);
    expect(shareText(busy, 0)).toMatch(/^100\.0 % \(/);
    expect(indentedText(busy)).toMatch(/of \d+ samples?\n/);
  });

  test('are not to be had without the scheduler', () => {
    expect(callTree(ENCODE, { selection: WHOLE_PROFILE, weights: 'waiting' })).toBeNull();
  });
});

describe('what a node is about', () => {
  test('its share has an interval that narrows with the number of samples', () => {
    const few = graph(profileOf('a 5\nb 5'));
    const many = graph(profileOf('a 500\nb 500'));
    const width = (tree: CallTree) => shareInterval(tree, 1).high - shareInterval(tree, 1).low;
    // Wilson's interval of 5 of 10 is 0.237 to 0.763.
    expect(shareInterval(few, 1)).toEqual({ low: expect.closeTo(0.2366, 3), high: expect.closeTo(0.7634, 3) });
    expect(width(many)).toBeLessThan(width(few) / 5);
  });

  test('its share of vector code is that of its samples', () => {
    const tree = graph(ENCODE);
    expect(vectorShare(tree, 2)).toBeCloseTo(30 / 45);
    expect(vectorShare(tree, 5)).toBe(0);
  });

  test('reversed, a root has all of its time itself and a caller none; of who called one function it is not told', () => {
    const profile = profileOf('main;a;x 3\nmain;x 2\nmain 1');
    const selfTimes = (request: Partial<CallTreeRequest>) => {
      const tree = graph(profile, request);
      return Array.from(tree.label, (_, node) => nodeFacts(tree, node))
        .filter(({ kind }) => kind !== 'grouping')
        .map(({ name, self }) => `${name} ${self === null ? null : self / TICK_NS}`);
    };
    expect(selfTimes({})).toEqual(['main 1', 'a 0', 'x 3', 'x 2']);
    const reversed = ['main 1', 'x 5', 'a 0', 'main 0', 'main 0'];
    expect(selfTimes({ direction: 'callers' })).toEqual(reversed);
    expect(selfTimes({ direction: 'callers', group: 'process' })).toEqual(reversed);
    const callers = { direction: 'callers', focus: profile.functions.name.indexOf('a') } as const;
    expect(selfTimes(callers)).toEqual(['a null', 'main null']);
    expect(indentedText(graph(profile, { direction: 'callers' }), 2)).toContain('83.3 %   83.3 %  x [');
    expect(indentedText(graph(profile, callers), 1)).toContain('100.0 %        –  a [ffmpeg]');
  });

  test('it is found again in another tree as far as that has it', () => {
    const tree = graph(ENCODE);
    const reordered = graph(ENCODE, { order: 'weight' });
    const dct = [...tree.label].findIndex((label) => tree.labels.name[label] === 'x264_dct');
    const found = sameNode(tree, dct, reordered);
    expect(reordered.labels.name[reordered.label[found]!]).toBe('x264_dct');
    const other = graph(profileOf('main;encode;other 1'));
    expect(other.labels.name[other.label[sameNode(tree, dct, other)]!]).toBe('encode');
  });

  test('it is copied as an indented tree without what is too small', () => {
    expect(indentedText(graph(ENCODE), 2, 0.2)).toBe(
      [
        '  total     self  of 60 samples',
        ' 75.0 %    8.3 %  encode [ffmpeg]',
        ' 50.0 %   50.0 %    x264_sad [libx264]',
        '',
      ].join('\n'),
    );
  });
});

describe('a search', () => {
  const share = (profile: Profile, text: string) => {
    const search = parseSearch(text);
    return sumMatches(graph(profile), matchLabels(graph(profile).labels, search.matches!)).share;
  };

  test('never counts twice what is nested', () => {
    expect(share(profileOf('f;g;f 3\ng 1'), '/^f$/')).toBe(0.75);
  });

  test('finds text in names and libraries in either case, and regular expressions', () => {
    expect(share(ENCODE, 'LIBX264')).toBe(40 / 60);
    expect(share(ENCODE, '/^(copy|x264_dct)$/')).toBe(25 / 60);
    expect(share(ENCODE, '/^COPY/')).toBe(0);
    expect(share(ENCODE, '/^COPY/i')).toBe(15 / 60);
    expect(parseSearch('/(/').problem).toMatch(/unterminated/i);
  });
});

describe('laws', () => {
  const anyLines = fc.array(
    fc.record({
      stack: fc.array(fc.constantFrom('a', 'b', 'c', 'x264_d', 'k!'), { maxLength: 6 }),
      count: fc.integer({ min: 1, max: 5 }),
      thread: fc.integer({ min: 1, max: 3 }),
    }),
    { maxLength: 25 },
  );
  const anyRequest = fc.record({
    direction: fc.constantFrom('callers' as const, 'callees' as const),
    order: fc.constantFrom('name' as const, 'weight' as const, 'time' as const),
    group: fc.constantFrom(null, 'thread' as const, 'library' as const, 'kind' as const),
  });

  test('the total of a node is its own and that of its children; all of it is the weight of the selection', () => {
    fc.assert(
      fc.property(anyLines, anyRequest, (lines, request) => {
        const tree = graph(profileOfLines(lines), request);
        expect(tree.samples[0]).toBe(lines.reduce((sum, { count }) => sum + count, 0));
        const totals = tree.self.slice();
        const ends = Uint32Array.from(totals.keys(), (node) => node + 1);
        for (let node = totals.length - 1; node > 0; node--) {
          const parent = tree.parent[node]!;
          expect(parent).toBeLessThan(node);
          expect(tree.depth[node]).toBe(tree.depth[parent]! + 1);
          totals[parent]! += totals[node]!;
          ends[parent] = Math.max(ends[parent]!, ends[node]!);
        }
        expect(totals).toEqual(tree.total);
        expect(ends).toEqual(tree.end);
      }),
      { numRuns: 60 },
    );
  });

  test('what functions have of their own is the same reversed: then it stands at the root', () => {
    fc.assert(
      fc.property(anyLines, (lines) => {
        const profile = profileOfLines(lines.filter(({ stack }) => stack.length > 0));
        const { label, self } = callFunctions(graph(profile));
        const reversed = graph(profile, { direction: 'callers' });
        const atRoot = new Map<number, number>();
        for (let node = 1; node < reversed.label.length; node = reversed.end[node]!)
          atRoot.set(reversed.label[node]!, reversed.total[node]!);
        for (const [i, one] of label.entries()) expect(atRoot.get(one) ?? 0).toBe(self[i]);
      }),
      { numRuns: 40 },
    );
  });

  test('the table of functions is the same whichever way the graph stands, also grouped and compared', () => {
    fc.assert(
      fc.property(anyLines, anyLines, anyRequest, (lines, others, { group }) => {
        const tables = (['callees', 'callers'] as const).map((direction) => {
          const [tree, baseline] = [lines, others].map((one) => graph(profileOfLines(one), { direction, group }));
          return [callFunctions(tree!), callFunctions(differentialTree(tree!, baseline!))].map(byLabel);
        });
        expect(tables[1]).toEqual(tables[0]);
      }),
      { numRuns: 40 },
    );
    function byLabel({ label, self, selfSamples, total, samples, baselineSelf }: ReturnType<typeof callFunctions>) {
      return [...label].map((one, i) => [one, self[i], selfSamples[i], total[i], samples[i], baselineSelf?.[i]]);
    }
  });

  test('siblings have different names, and grouping by thread is the graphs of the threads', () => {
    fc.assert(
      fc.property(anyLines, (lines) => {
        const profile = profileOfLines(lines);
        const grouped = graph(profile, { group: 'thread' });
        for (let node = 1; node < grouped.label.length; node = grouped.end[node]!) {
          const thread = grouped.label[node]! - grouped.labels.functions - 2;
          const alone = graph(profile, { selection: { ...WHOLE_PROFILE, threads: new Set([thread]) } });
          const name = grouped.labels.name[grouped.label[node]!]!;
          const folded = (text: string) =>
            text
              .split('\n')
              .filter((line) => line !== '')
              .toSorted();
          expect(folded(foldedText(grouped, node).replaceAll(`${name};`, ''))).toEqual(folded(foldedText(alone)));
        }
      }),
      { numRuns: 40 },
    );
  });

  test('a selection does not differ from itself, and nothing of it is elided', () => {
    fc.assert(
      fc.property(anyLines, anyRequest, (lines, request) => {
        const tree = graph(profileOfLines(lines), request);
        const twin = graph(profileOfLines(lines), request);
        for (const other of [tree, twin]) {
          const difference = differentialTree(tree, other, request.order);
          expect(difference.baseline!.total).toEqual(difference.total);
          expect(difference.samples.length).toBe(tree.samples.length);
          for (let node = 0; node < difference.samples.length; node++)
            expect(nodeChange(difference, node, true)).toBe(0);
          expect(elidedTree(tree, other).samples.length).toBe(1);
        }
      }),
      { numRuns: 40 },
    );
  });
});
