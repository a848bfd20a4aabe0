import { expect, test } from 'vitest';
import { agentWords, atMost, planCharts, seriesLabel, seriesOf, type PlannedChart } from './chart-plan.ts';

const memberLabel = (name: string, chart: PlannedChart) => seriesLabel({ name, agent: 'local' }, chart, new Map());

test('cores, the encode’s CPU and its memory are always shown, all else on demand', () => {
  const { always, more } = planCharts(
    [
      { name: 'cpu.busy', unit: 'core' },
      { name: 'cpu.busy[0]', unit: 'core' },
      { name: 'cpu.busy[1]', unit: 'core' },
      { name: 'cpu.frequency[0]', unit: 'Hz' },
      { name: 'cpu.frequency[1]', unit: 'Hz' },
      { name: 'memory.used', unit: 'byte' },
      { name: 'pressure.cpu.some', unit: '1' },
      { name: 'encoder.cpu', unit: 'core' },
      { name: 'encoder.memory', unit: 'byte' },
    ],
    'encode',
  );
  expect(always.map(({ title, members }) => [title, members])).toEqual([
    ['CPU by core', ['cpu.busy[0]', 'cpu.busy[1]']],
    ['CPU of the encode', ['encoder.cpu', 'cpu.busy']],
    ['Memory of the encode', ['encoder.memory']],
  ]);
  expect(more.map(({ key }) => key)).toEqual(['cpu.frequency[]', 'memory.used', 'pressure.cpu.some']);
  expect(memberLabel('cpu.busy[1]', always[0]!)).toBe('core 1');
  expect(memberLabel('encoder.cpu', always[1]!)).toBe('encoder');
  expect(memberLabel('cpu.busy', always[1]!)).toBe('whole host');
});

const plan = (names: readonly (readonly [name: string, unit: string])[]) =>
  planCharts(
    names.map(([name, unit]) => ({ name, unit })),
    'encode',
  );

test('a number in a name is a core, a GPU or a package, as the name says', () => {
  const { more } = plan([
    ['cpu.frequency[1]', 'Hz'],
    ['gpu.busy[0]', '1'],
    ['power.package[0]', 'W'],
    ['power.core[1]', 'W'],
    ['queue.length[2]', '1'],
    ['queue.length[mux]', '1'],
  ]);
  const labels = more.map((chart) => chart.members.map((name) => memberLabel(name, chart)));
  expect(labels).toEqual([['core 1'], ['GPU 0'], ['package 1'], ['package 0'], ['2', 'mux']]);
});

test('the elements of a pipeline share one chart, under their own names', () => {
  const { always, more } = plan([
    ['element.x264enc0.latency', 's'],
    ['element.filesrc0..filesink0.latency', 's'],
    ['element.my.mux[0].latency', 's'],
    ['gpu.encoder.latency', 's'],
  ]);
  expect(always.map(({ title }) => title)).toEqual(['Time in each element']);
  expect(always[0]!.members.map((name) => memberLabel(name, always[0]!))).toEqual([
    'x264enc0',
    'filesrc0..filesink0',
    'my.mux[0]',
  ]);
  expect(more.map(({ key }) => key)).toEqual(['gpu.encoder.latency']);
});

test('engines that worked for the encode share one chart, its memory on GPUs stands with its memory, the GPU’s own does not', () => {
  const { always, more } = plan([
    ['encoder.memory', 'byte'],
    ['encoder.gpu.video', '1'],
    ['encoder.gpu.video.enhance', '1'],
    ['encoder.gpu.memory', 'byte'],
    ['gpu.memory', 'byte'],
    ['gpu.video', '1'],
  ]);
  const labels = always.map((chart) => [chart.title, ...chart.members.map((name) => memberLabel(name, chart))]);
  expect(labels).toEqual([
    ['GPU of the encode', 'video', 'video enhance'],
    ['Memory of the encode', 'encoder', 'on GPUs'],
  ]);
  expect(more.map(({ key }) => key)).toEqual(['gpu.memory', 'gpu.video']);
});

test('of what several agents measured under one name each has its own line, with its role', () => {
  const names = [
    ['cpu.busy[0]', 'core'],
    ['cpu.busy', 'core'],
    ['program.cpu', 'core'],
    ['program.memory', 'byte'],
    ['element.sink.latency', 's'],
    ['pressure.cpu.some', '1'],
  ] as const;
  const agents = [
    { name: 'left', role: 'server' },
    { name: 'right', role: 'client' },
  ];
  const all = agents.flatMap(({ name: agent }) => names.map(([name, unit]) => ({ name, unit, agent })));
  const { always, more } = planCharts(all, 'stream');
  const shown = [...always, ...more].map((chart) => [
    chart.title,
    ...seriesOf(chart, all).map((one) => seriesLabel(one, chart, agentWords(agents))),
  ]);
  expect(shown).toEqual([
    ['CPU by core', 'core 0 · server', 'core 0 · client'],
    [
      'CPU of the session’s processes',
      'program · server',
      'whole host · server',
      'program · client',
      'whole host · client',
    ],
    ['Time in each element', 'sink · server', 'sink · client'],
    ['Memory of the session’s processes', 'program.memory · server', 'program.memory · client'],
    ['pressure.cpu.some', 'pressure.cpu.some · server', 'pressure.cpu.some · client'],
  ]);
  expect(seriesOf(always[1]!, all).map(({ agent }) => agent)).toEqual(['left', 'left', 'right', 'right']);
  // Two clients: the role does not tell them apart.
  expect([...agentWords([...agents, { name: 'third', role: 'client' }]).values()]).toEqual([
    'server',
    'right',
    'third',
  ]);
});

test('a core is never busier than one: a tick more is not drawn, all else is as it was recorded', () => {
  expect(atMost([0, 0.4, null, 1, 1.1], 1)).toEqual([0, 0.4, null, 1, 1]);
});
