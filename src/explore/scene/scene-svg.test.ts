import { expect, test } from 'vitest';
import { paletteOf, paletteStyle, variablePalette } from './palette.ts';
import type { Mark, Scene } from './scene.ts';
import { sceneSvg } from './scene-svg.ts';
import { escaped } from './svg-escape.ts';

const NASTY = `</text><script>alert("1")</script> & 'x' \u0000\u001F\uFFFE`;

function sceneOf(marks: readonly Mark[]): Scene {
  const axis = { kind: 'names', label: '', names: [''] } as const;
  return {
    width: 200,
    height: 100,
    panels: [{ x: 20, y: 10, width: 160, height: 70, xAxis: axis, yAxis: axis, xMetric: null, yMetric: null }],
    looks: [
      { ink: 'series-0', shape: 'circle', dash: [] },
      { ink: 'series-1', shape: 'ring', dash: [4, 2] },
    ],
    marks,
    legendTitle: NASTY,
    legend: [{ title: NASTY, look: { ink: 'series-0', shape: 'cross', dash: [] }, property: null, value: null }],
    description: NASTY,
  };
}

const ALL_KINDS: readonly Mark[] = [
  {
    kind: 'points',
    panel: 0,
    behind: null,
    x: Float32Array.of(30, NaN, 50),
    y: Float32Array.of(30, 40, 50),
    looks: Uint16Array.of(0, 0, 1),
    radius: 3,
  },
  {
    kind: 'lines',
    panel: 0,
    behind: null,
    x: Float32Array.of(30, 40, 50),
    y: Float32Array.of(30, 40, 50),
    first: Uint32Array.of(0, 2, 3),
    looks: Uint16Array.of(0, 1),
    width: 2,
  },
  {
    kind: 'bands',
    panel: 0,
    behind: null,
    x: Float32Array.of(30, 40),
    low: Float32Array.of(60, 60),
    high: Float32Array.of(30, 40),
    first: Uint32Array.of(0, 2),
    looks: Uint16Array.of(1),
    opacity: 0.2,
  },
  ...[false, true].map((hatched): Mark => ({
    kind: 'rects',
    panel: 0,
    behind: null,
    x: Float32Array.of(30),
    y: Float32Array.of(30),
    width: Float32Array.of(20),
    height: Float32Array.of(20),
    looks: Uint16Array.of(0),
    outlined: false,
    hatched,
  })),
  {
    kind: 'segments',
    panel: -1,
    behind: null,
    x1: Float32Array.of(1, NaN),
    y1: Float32Array.of(1, 1),
    x2: Float32Array.of(9, 9),
    y2: Float32Array.of(9, 9),
    looks: Uint16Array.of(0, 0),
    width: 1,
  },
  {
    kind: 'texts',
    panel: -1,
    texts: [{ x: 5, y: 5, text: NASTY, anchor: 'middle', size: 11, ink: 'muted', rotate: -90, bold: true }],
  },
];

test('names of people can neither leave their text nor their attribute', () => {
  expect(escaped(NASTY)).toBe("&lt;/text&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; 'x' ");
  const svg = sceneSvg(sceneOf(ALL_KINDS), paletteOf('light'), { title: NASTY });
  expect(svg).not.toContain('<script');
  // The title, the legend's title and entry, the text, and the description in its attribute with the title.
  expect(svg.split('&lt;script&gt;')).toHaveLength(1 + 4 + 2);
});

test('every element is closed, every number is one, and no id could meet another picture', () => {
  const svg = sceneSvg(sceneOf(ALL_KINDS), paletteOf('dark'), { title: 'a' });
  const open: string[] = [];
  for (const [, close, name, rest] of svg.matchAll(/<(\/?)([a-z]+)((?:[^">]|"[^"]*")*)>/g)) {
    if (close === '/') expect(open.pop()).toBe(name);
    else if (!rest!.endsWith('/')) open.push(name!);
  }
  expect(open).toEqual([]);
  expect(svg).not.toMatch(/NaN|undefined|Infinity| id=|url\(/);
});

test('points without a place and strokes without an end are not drawn', () => {
  const svg = sceneSvg(sceneOf(ALL_KINDS), paletteOf('light'));
  // Two of three points: a circle is two arcs.
  expect(svg.match(/a3 3/g)).toHaveLength(4);
  expect(svg).toContain('M1 1L9 9"');
});

test('one picture follows light and dark: each of its colours is a property that the style gives in both', () => {
  const svg = sceneSvg(sceneOf(ALL_KINDS), variablePalette, { title: 'a' });
  const used = new Set(Array.from(svg.matchAll(/var\((--[a-z0-9-]+)\)/g), ([, name]) => name!));
  expect(used.size).toBeGreaterThan(3);
  const [light, dark] = paletteStyle().split('@media (prefers-color-scheme:dark)');
  for (const name of used) {
    expect(light).toContain(`${name}:#`);
    expect(dark).toContain(`${name}:#`);
  }
});
