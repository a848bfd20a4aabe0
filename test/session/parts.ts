// Parts of a session on 127.0.0.1, each told apart, with everything that they tell: for tests of what lies between them.

import { setTimeout as sleep } from 'node:timers/promises';
import { STEPS, STEP_OUTCOMES, type StepBatch } from '#core/recording';
import { PART_ROLES, type NetworkConditions, type Transport } from '#core/session';
import type { Settings } from '#core/settings';
import { parseNetwork } from '#session/network-setting';
import type { PartSpec, RelayAddress, RunningPart } from '#session/part';
import { startPart } from '#session/start-part';
import type { SenderLink } from '#session/transport/media';
import { connectSender } from '#session/transport/sender-link';

export const TOKEN = 'a token of this test';
export const SMALL: Settings = {
  source: 'lavfi:testsrc2=size=320x180:rate=30',
  encoder: 'libx264',
  framerate: 30,
  bitrate: '1M',
};
const COMMON = { session: 'test', token: TOKEN };

export interface StepRow {
  readonly stream: string;
  readonly role: string;
  readonly frame: number;
  readonly step: string;
  readonly startUs: number;
  readonly durationUs: number;
  readonly outcome: string;
}

export function stepRows({ stream, role, frame, step, startUs, durationUs, outcome }: StepBatch): StepRow[] {
  return Array.from(frame, (number, i) => ({
    stream,
    role,
    frame: number,
    step: STEPS[step[i]!]!,
    startUs: startUs[i]!,
    durationUs: durationUs[i]!,
    outcome: STEP_OUTCOMES[outcome[i]!]!,
  }));
}

/** A part at work, and all that it has told. */
export class TellingPart {
  readonly steps: StepRow[] = [];
  readonly captureUs = new Map<number, number>();
  readonly messages: string[] = [];
  readonly pictures: { width: number; height: number; jpeg: Uint8Array }[] = [];
  readonly actual: Record<string, string>[] = [];
  address: RelayAddress | null = null;
  ended = false;
  readonly part: RunningPart;

  constructor(spec: PartSpec) {
    this.part = startPart(spec, {
      frames: (batch) => batch.frame.forEach((frame, i) => this.captureUs.set(frame, batch.pts[i]!)),
      steps: (batch) => this.steps.push(...stepRows(batch)),
      running: ({ actual, address }) => {
        this.actual.push(actual);
        this.address = address;
      },
      message: (text) => this.messages.push(text),
      picture: (picture) => this.pictures.push(picture),
    });
    void this.part.result.then(() => (this.ended = true));
  }

  of(step: string, outcome = 'ok'): StepRow[] {
    return this.steps.filter((row) => row.step === step && row.outcome === outcome);
  }
}

export type TellingRelay = TellingPart & { readonly address: RelayAddress };

/** Starts parts, and ends them with the test. */
export class PartStarter {
  readonly #started: RunningPart[] = [];

  constructor(onTestFinished: (end: () => Promise<void>) => void) {
    onTestFinished(async () => {
      for (const part of this.#started) part.kill();
      await Promise.all(this.#started.map((part) => part.result));
    });
  }

  async relay(conditions = 'none', port = 0): Promise<TellingRelay> {
    const listen = { host: '127.0.0.1', port };
    const network = conditionsOf(conditions);
    const relay = this.#start({ ...COMMON, stream: 'video', part: 'relay', role: PART_ROLES.relay, listen, network });
    await until('a relay', () => relay.address !== null || relay.ended);
    return relay as TellingRelay;
  }

  receiver(transport: Transport, relay: RelayAddress): TellingPart {
    const role = PART_ROLES.receiver;
    return this.#start({ ...COMMON, stream: 'video', part: 'receiver', role, transport, relay });
  }

  sender(transport: Transport, relay: RelayAddress, settings: Settings = SMALL, stream = 'video'): TellingPart {
    const role = PART_ROLES.sender;
    return this.#start({ ...COMMON, stream, part: 'sender', role, transport, relay, settings });
  }

  async session(transport: Transport, conditions = 'none', settings?: Settings) {
    const relay = await this.relay(conditions);
    const receiver = this.receiver(transport, relay.address);
    const sender = this.sender(transport, relay.address, settings);
    return { relay, receiver, sender };
  }

  #start(spec: PartSpec): TellingPart {
    const telling = new TellingPart(spec);
    this.#started.push(telling.part);
    return telling;
  }
}

/** A sender's link in this process, and what it told. */
export function ownLink(
  transport: Transport,
  relay: RelayAddress,
  token: string,
): { link: SenderLink; told: string[] } {
  const told: string[] = [];
  const link = connectSender(
    { transport, relay, token, stream: 'video' },
    {
      onKeyframeWanted: () => told.push('keyframe'),
      onReport: () => {},
      onSent: () => {},
      onConnection: (connected, why) => told.push(connected ? 'connected' : String(why)),
    },
  );
  return { link, told };
}

export function conditionsOf(text: string): NetworkConditions {
  const parsed = parseNetwork(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.ok;
}

/** Waits until something holds; a minute at most, for machines that have much to do. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 3000) throw new Error(`${what} did not come about`);
    await sleep(20);
  }
}
