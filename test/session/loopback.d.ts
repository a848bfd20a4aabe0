import { type Step, type StepOutcome } from '#core/recording';
import type { Settings } from '#core/settings';
import type { PartSink, RelayAddress, RunningPart } from '#session/part';
export declare const TEST_TOKEN = "a token of a test";
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
export declare class Told implements PartSink {
    readonly allFrames: ToldFrame[];
    readonly allSteps: ToldStep[];
    readonly messages: string[];
    actual: Readonly<Record<string, string>> | null;
    address: RelayAddress | null;
    readonly frames: PartSink['frames'];
    readonly steps: PartSink['steps'];
    readonly running: PartSink['running'];
    readonly message: (text: string) => undefined;
    readonly picture: () => undefined;
    /** Numbers of the frames with that step and outcome. */
    of(step: Step, outcome?: StepOutcome): number[];
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
export declare function startRelayAndReceiver(settings: Settings, network?: string): Promise<RelayAndReceiver>;
export declare function startLoopback(settings: Settings, network?: string): Promise<Loopback>;
/** Waits until something is so. @throws where it does not come about */
export declare function until(holds: () => boolean, limitMs?: number): Promise<void>;
