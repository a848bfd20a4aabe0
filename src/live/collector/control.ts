// Changes of settings while the session runs: each is checked, given to whom it concerns, and told to everybody.

import type { EncoderInfo } from '#core/encoder';
import type { ControlResult, SessionState } from '#core/live';
import { PART_ROLES, type NetworkConditions, type SessionPart } from '#core/session';
import { formatSettingValue, type Settings, type SettingValue } from '#core/settings';
import { UserError } from '#core/user-error';
import type { LiveSession } from '#session/live-session';
import { NO_NETWORK } from '#session/network-setting';
import { ChangeQueue, type ChangeOrder, type SettingChanges } from './change-queue.ts';
import type { Director } from './director.ts';
import type { WantedSession } from './wanted-session.ts';
import { readAnswer, RESULTS } from './read-answer.ts';
import { reasonOf, refusal } from './refusal.ts';
import { changeTap, codecAwaited, giveUpCodec, tapChanges } from './tap-control.ts';

/** Changes that the pages are told of. */
const MAX_CHANGES = 200;

type SettingChange = SessionState['changes'][number];

/** A change that is waited for is told in the feed after so long: most are there before. */
const TELL_WAIT_MS = 2_000;

/** Settings that no running part takes: these are started anew for it. */
const RESTARTS: Readonly<Record<string, readonly SessionPart[]>> = {
  transport: ['sender', 'receiver'],
};
/** What belongs to other commands. */
const NOT_OURS: Readonly<Record<string, string>> = {
  session: 'another kind of session has to be started',
  stress: 'a load belongs to an agent and not to the session',
};

export interface ControlOptions {
  readonly director: Director;
  /** Seconds on the collector's clock. */
  readonly nowS: () => number;
  readonly tell: (source: string, text: string) => void;
  /** `waiting` is another now. */
  readonly changed: () => void;
  readonly onError: (error: unknown) => void;
  /** These settings have other values now. */
  readonly onTaken: (names: readonly string[], operator: string) => void;
}

/** Settings, and what they come to. */
interface Meant {
  readonly settings: Settings;
  readonly resolved: LiveSession;
}

export class Control {
  readonly #options: ControlOptions;
  #changes: readonly SettingChange[] = [];
  #waiting: SessionState['waiting'] = null;
  /** Two operators at once: one after the other, and the last one wins. */
  readonly #queue = new ChangeQueue((changes, operator) =>
    changes === null ? this.#reset(operator) : this.#change(changes, operator),
  );

  constructor(options: ControlOptions) {
    this.#options = options;
  }

  get changes(): readonly SettingChange[] {
    return this.#changes;
  }

  /** The change that is waited for; null where none is. */
  get waiting(): SessionState['waiting'] {
    return this.#waiting;
  }

  /** A new session has no past. */
  clear(): void {
    this.#changes = [];
  }

  /** @throws UserError where no session runs, or too many changes wait */
  change(changes: SettingChanges, operator: string, signal?: AbortSignal): Promise<readonly ControlResult[]> {
    return this.#add({ changes, operator, signal });
  }

  /** @throws UserError where no session runs */
  reset(operator: string): Promise<readonly ControlResult[]> {
    return this.#add({ changes: null, operator });
  }

  /** What is wanted next does not wait for a codec that may be long in coming. */
  #add(order: ChangeOrder): Promise<readonly ControlResult[]> {
    const results = this.#queue.add(order);
    if (this.#waiting !== null) giveUpCodec(this.#options.director).catch(this.#options.onError);
    return results;
  }

  async #reset(operator: string): Promise<readonly ControlResult[]> {
    const { settings, started } = this.#session();
    const names = new Set([...Object.keys(settings), ...Object.keys(started)]);
    const back = [...names].filter((name) => !isEqual(settings[name], started[name]));
    return this.#change(Object.fromEntries(back.map((name) => [name, started[name] ?? null])), operator);
  }

  #session(): WantedSession {
    const { wanted } = this.#options.director;
    if (wanted === null) throw new UserError({ what: 'no session runs', todo: 'Start one first.' });
    return wanted;
  }

  async #change(changes: SettingChanges, operator: string): Promise<readonly ControlResult[]> {
    const { id, settings: before } = this.#session();
    const encoders = await this.#options.director.encodersFor(applied(before, changes));
    const checked = this.#check(before, changes, encoders);
    const results = new Map<string, ControlResult>(checked.refused.map((result) => [result.name, result]));
    if (Object.keys(checked.changes).length > 0)
      for (const result of await this.#carryOut(id, before, checked.changes, checked.resolved!, encoders))
        results.set(result.name, result);
    const inOrder = Object.keys(changes).map(
      (name) => results.get(name) ?? refusal(name, changes[name]!, 'nobody answered'),
    );
    const taken = inOrder.filter(({ how }) => how !== 'refused').map(({ name }) => name);
    if (taken.length > 0) this.#options.onTaken(taken, operator);
    const timeS = this.#options.nowS();
    this.#changes = [...this.#changes, ...inOrder.map((result) => ({ ...result, timeS, operator }))].slice(
      -MAX_CHANGES,
    );
    for (const result of inOrder) this.#options.tell(operator, sentence(before[result.name], result));
    return inOrder;
  }

  /** What is wrong with a value refuses that value only, whatever else is asked for. */
  #check(
    before: Settings,
    changes: SettingChanges,
    encoders: readonly EncoderInfo[],
  ): { changes: SettingChanges; refused: ControlResult[]; resolved: LiveSession | null } {
    const refused: ControlResult[] = [];
    let left: SettingChanges = changes;
    const refuse = (name: string, why: string) => {
      refused.push(refusal(name, changes[name]!, why));
      left = Object.fromEntries(Object.entries(left).filter(([each]) => each !== name));
    };
    for (const [name, why] of Object.entries(NOT_OURS)) if (name in left) refuse(name, why);
    // Each round refuses one name at least, so that it comes to an end.
    for (;;) {
      const resolved = this.#options.director.resolve(applied(before, left), encoders);
      if (!('problems' in resolved)) return { changes: left, refused, resolved };
      const own = resolved.problems.filter(({ setting }) => setting in left);
      for (const { setting, what, todo } of own)
        if (setting in left) refuse(setting, todo === undefined ? what : `${what}. ${todo}`);
      if (own.length > 0) continue;
      const why = resolved.problems.map(({ setting, what }) => `${setting}: ${what}`).join('; ');
      for (const name of Object.keys(left)) refuse(name, why);
      return { changes: {}, refused, resolved: null };
    }
  }

  async #carryOut(
    session: string,
    before: Settings,
    changes: SettingChanges,
    resolved: LiveSession,
    encoders: readonly EncoderInfo[],
  ): Promise<ControlResult[]> {
    const { director } = this.#options;
    const { network, ...others } = changes;
    const ofTap = resolved.kind === 'spice' ? tapChanges(others, resolved) : {};
    const ofSender = Object.fromEntries(Object.entries(others).filter(([name]) => !(name in ofTap)));
    const { anew, running, parts } = this.#ways(ofSender);
    const results: ControlResult[] = [];
    // A narrow network would hold the switch of a codec up behind what the server has sent before: it comes after it.
    const isAfterSwitch = network !== undefined && 'codec' in ofTap;
    if (isAfterSwitch) await this.#openLine();
    else if (network !== undefined) results.push(await this.#network(network, resolved));
    const meanwhile = isAfterSwitch ? NO_NETWORK : resolved.network;
    if (Object.keys(ofTap).length > 0) results.push(...(await this.#tap(ofTap, resolved, meanwhile)));
    if (isAfterSwitch) results.push(await this.#network(network, resolved));
    // Before parts are started anew: what the running sender refuses must not keep them from that.
    if (Object.keys(running).length > 0) results.push(...(await this.#sender(running)));
    const refused = new Set(results.filter(({ how }) => how === 'refused').map(({ name }) => name));
    const taken = Object.fromEntries(Object.entries(changes).filter(([name]) => !refused.has(name)));
    const now = this.#resolved(applied(before, taken), encoders) ?? { settings: applied(before, taken), resolved };
    if (parts.length === 0) await director.setSettings(session, now.settings, now.resolved);
    else {
      // What relay and sender took stays, whatever becomes of the others.
      const kept = Object.fromEntries(Object.entries(taken).filter(([name]) => !(name in anew)));
      const old = this.#resolved(applied(before, kept), encoders) ?? {
        settings: before,
        resolved: director.resolved ?? resolved,
      };
      results.push(...(await this.#restart(session, anew, parts, now, old)));
    }
    return results;
  }

  /**
   * Which changes the running sender is asked for, and which start parts anew. A sender that does not stream takes nothing: what is
   * wrong with it may be mended by starting it with this.
   */
  #ways(changes: SettingChanges): { anew: SettingChanges; running: SettingChanges; parts: readonly SessionPart[] } {
    const entries = Object.entries(changes);
    const isBroken = entries.length > 0 && this.#options.director.isBroken('sender');
    const isAnew = ([name]: (typeof entries)[number]) => isBroken || name in RESTARTS;
    const parts = new Set(entries.flatMap(([name]) => RESTARTS[name] ?? []));
    if (isBroken) parts.add('sender');
    return {
      anew: Object.fromEntries(entries.filter(isAnew)),
      running: Object.fromEntries(entries.filter((entry) => !isAnew(entry))),
      parts: [...parts],
    };
  }

  #resolved(settings: Settings, encoders: readonly EncoderInfo[]): Meant | null {
    const resolved = this.#options.director.resolve(settings, encoders);
    return 'problems' in resolved ? null : { settings, resolved };
  }

  async #tap(changes: SettingChanges, resolved: LiveSession, network: NetworkConditions): Promise<ControlResult[]> {
    const { director, nowS, tell, changed } = this.#options;
    const codec = changes['codec'] ?? null;
    const hasTime = () => !this.#queue.isAwaited;
    if (codec === null) return changeTap(director, changes, resolved, network, hasTime);
    const text = codecAwaited(codec, network);
    const told = setTimeout(() => tell('system', `codec ${formatSettingValue(codec)} waits ${text}.`), TELL_WAIT_MS);
    this.#waiting = { name: 'codec', requested: codec, text, sinceS: nowS() };
    changed();
    try {
      return await changeTap(director, changes, resolved, network, hasTime);
    } finally {
      clearTimeout(told);
      this.#waiting = null;
      changed();
    }
  }

  /** No network until the next one. Where that fails, the next one fails, too, and says why. */
  async #openLine(): Promise<void> {
    const relay = this.#options.director.holder('relay');
    const command = { name: 'part', part: 'relay', command: 'network', ask: { network: NO_NETWORK } } as const;
    await relay?.agent.ask(command).catch(reasonOf);
  }

  async #network(value: SettingValue | null, resolved: LiveSession): Promise<ControlResult> {
    const relay = this.#options.director.holder('relay');
    const requested = value ?? '';
    if (relay === null) return refusal('network', requested, 'no relay is at work');
    try {
      await relay.agent.ask({ name: 'part', part: 'relay', command: 'network', ask: { network: resolved.network } });
    } catch (error) {
      return refusal('network', requested, reasonOf(error));
    }
    const actual = value === null ? 'none' : formatSettingValue(value);
    const note = resolved.warnings.find((warning) => warning.startsWith('network')) ?? null;
    return { name: 'network', requested, actual, how: 'live', gapMs: null, note };
  }

  async #sender(changes: SettingChanges): Promise<readonly ControlResult[]> {
    const sender = this.#options.director.holder('sender');
    try {
      if (sender === null)
        throw new UserError({
          what: `no sender is at work at the ${PART_ROLES.sender}`,
          todo: 'Wait until it is back.',
        });
      const answer = await sender.agent.ask({ name: 'part', part: 'sender', command: 'control', ask: { changes } });
      return readAnswer(RESULTS, answer, sender.agent);
    } catch (error) {
      const why = reasonOf(error);
      return Object.entries(changes).map(([name, value]) => refusal(name, value, why));
    }
  }

  /** Where the parts don't come to work with the new values, the old ones hold again. */
  async #restart(
    session: string,
    changes: SettingChanges,
    parts: readonly SessionPart[],
    now: Meant,
    old: Meant,
  ): Promise<ControlResult[]> {
    const { director } = this.#options;
    const beganAt = performance.now();
    try {
      await director.setSettings(session, now.settings, now.resolved);
      await director.restart(session, parts);
    } catch (error) {
      const why = reasonOf(error);
      await director.setSettings(session, old.settings, old.resolved);
      const back = await director.restart(session, parts).then(() => why, reasonOf);
      return Object.entries(changes).map(([name, value]) =>
        refusal(name, value, back === why ? why : `${why}; ${back}`),
      );
    }
    const actual = director.holder('sender')?.state.actual ?? {};
    const gapMs = performance.now() - beganAt;
    return Object.entries(changes).map(([name, value]) => ({
      name,
      requested: value ?? '',
      actual: actual[name] ?? null,
      how: 'restart',
      gapMs,
      note: null,
    }));
  }
}

function applied(settings: Settings, changes: SettingChanges): Settings {
  const now: Record<string, SettingValue> = { ...settings };
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) delete now[name];
    else now[name] = value;
  }
  return now;
}

function isEqual(one: SettingValue | undefined, other: SettingValue | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** `bitrate 4M → 8M (live)` */
function sentence(before: SettingValue | undefined, { name, requested, how, gapMs, note }: ControlResult): string {
  const from = before === undefined ? 'default' : formatSettingValue(before);
  const to = requested === '' ? 'default' : formatSettingValue(requested);
  const gap = gapMs === null ? '' : `, ${Math.round(gapMs)} ms`;
  return `${name} ${from} → ${to} (${how}${gap})${note === null ? '' : `: ${note}`}`;
}
