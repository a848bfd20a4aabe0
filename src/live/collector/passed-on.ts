// Of a SPICE desktop nobody but its maker numbers a frame: the tap is told of our sender's frames, and who watches the client of those
// that the tap saw, each on its own clock.

import { STEPS, type FrameBatch, type StepBatch } from '#core/recording';
import { UserError } from '#core/user-error';
import type { PassedFrames } from '#session/part';
import { monotonicUs } from '#system/clock';
import type { Batch } from '../agent-wire.ts';
import type { Agent } from './agent.ts';
import type { Director } from './director.ts';

const SEND = STEPS.indexOf('send');

export class PassedOn {
  readonly #director: Director;
  readonly #onError: (error: unknown) => void;

  constructor(director: Director, onError: (error: unknown) => void) {
    this.#director = director;
    this.#onError = onError;
  }

  /** What an agent told just now. */
  batch(agent: Agent, { frames, steps }: Batch): void {
    const director = this.#director;
    if (director.resolved?.kind !== 'spice' || (frames.length === 0 && steps.length === 0)) return;
    const tap = director.holder('relay');
    if (tap === null) return;
    if (director.lead === 'sender' && director.holder('sender')?.agent === agent)
      for (const batch of frames) this.#tell('relay', agent, tap.agent, encoded(batch));
    if (tap.agent !== agent) return;
    const client = director.holder('receiver');
    if (client === null) return;
    const codec = tap.state.actual['codec'] ?? null;
    for (const batch of steps)
      if (batch.role === agent.role) this.#tell('receiver', agent, client.agent, sent(batch, codec));
  }

  /** Lost where the other is away just now: those frames have no row of it then. */
  #tell(part: 'relay' | 'receiver', from: Agent, to: Agent, passed: PassedFrames): void {
    if (passed.frame.length === 0) return;
    const nowUs = monotonicUs();
    const [one, other] = [from.clock(nowUs), to.clock(nowUs)];
    if (one === null || other === null) return;
    const aheadUs = other.offsetUs - one.offsetUs;
    const ask = { ...passed, atUs: passed.atUs.map((us) => us + aheadUs) };
    to.ask({ name: 'part', part, command: 'passed', ask }).catch((error: unknown) => {
      if (!(error instanceof UserError)) this.#onError(error);
    });
  }
}

function encoded({ stream, timeBase: [num, den], frame, pts, bytes }: FrameBatch): PassedFrames {
  const atUs = Array.from(pts, (ticks) => (ticks * num * 1e6) / den);
  return { stream, frame: [...frame], bytes: [...bytes], atUs, codec: null };
}

function sent({ stream, frame, step, startUs, durationUs, outcome }: StepBatch, codec: string | null): PassedFrames {
  const rows = [...frame.keys()].filter((row) => step[row] === SEND && outcome[row] === 0 && durationUs[row]! >= 0);
  return {
    stream,
    frame: rows.map((row) => frame[row]!),
    bytes: rows.map(() => 0),
    atUs: rows.map((row) => startUs[row]! + durationUs[row]!),
    codec,
  };
}
