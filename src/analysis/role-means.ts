// Which of the indicators of a session's machines become metrics, as means over the recording.

import type { Better } from '#core/metric';
import { PART_ROLES, SESSION_PARTS } from '#core/session';
import type { Add } from './frame-metrics.ts';
import { mean } from './quantile.ts';
import type { SessionColumns } from './session-metrics.ts';

const ROLES = ['guest', 'server', 'client'];

interface MeanOf {
  readonly name: string;
  readonly unit: string;
  readonly better: Better;
  /** Instances (`power.package[0]`, `[1]`) are added up, as watts are; else their mean is told. */
  readonly adds?: true;
  /** Instances (`recorders.bitrate[0]`, `[1]`) are of different programs: each is told by itself. */
  readonly each?: true;
  /** Its values are counts: their sum is told instead of their mean. */
  readonly sums?: true;
  /** The one whose agent measures it; any where it is left out. */
  readonly role?: string;
}

const OF_MACHINE: readonly MeanOf[] = [
  { name: 'cpu.busy', unit: 'core', better: null },
  { name: 'cpu.steal', unit: 'core', better: 'lower' },
  { name: 'agent.cpu', unit: 'core', better: 'lower' },
  { name: 'memory.used', unit: 'byte', better: null },
  { name: 'network.receive', unit: 'byte/s', better: null },
  { name: 'network.transmit', unit: 'byte/s', better: null },
  { name: 'network.loopback', unit: 'byte/s', better: null },
  { name: 'power.package', unit: 'W', better: 'lower', adds: true },
  { name: 'gpu.busy', unit: '1', better: null },
  { name: 'gpu.video', unit: '1', better: null },
  { name: 'gpu.encoder', unit: '1', better: null },
  { name: 'gpu.decoder', unit: '1', better: null },
  { name: 'gpu.power', unit: 'W', better: 'lower', adds: true },
];

const OF_PARTS: readonly MeanOf[] = SESSION_PARTS.flatMap((part): MeanOf[] => [
  { name: `${part}.cpu`, unit: 'core', better: 'lower' },
  { name: `${part}.memory`, unit: 'byte', better: 'lower' },
  { name: `${part}.gpu.video`, unit: '1', better: null },
]);

/** A program that an agent was told to measure: a SPICE server, a client. */
const PROGRAM_CPU = 'program.cpu';
const OF_PROGRAMS: readonly MeanOf[] = [
  { name: PROGRAM_CPU, unit: 'core', better: 'lower' },
  { name: 'program.memory', unit: 'byte', better: 'lower' },
];

/** What a tap reads of a stock client's reports and of its own pings. */
const OF_TAP: readonly MeanOf[] = [
  { name: 'tap.report.drops', unit: 'frame', better: 'lower', sums: true, role: PART_ROLES.relay },
  { name: 'tap.report.delay', unit: 'ms', better: null, role: PART_ROLES.relay },
  { name: 'tap.round-trip', unit: 'ms', better: 'lower', role: PART_ROLES.relay },
];

/** Frames that passed before a stock client whose log would tell of their decoding; none where no log can. */
const AWAITED = 'receiver.awaited';

/** What patched SPICE programs tell of themselves (`session/spice/recorders`). */
const OF_RECORDERS: readonly MeanOf[] = [
  recorded('frame.bytes', 'byte', null),
  recorded('frame.rate', 'frame/s', 'higher'),
  recorded('frame.rate.wanted', 'frame/s', null),
  recorded('keyframe.rate', 'frame/s', null),
  recorded('bitrate', 'bit/s', null),
  ...['sleep', 'capture', 'encode', 'send', 'decode', 'queue'].map((step) => recorded(`${step}.time`, 'ms', 'lower')),
  recorded('queue.frames', 'frame', 'lower'),
  recorded('drop.rate', 'frame/s', 'lower'),
];

const EVERY = [...OF_MACHINE, ...OF_PARTS, ...OF_PROGRAMS, ...OF_TAP, ...OF_RECORDERS];

function recorded(name: string, unit: string, better: Better): MeanOf {
  return { name: `recorders.${name}`, unit, better, each: true };
}

function everyOf(role: string): readonly MeanOf[] {
  return EVERY.filter((one) => one.role === undefined || one.role === role);
}

/** Whether an indicator's values are counts, whose sum over the time means something, and their mean nothing. */
export function isSummed(indicator: string): boolean {
  return indicator === AWAITED || EVERY.some(({ name, sums }) => sums === true && name === indicator);
}

/** Whether a stock client's log was there to tell of the frames: where it has none of them, none was decoded. */
export function isClientTold({ means }: Pick<SessionColumns, 'means'>): boolean {
  return (means.get(`${PART_ROLES.receiver}/${AWAITED}`)?.value ?? 0) > 0;
}

/** Indicators by `role/indicator`, one of each kind, with the units that they have: for the list of names. */
export function knownMeans(): Map<string, { readonly value: number; readonly unit: string }> {
  return new Map(
    ROLES.flatMap((role) => everyOf(role).map(({ name, unit }) => [`${role}/${name}`, { value: 1, unit }] as const)),
  );
}

/**
 * Adds `host.others`: cores of the guest's machine that neither the session (programs that agents there were told to measure
 * belong to it) nor the agents there used. Absent where what it used is not known in
 * whole: a part that ran there, as its steps tell, and whose CPU was not measured.
 */
export function addHostOthers(
  add: Add,
  { means, rolesOnGuest, steps }: Pick<SessionColumns, 'means' | 'rolesOnGuest' | 'steps'>,
): void {
  const ranThere = new Set(steps.map(({ role }) => role).filter((role) => rolesOnGuest.includes(role)));
  let others = ranThere.has(PART_ROLES.sender) ? (means.get(`${PART_ROLES.sender}/cpu.busy`)?.value ?? NaN) : NaN;
  for (const part of SESSION_PARTS) {
    const cpu = rolesOnGuest.map((role) => means.get(`${role}/${part}.cpu`)?.value).filter((one) => one !== undefined);
    if (cpu.length === 0 && ranThere.has(PART_ROLES[part])) return;
    for (const one of cpu) others -= one;
  }
  // Of recordings from before agents told it, it stays with the others.
  for (const role of rolesOnGuest) others -= means.get(`${role}/agent.cpu`)?.value ?? 0;
  for (const role of rolesOnGuest) others -= means.get(`${role}/${PROGRAM_CPU}`)?.value ?? 0;
  add('host.others', Math.max(0, others), 'core', 'lower');
}

/** Adds `guest.cpu.busy`, `client.receiver.cpu`, `server.program.cpu` … as far as they were measured. */
export function addRoleMeans(
  add: Add,
  means: ReadonlyMap<string, { readonly value: number; readonly unit: string }>,
): void {
  for (const role of ROLES)
    for (const { name, better, adds, each } of everyOf(role)) {
      const key = `${role}/${name}`;
      const whole = means.get(key);
      const family = whole === undefined ? [...means].filter(([one]) => one.startsWith(`${key}[`)) : [];
      const found = whole === undefined ? family.map(([, one]) => one) : [whole];
      if (found.length === 0) continue;
      if (whole === undefined && each === true) {
        for (const [one, { value, unit }] of family) add(one.replace('/', '.'), value, unit, better);
        continue;
      }
      const value = mean(found.map((one) => one.value)) * (adds === true ? found.length : 1);
      add(`${role}.${name}`, value, found[0]!.unit, better);
    }
}
