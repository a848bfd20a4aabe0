// The engines of the lab: what each is, and what it can't tell.

import type { EngineState } from '#server/encoders-wire';

export interface EngineCardsProps {
  readonly engines: readonly EngineState[];
  readonly chosen: string;
  readonly onChoose: (engine: string) => void;
}

export function EngineCards({ engines, chosen, onChoose }: EngineCardsProps) {
  return (
    <ul class="engines" aria-label="Engines">
      {engines.map((engine) => (
        <li key={engine.setting} class="panel" data-chosen={engine.setting === chosen ? '' : undefined}>
          <button
            type="button"
            class="choose"
            aria-pressed={engine.setting === chosen}
            onClick={() => onChoose(engine.setting)}
          >
            <b>{engineName(engine.setting)}</b>
            {engine.info === null ? (
              <span class="bad">✕ can’t be used</span>
            ) : (
              <span class="muted">FFmpeg {engine.info.version}</span>
            )}
          </button>
          {engine.info === null ? <Problem engine={engine} /> : <Facts engine={engine} />}
        </li>
      ))}
    </ul>
  );
}

/** A path is called by its end; all of it stands below. */
export function engineName(setting: string): string {
  if (setting === 'ffmpeg') return 'ffmpeg on the PATH';
  const parts = setting.split('/');
  return parts.length > 2 ? `…/${parts.slice(-2).join('/')}` : setting;
}

function Problem({ engine: { problem, setting, benchmarks } }: { engine: EngineState }) {
  return (
    <div class="engine-facts">
      {setting.startsWith('/') && <code>{setting}</code>}
      <p class="bad">{problem?.what}</p>
      {problem?.todo !== null && <p class="muted">{problem?.todo}</p>}
      <UsedBy benchmarks={benchmarks} />
    </div>
  );
}

function Facts({ engine: { info, benchmarks } }: { engine: EngineState }) {
  const { path, absent, qualityFilters, libraries } = info!;
  return (
    <div class="engine-facts">
      {path !== null && <code title={path}>{path}</code>}
      <p>
        <span class="muted">scores </span>
        {qualityFilters.length === 0 ? 'none' : qualityFilters.join(', ')}
      </p>
      <UsedBy benchmarks={benchmarks} />
      {absent.length === 0 ? (
        <p class="good">✓ tells all that is measured</p>
      ) : (
        <details>
          <summary>
            <span class="warn">▲ {absent.length}</span> {absent.length === 1 ? 'thing' : 'things'} it can’t tell
          </summary>
          <ul>
            {absent.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </details>
      )}
      <details>
        <summary class="muted">{Object.keys(libraries).length} libraries</summary>
        <ul>
          {Object.entries(libraries).map(([name, version]) => (
            <li key={name}>
              {name} {version}
            </li>
          ))}
        </ul>
      </details>
    </div>
  );
}

function UsedBy({ benchmarks }: { benchmarks: readonly string[] }) {
  if (benchmarks.length === 0) return null;
  return (
    <p>
      <span class="muted">in </span>
      {benchmarks.map((name, position) => (
        <span key={name}>
          {position > 0 && ', '}
          <a href={`/benchmarks/${encodeURIComponent(name)}`}>{name}</a>
        </span>
      ))}
    </p>
  );
}
