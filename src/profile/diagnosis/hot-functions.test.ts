import { expect, test } from 'vitest';
import type { SymbolSource } from '#core/profile';
import { ProfileBuilder } from '../profile-builder.ts';
import { choose } from './chosen.ts';
import { hotSentences, selfTimes } from './hot-functions.ts';
import { RangeSet } from './ranges.ts';

interface Taken {
  readonly tool?: string;
  readonly source?: SymbolSource;
  readonly library?: string;
}

/** What is said of a second, of which a share is in one function of a library, and as many samples in each of seven others of it. */
function saidOf(percentInOne: number, { tool = 'perf 6.1', source = 'given', library = 'libx264.so.164' }: Taken) {
  const builder = new ProfileBuilder();
  const thread = builder.addThread(1, 1, 'ffmpeg', 'ffmpeg');
  for (let i = 0; i < 1000; i++) {
    const name = i % 100 < percentInOne ? 'trellis_coefn' : `other${i % 7}`;
    const node = builder.stacks.add(-1, builder.function(name, library, 'user', source));
    builder.addSample(i * 1e6, 0, thread, node, 1);
  }
  const header = { file: null, clock: 'own', startNs: 0, endNs: 1e9, frequencyHz: 1000, weightUnit: 'ns' } as const;
  const more = { sampleNs: 1e6, cpus: [0], scope: 'processes', stacks: 'given', lost: 0, throttled: 0 } as const;
  const profile = builder.finish({ tool, ...header, ...more, overheadCpuS: null, absent: [], quality: [] });
  const times = selfTimes(profile, choose(profile, {}), new RangeSet(Float64Array.of(0, 1e9)));
  return hotSentences(profile, times).join('\n');
}

test('a function that has most of a library in a profile that perf named may be only its nearest symbol, and it is said', () => {
  const said = saidOf(70, {});
  expect(said).toContain('70 % (67 to 73 %) trellis_coefn in libx264.so.164');
  expect(said).toContain('if it is stripped, trellis_coefn is only the nearest symbol of most of its code');
  expect(said.match(/nearest symbol/g)).toHaveLength(1);
});

test('names that were found here, of a program, of another tool, or of a function among many carry no such remark', () => {
  for (const source of ['symbols', 'debug', 'dynamic'] as const)
    expect(saidOf(70, { source })).not.toContain('nearest symbol');
  expect(saidOf(70, { library: 'ffmpeg' })).not.toContain('nearest symbol');
  expect(saidOf(70, { tool: 'speedscope' })).not.toContain('nearest symbol');
  expect(saidOf(20, {})).not.toContain('nearest symbol');
});
