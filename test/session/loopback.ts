// A session of real parts on 127.0.0.1, with all that they tell: for tests and benchmarks.

import { STEPS, STEP_OUTCOMES, type Step, type StepOutcome } from '#core/recording';
import type { Transport } from '#core/session';
import type { Settings } from '#core/settings';
import { parseNetwork } from '#session/network-setting';
import type { PartSink, RelayAddress, RunningPart } from '#session/part';
import { startPart } from '#session/start-part';

export const TEST_TOKEN = 'a token of a test';
const COMMON = { session: 'test', stream: 'video', token: TEST_TOKEN };

export interface ToldFrame {
  readonly frame: number;
  readonly sourceFrame: number;
  readonly captureUs: number;
  readonly key: boolean;
  readonly bytes: number;
}

export interface ToldStep {
  readonly frame: number;
  readonly step: Step;
  readonly outcome: StepOutcome;
  readonly startUs: number;
  readonly durationUs: number;
}

/** What one part told so far. */
export class Told implements PartSink {
  readonly allFrames: ToldFrame[] = [];
  readonly allSteps: ToldStep[] = [];
  readonly messages: string[] = [];
  actual: Readonly<Record<string, string>> | null = null;
  address: RelayAddress | null = null;
  /** As they were told, one after the other where they differ. */
  readonly notes: (string | null)[] = [];

  get note(): string | null {
    return this.notes.at(-1) ?? null;
  }

  readonly frames: PartSink['frames'] = (batch) => {
    for (let i = 0; i < batch.frame.length; i++)
      this.allFrames.push({
        frame: batch.frame[i]!,
        sourceFrame: batch.sourceFrame[i]!,
        captureUs: batch.pts[i]!,
        key: batch.key[i] === 1,
        bytes: batch.bytes[i]!,
      });
  };

  readonly steps: PartSink['steps'] = (batch) => {
    for (let i = 0; i < batch.frame.length; i++)
      this.allSteps.push({
        frame: batch.frame[i]!,
        step: STEPS[batch.step[i]!]!,
        outcome: STEP_OUTCOMES[batch.outcome[i]!]!,
        startUs: batch.startUs[i]!,
        durationUs: batch.durationUs[i]!,
      });
  };

  readonly running: PartSink['running'] = ({ actual, address, note }) => {
    this.actual = actual;
    this.address = address;
    if (this.notes.length === 0 || note !== this.note) this.notes.push(note);
  };

  readonly message = (text: string) => void this.messages.push(text);
  readonly picture = () => undefined;

  /** Numbers of the frames with that step and outcome. */
  of(step: Step, outcome: StepOutcome = 'ok'): number[] {
    return this.allSteps.filter((each) => each.step === step && each.outcome === outcome).map(({ frame }) => frame);
  }
}

export interface Loopback {
  readonly sender: RunningPart;
  readonly relay: RunningPart;
  readonly receiver: RunningPart;
  readonly told: Readonly<Record<'sender' | 'relay' | 'receiver', Told>>;
  stop(): Promise<void>;
}

/** A relay and a receiver of a session whose sender somebody else starts. */
export interface RelayAndReceiver {
  readonly relay: RunningPart;
  readonly receiver: RunningPart;
  readonly address: RelayAddress;
  readonly told: Readonly<Record<'relay' | 'receiver', Told>>;
  stop(): Promise<void>;
}

export async function startRelayAndReceiver(settings: Settings, network = 'none'): Promise<RelayAndReceiver> {
  const parsed = parseNetwork(network);
  if ('problem' in parsed) throw new Error(parsed.problem);
  const told = { relay: new Told(), receiver: new Told() };
  const listen = { host: '127.0.0.1', port: 0 };
  const relay = startPart({ part: 'relay', role: 'server', listen, network: parsed.ok, ...COMMON }, told.relay);
  await until(() => told.relay.address !== null);
  const address = told.relay.address!;
  const transport = transportOf(settings);
  const receiver = startPart({ part: 'receiver', role: 'client', transport, relay: address, ...COMMON }, told.receiver);
  return { relay, receiver, address, told, stop: () => stopParts([receiver, relay]) };
}

export async function startLoopback(settings: Settings, network = 'none'): Promise<Loopback> {
  const others = await startRelayAndReceiver(settings, network);
  const told = { ...others.told, sender: new Told() };
  const { relay, receiver, address } = others;
  const spec = { part: 'sender', role: 'guest', settings, relay: address, ...COMMON } as const;
  const sender = startPart({ ...spec, transport: transportOf(settings) }, told.sender);
  return { sender, relay, receiver, told, stop: () => stopParts([sender, receiver, relay]) };
}

function transportOf(settings: Settings): Transport {
  return (settings['transport'] ?? 'tcp') as Transport;
}

async function stopParts(parts: readonly RunningPart[]): Promise<void> {
  for (const part of parts) await part.command('stop', {}).catch(() => part.kill());
  await Promise.all(parts.map(({ result }) => result));
}

/** Waits until something is so. @throws where it does not come about */
export async function until(holds: () => boolean, limitMs = 60_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`it did not come about in ${limitMs} ms: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
