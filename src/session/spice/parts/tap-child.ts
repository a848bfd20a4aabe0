// The tap's process: stands between SPICE clients and their server as long as its agent, and tells of a session while it is watched.

import type { NetworkConditions } from '#core/session';
import { UserError } from '#core/user-error';
import { monotonicUs } from '#system/clock';
import { formatNetwork, NO_NETWORK } from '../../network-setting.ts';
import { runPart } from '../../part-channel.ts';
import type { PartCommands, RelaySpec } from '../../part.ts';
import type { ClientWish, Compression } from '../client-wish.ts';
import { SpiceTap } from '../tap.ts';
import { CodecSwitch, noSwitchBecause, queueTimeMs, type SwitchEnd } from './codec-switch.ts';
import { PolledLatencyLog } from './latency-log.ts';
import { ServerPresence } from './server-presence.ts';
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
      onChannel(number, name) {
        sight.linked(number, name);
        tell();
      },
      onChannelEnd(number, why) {
        const isServers = why?.includes('server') === true;
        // A client that goes may have lost its server; one that can't come, too.
        if (sight.ended(number) || isServers) lookForServer();
        if (!sight.hasClient) codecSwitch.giveUp();
        tell();
        // Clients go as they like; a server that is not there is somebody's matter.
        if (isServers) sight.say(`a SPICE connection ended: ${why}`);
      },
      onStream(_, stream) {
        sight.began(stream);
        codecSwitch.began(stream.codec, stream.atUs);
        tell();
      },
      onStreamEnd() {},
      onStreamClip() {},
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
        if (!codecSwitch.refused(refusal)) sayRefused(why);
      },
    },
  );
  const server = new ServerPresence(agent.tap.server, () => tell());
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
    const note = sight.hasClient ? null : (server.gone ?? sight.withoutClient);
    const text = JSON.stringify([actual, note]);
    if (text === lastTold) return;
    lastTold = text;
    // Rows that wait are of before.
    channel.flush();
    channel.running(actual, { host: spec.listen.host, port }, note);
  };
  let networkTurn = 0;
  /** Where no client is there nothing else would tell that the server has gone. */
  const lookForServer = () => {
    if (!sight.hasClient) void server.look().then(() => sight.sayGone(server.gone));
  };
  const setNetwork = (network: NetworkConditions) => {
    networkTurn++;
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
  const sayRefused = (why: string) => sight.say(`the client can't be made to prefer something: ${why}`);
  /**
   * Resolves when a stream of the first codec has begun, at once where none has to begin, or when nobody waits for it any more.
   * @throws UserError where the client can't be made to prefer it
   */
  const switchTo = async (wish: ClientWish): Promise<SwitchEnd> => {
    const sinceUs = monotonicUs();
    const [first] = wish.codecs ?? [];
    takeRefusal();
    codecSwitch.giveUp();
    putIn(wish);
    const why = takeRefusal();
    if (why !== null) throw why;
    if (first === undefined || !sight.hasClient || sight.codec === first) return { switchMs: null, isOpen: false };
    return codecSwitch.wait(first, sinceUs, queueTimeMs(force.network), () =>
      channel.message(`no stream of ${first} began: the server ${noSwitchBecause(force.network)}`),
    );
  };
  /** The network comes after the switch of the codec, which a narrow line would keep waiting behind what the server has sent before. */
  const watch = async ({ stream, network, wish, numberedBy }: Omit<PartCommands['watch']['ask'], 'session'>) => {
    forget();
    sight.watch(stream, numberedBy);
    lookForServer();
    setNetwork(NO_NETWORK);
    const turn = networkTurn;
    const switched = switchTo(wish).catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      sayRefused(error.problems[0]!.what);
    });
    tell();
    if (formatNetwork(network) !== formatNetwork(NO_NETWORK)) await switched;
    if (turn === networkTurn) setNetwork(network);
    tell();
  };

  if (spec.session === '') tell();
  else await watch({ ...spec, ...spec.spice! });
  setInterval(() => sight.settle(monotonicUs()), SETTLE_MS);
  return {
    commands: {
      async watch(ask) {
        await watch(ask);
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
        lookForServer();
        const end = await switchTo(wish);
        return { codec: sight.codec, ...end };
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
      server.close();
      await tap.close();
    },
  };
});
