// What is known of a run besides its charts. What it was and came to stands first; how it was measured may come later.

import { formatQuantity } from '#core/format-quantity';
import { formatSettingValue, type SettingValue } from '#core/settings';
import type { Environment } from '#core/environment';
import type { RunPage } from '#server/wire';

export function RunSummary({ page }: { page: RunPage }) {
  const { run, header } = page;
  const settings = Object.entries(run.settings).filter(([name]) => !run.labels.includes(name));
  const metrics = Object.entries(run.metrics);
  const actual = header?.actual ?? {};
  const added = Object.entries(actual).filter(([name]) => run.settings[name] === undefined);
  return (
    <aside class="summary">
      <Section title="Settings">
        <dl>
          {settings.map(([name, value]) => (
            <Row key={name} term={name}>
              {formatSettingValue(value)}
              <Used asked={value} used={actual[name]} />
            </Row>
          ))}
          {added.map(([name, value]) => (
            <Row key={name} term={name} title="not asked for: what was in force">
              {value} <span class="muted">{run.kind === 'stream' ? 'by default' : 'by the encoder'}</span>
            </Row>
          ))}
        </dl>
      </Section>
      <Section title="Metrics" class="metrics">
        {metrics.length === 0 ? (
          <p class="muted">none: {run.outcome === null ? 'they come when it ends' : 'it did not get that far'}</p>
        ) : (
          <dl class="numbers">
            {metrics.map(([name, metric]) => (
              <Row key={name} term={name} title={metric.better === null ? undefined : `${metric.better} is better`}>
                {formatQuantity(metric.value, metric.unit)}
              </Row>
            ))}
          </dl>
        )}
      </Section>
    </aside>
  );
}

/** Where it ran and how it was measured. */
export function RunBackground({ page: { header } }: { page: RunPage }) {
  return (
    <aside class="summary background">
      {header !== null && (
        <>
          <Section title="Environment">
            <EnvironmentList environment={header.environment} />
          </Section>
          <Section title="How it was measured">
            <dl>
              <Row term="accounting">{ACCOUNTING[header.accounting]}</Row>
              <Row term="recording">{header.state}</Row>
              {header.agents.map((agent) => (
                <Row key={agent.name} term={agent.role}>
                  {agent.name} on {agent.host}
                </Row>
              ))}
              <Row term="began">{header.anchor.utc}</Row>
            </dl>
          </Section>
          {header.absent.length > 0 && (
            <Section title="Not measured">
              <ul class="absent">
                {header.absent.map((one) => (
                  <li key={one}>{one}</li>
                ))}
              </ul>
            </Section>
          )}
        </>
      )}
    </aside>
  );
}

/** What the encoder made of a setting, where that is something else. */
function Used({ asked, used }: { asked: SettingValue; used: string | undefined }) {
  if (used === undefined || sameValue(formatSettingValue(asked), used)) return null;
  return (
    <span class="used" title="the value that the encoder really used">
      {' '}
      → {used}
    </span>
  );
}

const FACTORS: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9 };

/** `4M` and `4000000` say the same. */
function sameValue(asked: string, used: string): boolean {
  const number = (text: string) => {
    const [, digits, factor] = /^(-?[\d.]+)([kMG]?)$/.exec(text) ?? [];
    return digits === undefined ? NaN : Number(digits) * (FACTORS[factor ?? ''] ?? 1);
  };
  return asked === used || number(asked) === number(used);
}

const ACCOUNTING = {
  'cgroup-v1': 'a cgroup (v1) of its own',
  'cgroup-v2': 'a cgroup (v2) of its own',
  proc: '/proc of its processes',
  none: 'not',
} as const;

interface SectionProps {
  readonly title: string;
  readonly class?: string | undefined;
  readonly children: preact.ComponentChildren;
}

function Section({ title, class: name = '', children }: SectionProps) {
  return (
    <section class={`panel ${name}`}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

interface RowProps {
  readonly term: string;
  readonly title?: string | undefined;
  readonly children: preact.ComponentChildren;
}

function Row({ term, title, children }: RowProps) {
  return (
    <div title={title}>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function EnvironmentList({ environment }: { environment: Environment }) {
  const { cpu, container } = environment;
  return (
    <dl>
      <Row term="host">{environment.host}</Row>
      <Row term="CPU">{cpu.model}</Row>
      <Row term="cores">
        {cpu.cores}
        {container.cpuQuota !== null && `, quota ${container.cpuQuota}`}
      </Row>
      <Row term="vectors">{cpu.features.join(' ') || '–'}</Row>
      <Row term="governor">{cpu.governor ?? '–'}</Row>
      <Row term="max. clock">{formatQuantity(cpu.maxFrequency, 'Hz')}</Row>
      {cpu.hypervisor && <Row term="machine">virtual</Row>}
      <Row term="memory">
        {formatQuantity(environment.memory, 'byte')}
        {container.memoryLimit !== null && `, limit ${formatQuantity(container.memoryLimit, 'byte')}`}
      </Row>
      <Row term="system">{environment.os}</Row>
      <Row term="kernel">
        {environment.kernel} {environment.arch}
      </Row>
      {Object.entries(environment.versions).map(([program, version]) => (
        <Row key={program} term={program}>
          {version}
        </Row>
      ))}
    </dl>
  );
}
