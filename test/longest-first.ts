// The order in which the tests are run: files that take long begin first, so that no worker is left alone with one at the end.

import { join } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take more than some ten seconds, roughly the longest first; the others follow by their size, or by what they took before. */
const LONGEST = [
  'test/cli/bench.test.ts',
  'test/pipeline/signals.test.ts',
  'test/live/session.test.ts',
  'test/pipeline/worker.test.ts',
  'test/session/spice-stock.test.ts',
  'test/session/spice-parts.test.ts',
  'test/session/spice-live.test.ts',
  'test/cli/profile-record.test.ts',
  'src/media/quality/measure-quality.test.ts',
  'test/browser/explore.test.ts',
  'src/media/live-changes.test.ts',
  'test/pipeline/kills.test.ts',
  'test/live/kills.test.ts',
  'src/live/collector/session.test.ts',
  'src/media/ffmpeg/start-encode.test.ts',
  'src/media/chunk/start-chunk.test.ts',
  'test/live/troubles.test.ts',
  'test/live/early-kills.test.ts',
  'src/media/bundled/start-encode.test.ts',
  'test/pipeline/faults.test.ts',
  'test/pipeline/odd-sources.test.ts',
  'test/pipeline/broken-engine.test.ts',
  'test/cli/engines.test.ts',
  'src/media/chunk/cut-exactly.test.ts',
  'src/session/sender/sender.test.ts',
  'test/browser/live.test.ts',
  'test/browser/pages.test.ts',
  'test/browser/profile.test.ts',
  'test/browser/player.test.ts',
  'test/browser/quality.test.ts',
  'test/browser/compare.test.ts',
  'src/media/assemble/join-chunks.test.ts',
  'src/media/audio/make-audio.test.ts',
  'src/media/check-source.test.ts',
  'src/perf/perf-data/read-perf-data.test.ts',
  'src/live/agent/agent.test.ts',
  'test/session/spice-device.test.ts',
  'test/browser/titles.test.ts',
  'test/cli/hostile.test.ts',
  'test/lab/stat-values.test.ts',
  'test/browser/encoders.test.ts',
  'test/live/full-disk.test.ts',
  'test/cli/shapes.test.ts',
  'test/pipeline/campaign.test.ts',
  'test/pipeline/encode.test.ts',
  'test/cli/bin.test.ts',
  'test/cli/live.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rest = await super.sort(files);
    const places = new Map(LONGEST.map((path, place) => [join(this.ctx.config.root, path), place]));
    const place = ({ moduleId }: TestSpecification) => places.get(moduleId) ?? LONGEST.length;
    return rest.toSorted((a, b) => place(a) - place(b));
  }
}
