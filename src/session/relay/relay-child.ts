// The relay's process: forwards the stream to the receiver and feedback to the sender, over a network as bad as it was asked for.

import { seededRandom } from '#analysis/random';
import type { StepOutcome } from '#core/recording';
import type { NetworkConditions } from '#core/session';
import { monotonicUs } from '#system/clock';
import { formatNetwork } from '../network-setting.ts';
import { runPart } from '../part-channel.ts';
import type { RelaySpec } from '../part.ts';
import { MAX_FRAME_BYTES, PACKET, type Packet } from '../transport/packet.ts';
import { encodeCredit } from '../transport/stream-queue.ts';
import { ConditionedLink, MAX_QUEUE_BYTES, type LinkItem } from './conditioned-link.ts';
import { FrameSteps } from './frame-steps.ts';
import { RelayListener, type Peer } from './relay-listener.ts';

/** The same losses and jitter in each session. */
const FORWARD_SEED = 1;
const BACKWARD_SEED = 2;
/** A receiver over TCP that has not read so many bytes blocks the line. */
const MAX_UNREAD_BYTES = 1024 * 1024;
/** Bytes under way from a sender over TCP where no rate limits them. */
const FREE_WINDOW_BYTES = 4 * 1024 * 1024;
/** Feedback that waits; a report has 200 bytes. */
const MAX_FEEDBACK_BYTES = 1024 * 1024;
/** The sender hears of its credit at least every so many bytes. */
const CREDIT_STEP_BYTES = 64 * 1024;
const EXPIRE_INTERVAL_MS = 500;

interface Passing extends LinkItem {
  readonly from: Peer;
  readonly packet: Packet;
  readonly raw: Buffer;
}

runPart<RelaySpec>(async (spec, channel) => {
  const steps = new FrameSteps({
    onStep(stream, frame, step, startUs, durationUs, outcome) {
      channel.stream(stream);
      channel.step(frame, step, startUs, durationUs, -1, outcome);
    },
  });
  /** Of the sender's connection: bytes that left the queue, and what it was told. */
  const credit = { peer: null as Peer | null, passed: 0, told: 0, window: 0 };
  const left = (item: Passing, outcome: StepOutcome, nowUs: number) => {
    if (item.packet.kind === PACKET.frame) steps.left(item.packet, outcome, nowUs);
  };

  /** Given to the receiver's socket, and not with the kernel yet. */
  const underWay = new Set<Passing>();

  const forward = new ConditionedLink<Passing>(spec.network, monotonicUs(), seededRandom(FORWARD_SEED), {
    onPassed(item) {
      if (item.from !== credit.peer || item.packet.kind !== PACKET.frame) return;
      credit.passed += item.bytes;
      tellCredit();
    },
    onLeave(item, nowUs) {
      const receiver = listener.peer('receiver');
      if (receiver?.transport !== item.from.transport) return left(item, 'dropped', nowUs);
      underWay.add(item);
      receiver.wire.send(item.raw, () => {
        if (underWay.delete(item)) left(item, 'ok', monotonicUs());
      });
    },
    blocked: () => (listener.peer('receiver')?.wire.queuedBytes ?? 0) > MAX_UNREAD_BYTES,
  });
  const withoutRate = (network: NetworkConditions): NetworkConditions => ({ ...network, rate: [] });
  const backward = new ConditionedLink<Passing>(withoutRate(spec.network), monotonicUs(), seededRandom(BACKWARD_SEED), {
    onPassed() {},
    onLeave(item) {
      const sender = listener.peer('sender');
      if (sender?.transport === item.from.transport) sender.wire.send(item.raw);
    },
    blocked: () => (listener.peer('sender')?.wire.queuedBytes ?? 0) > MAX_UNREAD_BYTES,
  });
  const moveForward = mover(forward);
  const moveBackward = mover(backward);

  const tellCredit = () => {
    const { peer } = credit;
    if (peer?.transport !== 'tcp') return;
    const limit = forward.queueLimit(monotonicUs());
    const window = Math.round(Math.min(limit, FREE_WINDOW_BYTES));
    if (window === credit.window && credit.passed - credit.told < Math.min(CREDIT_STEP_BYTES, window / 4)) return;
    credit.told = credit.passed;
    credit.window = window;
    peer.wire.send(peer.wire.raw(encodeCredit({ passed: credit.passed, window })));
  };

  const listener: RelayListener = new RelayListener(spec.token, {
    onPeer(peer) {
      if (peer.side !== 'sender') return;
      Object.assign(credit, { peer, passed: 0, told: 0, window: 0 });
      tellCredit();
    },
    onPeerGone(peer) {
      if (credit.peer === peer) credit.peer = null;
      if (peer.side !== 'receiver') return;
      const nowUs = monotonicUs();
      for (const item of underWay) left(item, 'lost', nowUs);
      underWay.clear();
    },
    onPacket(peer, packet, raw) {
      const nowUs = monotonicUs();
      const mayBeLost = peer.transport === 'udp';
      const item: Passing = { from: peer, packet, raw, bytes: raw.length, group: packet.frame, mayBeLost };
      if (peer.side === 'receiver') {
        if (packet.kind !== PACKET.keyframe && packet.kind !== PACKET.report) return;
        if (backward.queueBytes > MAX_FEEDBACK_BYTES) listener.drop(peer, 'it floods the relay');
        else if (backward.push(item, nowUs)) moveBackward(nowUs);
      } else if (forward.queueBytes > MAX_QUEUE_BYTES + MAX_FRAME_BYTES)
        listener.drop(peer, 'it takes no notice of its credit');
      else if (packet.kind === PACKET.config) {
        if (forward.push(item, nowUs)) moveForward(nowUs);
      } else if (packet.kind === PACKET.frame) {
        steps.arrived(packet, peer.stream, nowUs);
        if (forward.push(item, nowUs)) moveForward(nowUs);
        else left(item, 'lost', nowUs);
      }
    },
    onRefused: (why, times) =>
      channel.message(times === 1 ? `the relay refused somebody: ${why}` : `the relay refused ${times} times: ${why}`),
  });

  const address = await listener.listen(spec.listen);
  const tell = (network: NetworkConditions) => channel.running({ network: formatNetwork(network) }, address);
  setInterval(() => steps.expire(monotonicUs()), EXPIRE_INTERVAL_MS);
  tell(spec.network);
  return {
    commands: {
      network({ network }) {
        const nowUs = monotonicUs();
        forward.change(network, nowUs);
        backward.change(withoutRate(network), nowUs);
        tellCredit();
        tell(network);
        return null;
      },
    },
    stop: () => listener.close(),
  };
});

/** Moves a link now and whenever something is due on it. */
function mover<Item extends LinkItem>(link: ConditionedLink<Item>): (nowUs: number) => void {
  let timer: NodeJS.Timeout | null = null;
  const move = (nowUs: number) => {
    if (timer !== null) clearTimeout(timer);
    const nextUs = link.advance(nowUs);
    timer = nextUs === Infinity ? null : setTimeout(() => move(monotonicUs()), (nextUs - nowUs) / 1000);
  };
  return move;
}
