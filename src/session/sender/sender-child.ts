// The sender of a session: a child process of the guest's agent.

import { Log } from 'node-av/lib';
import { AV_LOG_ERROR } from 'node-av/constants';
import { UserError } from '#core/user-error';
import { runPart, type PartChannel, type PartWork } from '../part-channel.ts';
import type { SenderSpec } from '../part.ts';
import { DeviceStream } from '../spice/stream-device/device-stream.ts';
import { FrameNotes } from './frame-notes.ts';
import { knownEncoders } from './known-encoders.ts';
import { RelayEnd } from './relay-end.ts';
import { parametersOrThrow, resolveOrThrow, SenderSettings } from './sender-settings.ts';
import { StreamEncoder } from './stream-encoder.ts';
import { openFirst, StreamSender } from './stream-sender.ts';

runPart<SenderSpec>(start);

async function start(spec: SenderSpec, channel: PartChannel): Promise<PartWork> {
  Log.setLevel(AV_LOG_ERROR);
  const encoders = knownEncoders();
  const session = resolveOrThrow(spec.settings, encoders);
  const { device } = spec;
  const end =
    device === undefined
      ? new RelayEnd(spec)
      : new DeviceStream({
          stream: spec.stream,
          device,
          encoders,
          settings: () => settings,
          tell: (text) => channel.message(text),
        });
  const source = await openFirst(session.source);
  const notes = new FrameNotes();
  const opened = await StreamEncoder.open(parametersOrThrow(session, encoders, source), source.picture, notes);
  if ('error' in opened) throw new UserError({ what: opened.error, where: opened.setting ?? session.encoder });
  const sender = new StreamSender(end, channel, source, opened.encoder, notes, (report) => settings.report(report));
  const settings = new SenderSettings(channel, encoders, sender, spec.settings, session);
  return {
    commands: {
      control: ({ changes }) => settings.control(changes),
      connect({ relay }) {
        if (end instanceof RelayEnd) end.move(relay);
        return null;
      },
      keyframe() {
        sender.keyframe();
        return null;
      },
      mark: (ask) => sender.mark(ask),
      unmark: () => sender.unmark(),
    },
    stop: () => sender.stop(),
  };
}
