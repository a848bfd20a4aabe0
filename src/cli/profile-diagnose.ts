// encodelab profile diagnose: what is to be seen in a run's profile, and what to try.

import { styleText } from 'node:util';
import type { Command } from 'commander';
import type { ProfileFinding } from '#core/profile';
import type { DiagnosisContext, DiagnosisSeries } from '#profile/diagnosis/context';
import { diagnose, tooThin } from '#profile/diagnosis/diagnose';
import { diagnosisFrames } from '#profile/diagnosis/frames';
import { nothingFound } from '#profile/diagnosis/nothing-found';
import { DIAGNOSIS_NAMES } from '#profile/diagnosis/words';
import { workRanges } from '#profile/diagnosis/work-ranges';
import { ownThreads } from '#profile/selection';
import { readHeader, readSeries } from '#recording/read-recording';
import { labOption } from './lab-option.ts';
import { plainText } from './plain-text.ts';
import { profileOfRun, type RunProfile } from './profile-of-run.ts';
import { addSelectionOptions, chosenSelection, profileContext, type RunSelectionOptions } from './profile-selection.ts';
import { withLab } from './with-lab.ts';

interface DiagnoseOptions extends RunSelectionOptions {
  readonly json?: true;
  readonly all?: true;
  readonly lab: string;
}

export function addProfileDiagnose(profile: Command): void {
  const command = profile
    .command('diagnose')
    .argument('<run>', 'its id, or the beginning of it')
    .description('tell what is to be seen in the profile of a run: idle, serial, saturated … and what to try')
    .option('--all', 'about all that ran, not only the processes of the run')
    .option('--json', 'print one JSON object a line for each finding');
  addSelectionOptions(command)
    .addOption(labOption())
    .addHelpText(
      'after',
      '\ndocs/diagnosis.md tells the rules, and how often they err.\n\nExamples:\n  encodelab profile diagnose 0199\n  encodelab profile diagnose 0199 --process ffmpeg --phase encode\n  encodelab profile diagnose 0199 --json | jq .diagnosis',
    )
    .action((id: string, options: DiagnoseOptions) =>
      withLab(
        options.lab,
        async (lab) => {
          const found = await profileOfRun(lab, id);
          const { context, zeroNs } = await contextOf(found, options);
          const lines = options.json === true ? jsonLines(found, context, zeroNs) : textLines(found, context, zeroNs);
          for (const line of lines) console.log(line);
        },
        { readonly: true },
      ),
    );
}

async function contextOf(
  { folder, profile }: RunProfile,
  options: DiagnoseOptions,
): Promise<{ readonly context: DiagnosisContext; readonly zeroNs: number }> {
  const about = await profileContext(folder, profile);
  const chosen = chosenSelection(profile, about, options);
  const isOwn = options.all !== true;
  const selection = {
    ...chosen,
    threads: isOwn && chosen.threads === null ? ownThreads(profile) : chosen.threads,
    rangesNs: isOwn && chosen.rangesNs === null ? workRanges(about.phases) : chosen.rangesNs,
  };
  if (profile.header.clock !== 'monotonic') return { context: { selection }, zeroNs: about.zeroNs };
  const { environment } = await readHeader(folder);
  const series: DiagnosisSeries[] = [];
  for (const [name, { timeUs, value }] of await readSeries(folder)) {
    if (name === 'cpu.steal' || name.startsWith('cpu.frequency['))
      series.push({ name, timeNs: timeUs.map((us) => us * 1e3), value });
  }
  const context: DiagnosisContext = {
    selection,
    phases: about.phases,
    cores: environment.cpu.cores,
    quota: environment.container.cpuQuota,
    features: environment.cpu.features,
    series,
    ...(about.frames === null ? {} : { frames: diagnosisFrames(about.frames, about.zeroNs) }),
  };
  return { context, zeroNs: about.zeroNs };
}

function* jsonLines({ run, profile }: RunProfile, context: DiagnosisContext, zeroNs: number): Generator<string> {
  const reason = tooThin(profile, context);
  if (reason !== null) yield JSON.stringify({ run: run.id, tooThin: reason });
  for (const { rangesNs, ...finding } of diagnose(profile, context))
    yield JSON.stringify({ run: run.id, ...finding, rangesS: pairsInSeconds(rangesNs, zeroNs) });
}

/** Microseconds are as exact as anything here. Perf begins a few milliseconds before the run, whose times begin at 0. */
function pairsInSeconds(rangesNs: Float64Array, zeroNs: number): [from: number, to: number][] {
  const seconds = (ns: number) => Math.max(0, Math.round((ns - zeroNs) / 1e3) / 1e6);
  return Array.from({ length: rangesNs.length / 2 }, (_, i) => [
    seconds(rangesNs[2 * i]!),
    seconds(rangesNs[2 * i + 1]!),
  ]);
}

function* textLines({ profile }: RunProfile, context: DiagnosisContext, zeroNs: number): Generator<string> {
  const reason = tooThin(profile, context);
  if (reason !== null) return yield `Nothing can be said about this profile: ${reason}.`;
  const findings = diagnose(profile, context);
  if (findings.length === 0) yield nothingFound(profile, context);
  for (const [i, finding] of findings.entries()) {
    if (i > 0) yield '';
    yield* findingLines(finding, zeroNs);
  }
  for (const absent of profile.header.absent) yield `\nnot known: ${plainText(absent)}`;
}

function* findingLines(finding: ProfileFinding, zeroNs: number): Generator<string> {
  const { diagnosis, what, share, confidence, evidence, todo, rangesNs } = finding;
  const sure = `${(share * 100).toFixed(share < 0.0995 ? 1 : 0)} % of the time, ${confidence > 0.99 ? 'over 99' : Math.round(confidence * 100)} % sure`;
  yield `${styleText('bold', DIAGNOSIS_NAMES[diagnosis], { stream: process.stdout })}  ${plainText(what)}`;
  yield `    ${sure}: ${timesText(pairsInSeconds(rangesNs, zeroNs))}`;
  for (const fact of evidence) yield `    · ${plainText(fact)}`;
  for (const advice of todo) yield `    → ${advice}`;
}

/** More are told by --json. */
const RANGES_TOLD = 5;

/** `1.20 to 1.48 s, …`: the longest, in their order. */
function timesText(pairs: readonly (readonly [from: number, to: number])[]): string {
  const longest = pairs
    .toSorted((a, b) => b[1] - b[0] - (a[1] - a[0]))
    .slice(0, RANGES_TOLD)
    .toSorted((a, b) => a[0] - b[0]);
  const text = longest.map(([from, to]) => `${seconds(from)} to ${seconds(to)} s`);
  const more = pairs.length - longest.length;
  return `${text.join(', ')}${more > 0 ? ` and ${more} shorter` : ''}`;
}

/** With hundredths; never a negative zero. */
function seconds(value: number): string {
  return (Math.round(value * 100) / 100 + 0).toFixed(2);
}
