// The tap's process: stands between SPICE clients and their server as long as its agent, and tells of a session while it is watched.

import type { NetworkConditions } from '#core/session';
import { UserError } from '#core/user-error';
import { monotonicUs } from '#system/clock';
import { formatNetwork, NO_NETWORK } from '../../network-setting.ts';
import { runPart } from '../../part-channel.ts';
import type { PartCommands, RelaySpec } from '../../part.ts';
import type { ClientWish, Compression } from '../client-wish.ts';
import { SpiceTap } from '../tap.ts';
import { CodecSwitch } from './codec-switch.ts';
import { PolledLatencyLog } from './latency-log.ts';
import { TapSight } from './tap-sight.ts';

/** How often the sender's frames are given up that the tap has not seen. */
const SETTLE_MS = 500;

runPart<RelaySpec>(async (spec, channel) => {
  const agent = spec.spice?.agent ?? null;
  if (agent === null || agent.tap === null)
    throw new UserError({
      what: 'there is no SPICE server to stand before',
      todo: 'Start its agent with --spice-server HOST:PORT --spice-listen PORT.',
    });
  const sight = new TapSight(channel);
  const codecSwitch = new CodecSwitch();
  const force = { network: NO_NETWORK, compression: null as Compression | null };
  let lastTold = '';
  let refusal: UserError | null = null;

  const tap = new SpiceTap(
    { listen: spec.listen, server: agent.tap.server },
    {
      onChannel: (number, name) => sight.linked(number, name),
      onChannelEnd(number, why) {
        sight.ended(number);
        if (!sight.hasClient) codecSwitch.giveUp();
        tell();
        // Clients go as they like; a server that is not there is somebody's matter.
        if (why?.includes('server') === true) sight.say(`a SPICE connection ended: ${why}`);
      },
      onStream(_, stream) {
        sight.began(stream);
        codecSwitch.began(stream.codec, stream.atUs);
        tell();
      },
      onStreamEnd() {},
      onFrame: (_, frame) => sight.frame(frame),
      onReport: (number, report) => sight.report(number, report),
      onReportsAsked() {},
      onRoundTrip: (_, atUs, us) => sight.roundTrip(atUs, us),
      onMultiMediaTime() {},
      onUnread: (_, side, why) => sight.say(`a SPICE channel is forwarded and not read any more: ${side}: ${why}`),
      onWish(_, wish, why) {
        if (why === null) {
          force.compression = wish.compression ?? force.compression;
          return tell();
        }
        refusal = new UserError({ what: why });
        if (!codecSwitch.refused(refusal)) sight.say(`the client can't be made to prefer something: ${why}`);
      },
    },
  );
  const port = await tap.start();
  const log =
    agent.log === null
      ? null
      : new PolledLatencyLog(
          agent.log,
          (record) => sight.server(record),
          (why) => channel.message(why),
        );

  /** What is in force, where it is not what was told last. */
  const tell = () => {
    const { codec } = sight;
    const actual = {
      network: formatNetwork(force.network),
      ...(codec === null ? {} : { codec }),
      ...(force.compression === null ? {} : { compression: force.compression }),
    };
    const text = JSON.stringify(actual);
    if (text === lastTold) return;
    lastTold = text;
    // Rows that wait are of before.
    channel.flush();
    channel.running(actual, { host: spec.listen.host, port });
  };
  const setNetwork = (network: NetworkConditions) => {
    force.network = network;
    tap.setNetwork(network);
  };
  const putIn = (wish: ClientWish) => {
    if (wish.codecs !== undefined || wish.compression !== undefined) tap.prefer(wish);
  };
  const forget = () => {
    codecSwitch.giveUp();
    tap.preferNothing();
    force.compression = null;
  };
  const takeRefusal = () => {
    const last = refusal;
    refusal = null;
    return last;
  };
  const watch = ({ stream, network, wish, numberedBy }: Omit<PartCommands['watch']['ask'], 'session'>) => {
    forget();
    putIn(wish);
    setNetwork(network);
    sight.watch(stream, numberedBy);
    tell();
  };

  if (spec.session === '') tell();
  else watch({ ...spec, ...spec.spice! });
  setInterval(() => sight.settle(monotonicUs()), SETTLE_MS);
  return {
    commands: {
      watch(ask) {
        watch(ask);
        return null;
      },
      unwatch() {
        sight.unwatch();
        forget();
        setNetwork(NO_NETWORK);
        tell();
        return null;
      },
      network({ network }) {
        setNetwork(network);
        tell();
        return null;
      },
      async prefer({ wish }) {
        const sinceUs = monotonicUs();
        const [first] = wish.codecs ?? [];
        takeRefusal();
        codecSwitch.giveUp();
        putIn(wish);
        const why = takeRefusal();
        if (why !== null) throw why;
        if (first === undefined || !sight.hasClient || sight.codec === first)
          return { codec: sight.codec, switchMs: null };
        const switchMs = await codecSwitch.wait(first, sinceUs, () =>
          channel.message(
            `no stream of ${first} began: the server may have no such encoder, or nothing moves on its screen`,
          ),
        );
        return { codec: sight.codec, switchMs };
      },
      passed(frames) {
        sight.passed(frames, monotonicUs());
        return null;
      },
      mark: ({ leadMs }) => sight.numbered.ahead(leadMs, monotonicUs()),
      unmark: () => sight.numbered.last,
    },
    async stop() {
      codecSwitch.giveUp();
      log?.close();
      await tap.close();
    },
  };
});
