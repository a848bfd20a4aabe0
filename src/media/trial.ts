// Trial encodes: what an encoder's declared parameters can't say, learned from two frames before anything is measured.

import type { EncodeParameters } from './encode-job.ts';
import type { SettingProblem } from './encode-settings.ts';
import { describedOptions } from './encoder-text.ts';
import { blamedSetting, failureReason, loggedFaults } from './trial-log.ts';
import { runTrials, type LoggedTrial, type TrialRunOptions } from './trial-runner.ts';

export type TrialResult =
  | {
      readonly ok: true;
      /** Values that the opened encoder holds, by the names that were asked for. */
      readonly actual: Readonly<Record<string, string>>;
    }
  | { readonly ok: false; readonly problems: readonly SettingProblem[] };

/**
 * Encodes two made-up frames with each set of parameters, all in one child that is replaced where an encoder crashes
 * or hangs in it. A value that the encoder changes in silence (libx264 makes crf 99 into 51) is a problem too.
 * @returns one result for each trial, in their order
 */
export async function tryEncodes(
  trials: readonly EncodeParameters[],
  options: TrialRunOptions = {},
): Promise<TrialResult[]> {
  const results = await runTrials(trials, options);
  return results.map((result, index) => judgeTrial(trials[index]!, result));
}

/** Names of x264 and x265 in the description that they write into the stream, where FFmpeg's differ. */
const DESCRIBED_AS: Readonly<Record<string, readonly string[]>> = {
  gop: ['keyint'],
  bf: ['bframes'],
  g: ['keyint'],
  keyint_min: ['keyint_min', 'min-keyint'],
  qmin: ['qpmin'],
  qmax: ['qpmax'],
  qdiff: ['qpstep'],
  sc_threshold: ['scenecut'],
  'motion-est': ['me'],
  subq: ['subme'],
  qcomp: ['qcomp'],
  'min-keyint': ['keyint_min'],
  'mixed-refs': ['mixed_ref'],
  'dct-decimate': ['decimate'],
  merange: ['me_range'],
  subme: ['subme'],
  frameref: ['ref'],
};

/** Two numbers that differ less are the same one, rounded for printing. */
const PRINTED_DIFFERENCE = 0.051;

/** What a trial of any engine says about its settings. */
export function judgeTrial(parameters: EncodeParameters, { trial, log }: LoggedTrial): TrialResult {
  const described = describedOptions(trial.ok ? (trial.description ?? '') : log);
  const known = new Set([...described.keys(), ...KNOWN_KEYS]);
  const problems: SettingProblem[] = loggedFaults(log, parameters.options, known).map((fault) => ({
    ...fault,
    what: `${parameters.encoder}: ${fault.what}`,
  }));
  if (!trial.ok) {
    if (problems.length === 0)
      problems.push({
        setting: trial.setting ?? blamedSetting(log, parameters.options) ?? 'encoder',
        what: failureReason(trial.error, log),
      });
    return { ok: false, problems };
  }
  problems.push(...changedValues(parameters, described));
  return problems.length > 0 ? { ok: false, problems } : { ok: true, actual: trial.actual };
}

/** Keys that users of x264-params, x265-params and svtav1-params know, for the nearest name. */
const KNOWN_KEYS = (
  'preset tune crf qp rc tbr lp keyint irefresh-type lookahead scd hierarchical-levels film-grain enable-overlays ' +
  'tile-rows tile-columns fast-decode pred-struct aq-mode enable-tf vbv-maxrate vbv-bufsize bframes ref me subme ' +
  'scenecut rc-lookahead pools frame-threads no-wpp'
).split(' ');

/**
 * Keys whose value in x264's description is meant to differ: psychovisual tuning shifts the chroma offset, and threads
 * are fitted to the picture.
 */
const NOT_AS_ASKED = /^chroma-qp-offset$|threads$/;

/** `aq-mode=3:crf=20` as names and values. x265 refuses what is out of range by itself; x264 clamps it in silence. */
function x264Pairs(list: string | undefined): [name: string, value: string][] {
  return (list ?? '')
    .split(':')
    .map((pair) => pair.split('='))
    .filter((pair): pair is [string, string] => pair.length === 2 && pair[1] !== '')
    .map(([name, value]): [string, string] => [name.trim().replaceAll('_', '-'), value.trim()])
    .filter(([name]) => !NOT_AS_ASKED.test(name));
}

/** Asked for one number, got another: the encoder clamps in silence. */
function changedValues(parameters: EncodeParameters, described: ReadonlyMap<string, string>): SettingProblem[] {
  const problems: SettingProblem[] = [];
  const asked = { ...(parameters.gop === null ? {} : { gop: String(parameters.gop) }), ...parameters.options };
  const inList = x264Pairs(parameters.options['x264-params']).map(
    ([name, text]) => [name, text, 'x264-params'] as const,
  );
  const each = Object.entries(asked).map(([name, text]) => [name, text, null] as const);
  for (const [name, text, list] of [...each, ...inList]) {
    const keys = DESCRIBED_AS[name] ?? [name, name.replaceAll('-', '_'), name.replaceAll('_', '-')];
    const got = keys.map((key) => described.get(key)).find((value) => value !== undefined);
    const wanted = Number(text);
    const actual = Number(got);
    // A negative number asks for the encoder's own choice.
    if (got === undefined || !Number.isFinite(wanted) || !Number.isFinite(actual) || wanted < 0) continue;
    if (Math.abs(wanted - actual) < PRINTED_DIFFERENCE) continue;
    problems.push({
      setting: list ?? name,
      what: `${parameters.encoder} was asked for ${name} ${text}${list === null ? '' : ` in ${list}`} and used ${actual}`,
      todo: `With these settings it takes ${name} ${wanted > actual ? 'up to' : 'from'} ${actual}${wanted > actual ? '' : ' on'}.`,
    });
  }
  const control = described.get('rc');
  if (parameters.bitrate !== null && (control === 'crf' || control === 'cqp'))
    problems.push({
      setting: 'bitrate',
      what: `${parameters.encoder} ignores the bitrate, since crf or qp is given too`,
      todo: 'Leave one of them out; a limit beside crf is maxrate with bufsize.',
    });
  return problems;
}
