// A session of real parts on 127.0.0.1, with all that they tell: for tests and benchmarks.
import { STEPS, STEP_OUTCOMES } from '#core/recording';
import { parseNetwork } from '#session/network-setting';
import { startPart } from '#session/start-part';
export const TEST_TOKEN = 'a token of a test';
const COMMON = { session: 'test', stream: 'video', token: TEST_TOKEN };
/** What one part told so far. */
export class Told {
    allFrames = [];
    allSteps = [];
    messages = [];
    actual = null;
    address = null;
    frames = (batch) => {
        for (let i = 0; i < batch.frame.length; i++)
            this.allFrames.push({
                frame: batch.frame[i],
                sourceFrame: batch.sourceFrame[i],
                captureUs: batch.pts[i],
                key: batch.key[i] === 1,
                bytes: batch.bytes[i],
            });
    };
    steps = (batch) => {
        for (let i = 0; i < batch.frame.length; i++)
            this.allSteps.push({
                frame: batch.frame[i],
                step: STEPS[batch.step[i]],
                outcome: STEP_OUTCOMES[batch.outcome[i]],
                startUs: batch.startUs[i],
                durationUs: batch.durationUs[i],
            });
    };
    running = ({ actual, address }) => {
        this.actual = actual;
        this.address = address;
    };
    message = (text) => void this.messages.push(text);
    picture = () => undefined;
    /** Numbers of the frames with that step and outcome. */
    of(step, outcome = 'ok') {
        return this.allSteps.filter((each) => each.step === step && each.outcome === outcome).map(({ frame }) => frame);
    }
}
export async function startRelayAndReceiver(settings, network = 'none') {
    const parsed = parseNetwork(network);
    if ('problem' in parsed)
        throw new Error(parsed.problem);
    const told = { relay: new Told(), receiver: new Told() };
    const listen = { host: '127.0.0.1', port: 0 };
    const relay = startPart({ part: 'relay', role: 'server', listen, network: parsed.ok, ...COMMON }, told.relay);
    await until(() => told.relay.address !== null);
    const address = told.relay.address;
    const transport = transportOf(settings);
    const receiver = startPart({ part: 'receiver', role: 'client', transport, relay: address, ...COMMON }, told.receiver);
    return { relay, receiver, address, told, stop: () => stopParts([receiver, relay]) };
}
export async function startLoopback(settings, network = 'none') {
    const others = await startRelayAndReceiver(settings, network);
    const told = { ...others.told, sender: new Told() };
    const { relay, receiver, address } = others;
    const spec = { part: 'sender', role: 'guest', settings, relay: address, ...COMMON };
    const sender = startPart({ ...spec, transport: transportOf(settings) }, told.sender);
    return { sender, relay, receiver, told, stop: () => stopParts([sender, receiver, relay]) };
}
function transportOf(settings) {
    return (settings['transport'] ?? 'tcp');
}
async function stopParts(parts) {
    for (const part of parts)
        await part.command('stop', {}).catch(() => part.kill());
    await Promise.all(parts.map(({ result }) => result));
}
/** Waits until something is so. @throws where it does not come about */
export async function until(holds, limitMs = 20_000) {
    const end = performance.now() + limitMs;
    while (!holds()) {
        if (performance.now() > end)
            throw new Error(`it did not come about in ${limitMs} ms: ${holds.toString()}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
}
//# sourceMappingURL=loopback.js.map