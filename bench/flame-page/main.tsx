// The page of bench/flame-graph.ts: one flame graph with as many nodes as the address says.

import { render } from 'preact';
import { seededRandom } from '#analysis/random';
import { finishTree } from '#profile/call-finish';
import { emptySums } from '#profile/call-tree';
import { FlameGraph } from '../../src/web/profile/flame-graph.tsx';
import '../../src/web/style/base.css';
import '../../src/web/style/flame-graph.css';

const FUNCTIONS = 6_000;
/** As FlameMotion has it: each drawing is measured. */
performance.mark('encodelab:measure-drawing');

const count = Number(new URLSearchParams(location.search).get('nodes'));
const draw = seededRandom(2);
const sums = emptySums(count, true, false);
const parent = new Int32Array(count);
const label = new Uint32Array(count);
parent[0] = -1;
label[0] = FUNCTIONS;
for (let node = 1; node < count; node++) {
  // Half of them go on where the last one ended: ways are long, and every row has many nodes.
  parent[node] = node > 1 && draw() % 2 === 0 ? node - 1 : draw() % node;
  label[node] = draw() % FUNCTIONS;
  const samples = draw() % 64 === 0 ? draw() % 2_000 : 1 + (draw() % 3);
  sums.samples[node] = samples;
  sums.weight[node] = samples;
  sums.instructions![node * 5 + 1 + (draw() % 4)] = samples;
}
const name = [...Array.from({ length: FUNCTIONS }, (_, i) => `function_${i}`), 'all'];
const labels = {
  name,
  library: name.map((_, i) => `lib${i % 23}.so`),
  kind: Uint8Array.from(name, (_, i) => i % 4),
  rank: Uint32Array.from(name.keys()),
  functions: FUNCTIONS,
};
const tree = finishTree({ parent, label, sums, baseline: null, cut: 0 }, labels, 'name', 'samples');

function show(node: number): void {
  render(
    <FlameGraph
      tree={tree}
      label="Flame graph"
      form="icicle"
      color="library"
      isNormalised
      found={null}
      node={node}
      onNode={show}
      onKey={() => false}
    />,
    document.getElementById('app')!,
  );
}
show(0);
