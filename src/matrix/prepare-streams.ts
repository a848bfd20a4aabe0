// Cells that stream: every setting resolved, the loads and the network understood, before any agent is asked for anything.

import { BUNDLED_ENGINE } from '#core/engine';
import { liveSourceOf } from '#core/session';
import type { Settings } from '#core/settings';
import type { SourceInfo } from '#core/source';
import { fileIdentity, inspectSourceOnce } from '#media/inspect-cache';
import { normalizeSettings } from '#media/normalize-settings';
import { sameKey } from '#run/same-key';
import { resolveLive, stockRefuses } from '#session/live-session';
import { askEngines } from './bench-engines.ts';
import type { CellProblems } from './cell-problems.ts';
import type { PreparedBench, PreparedCell, PrepareOptions } from './prepare-bench.ts';
import { streamSettings } from './needed-agents.ts';
import { parseStress, type Stress } from './stress-setting.ts';

/** A live session, brought into a state and recorded. */
export interface StreamWork {
  readonly kind: 'stream';
  /** Of the session: without labels, and without what loads the machines. */
  readonly settings: Settings;
  readonly stress: Stress;
  readonly settleS: number;
  readonly durationS: number;
}

/** What a stock SPICE server encodes, and with what. */
const DESKTOP = 'spice:desktop';
/** Recorded where the file does not say. */
const DEFAULT_RECORD_S = 10;

/** @throws UserError with all that is wrong, each problem once */
export async function prepareStreams(options: PrepareOptions, problems: CellProblems): Promise<PreparedBench> {
  const { benchmark, lab, signal, guest } = options;
  const engines = await askEngines(options);
  const durationS = benchmark.recordTimeS ?? DEFAULT_RECORD_S;
  const sources = new Map<string, StreamSource>();
  const warnings = new Set<string>();
  const cells: PreparedCell[] = [];
  for (const cell of benchmark.cells) {
    const { session, stress: asked } = streamSettings(benchmark, cell);
    const stress = asked === null ? { loads: {} } : parseStress(asked);
    if ('wrong' in stress) problems.add(cell, { setting: 'stress', what: stress.wrong, todo: stress.todo });
    if ('session' in cell.settings && !cell.labels.includes('session'))
      problems.add(cell, { setting: 'session', what: 'session is no setting', todo: 'write it at the left margin' });
    const hasDevice = options.hasDevice ?? stockRefuses(session).length > 0;
    const resolved = resolveLive(session, engines.encoders, hasDevice);
    if ('problems' in resolved) for (const problem of resolved.problems) problems.add(cell, problem);
    if ('wrong' in stress || 'problems' in resolved) continue;
    for (const warning of resolved.warnings) warnings.add(warning);
    const name = resolved.stream === null ? DESKTOP : String(session['source'] ?? `x11:${String(session['display'])}`);
    const source = sources.get(name) ?? (await findSource(name, lab.cacheFolder, signal));
    sources.set(name, source);
    const ofKind = resolved.kind === 'spice' ? { 'session ': resolved.kind } : {};
    const environment = guest ?? engines.environment(BUNDLED_ENGINE);
    cells.push({
      cell,
      work: { kind: 'stream', settings: session, stress: stress.loads, settleS: benchmark.settleS, durationS },
      environment,
      source: source.info,
      sourceIdentity: source.identity,
      program: null,
      sameKey: sameKey(
        {
          kind: 'stream',
          settings: { ...normalizeSettings(cell.settings, []), ...ofKind, 'record_time ': durationS },
          sourceHash: source.hash,
          // Of a stock server nobody knows the build: its machine's environment stands for it.
          encoderBuild:
            resolved.stream === null ? DESKTOP : await engines.encoderBuild(BUNDLED_ENGINE, resolved.stream.encoder),
        },
        environment,
      ),
    });
  }
  problems.throwIfAny();
  return { cells, warnings: [...warnings] };
}

interface StreamSource {
  /** Null for a display, a device and a generator. */
  readonly info: SourceInfo | null;
  readonly identity: string | null;
  readonly hash: string;
}

/** @throws UserError where it is a file that is refused */
async function findSource(name: string, cacheFolder: string, signal: AbortSignal | undefined): Promise<StreamSource> {
  // What a display shows can't be hashed; a generator is its text.
  if (name === DESKTOP || liveSourceOf(name) !== null || name.startsWith('lavfi:'))
    return { info: null, identity: null, hash: name };
  const info = await inspectSourceOnce(name, cacheFolder, { signal });
  return { info, identity: await fileIdentity(info.path), hash: info.hash };
}
