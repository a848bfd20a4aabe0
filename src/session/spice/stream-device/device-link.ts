// The sender's link to a SPICE server through the stream device: obeys its start and stop, begins each stream with its format and a
// keyframe, and opens the device again where the host has closed it.

import { monotonicUs } from '#system/clock';
import { ReportMeter } from '../../receiver/report-meter.ts';
import type { MediaConfig, MediaFrame, SenderLink, SenderLinkEvents } from '../../transport/media.ts';
import { videoCodecNumber } from '../protocol.ts';
import { spiceCodec } from './codec-names.ts';
import { openDevice, type DeviceEnd } from './device-end.ts';
import { ServerMessageReader, type ServerMessage } from './message-reader.ts';
import { capabilitiesMessage, dataMessage, formatMessage } from './messages.ts';

/** The device is opened again after this time, milliseconds. */
const REOPEN_MS = 1_000;
/** A message that has begun must be complete in this time, milliseconds. */
const HALF_MESSAGE_MS = 5_000;
/** Larger frames are dropped, and no more bytes wait: far above the bound at which frames are dropped before they are encoded. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;
const MAX_QUEUED_BYTES = 2 * MAX_FRAME_BYTES;
/** What the device took is told so often, milliseconds: adaptation follows it. What happens behind the device it can't tell. */
const REPORT_MS = 100;

export interface DeviceLinkOptions {
  readonly path: string;
  /** A client came that shows these: what is encoded may be changed before the stream begins. */
  onCodecs(codecs: readonly string[]): Promise<void>;
}

export class DeviceLink implements SenderLink {
  readonly #options: DeviceLinkOptions;
  readonly #events: SenderLinkEvents;
  #meter = new ReportMeter(monotonicUs());
  #reports: NodeJS.Timeout | null = null;
  #end: DeviceEnd | null = null;
  #reader = new ServerMessageReader(() => undefined);
  #config: MediaConfig | null = null;
  /** What the client shows; null while nothing is to be sent. */
  #codecs: readonly string[] | null = null;
  /** What the server was told of the stream; null where it must be told before the next frame. */
  #told: string | null = null;
  #connected = false;
  #closed = false;
  #why: string | null = null;
  #reopen: NodeJS.Timeout | null = null;
  #half: NodeJS.Timeout | null = null;

  constructor(options: DeviceLinkOptions, events: SenderLinkEvents) {
    this.#options = options;
    this.#events = events;
    this.#open();
  }

  get connected(): boolean {
    return this.#connected;
  }

  get queuedBytes(): number {
    return this.#end?.queuedBytes ?? 0;
  }

  /** Why frames of this codec would be shown to nobody; null where they would. */
  refuses(codec: string): string | null {
    const name = spiceCodec(codec);
    if (videoCodecNumber(name) === null) return `SPICE has no ${name}: mjpeg, vp8, h264, vp9, h265`;
    if (this.#codecs === null || this.#codecs.includes(name)) return null;
    return `the client does not show ${name}: ${listOf(this.#codecs)}`;
  }

  config(config: MediaConfig): void {
    this.#config = config;
    if (this.#codecs !== null && !this.#connected) this.#begin();
  }

  bitrate(): void {}

  frame({ frame, captureUs, key, data }: MediaFrame): boolean {
    const end = this.#end;
    if (!this.#connected || this.#config === null || end === null) return false;
    if (data.length === 0 || data.length > MAX_FRAME_BYTES) return false;
    if (end.queuedBytes + data.length > MAX_QUEUED_BYTES) return false;
    const { width, height, codec } = this.#config;
    const stream = `${codec} ${width}x${height}`;
    if (stream !== this.#told) {
      if (!key) return false;
      end.write(formatMessage(width, height, videoCodecNumber(spiceCodec(codec))!));
      this.#told = stream;
    }
    end.write(dataMessage(data), () => {
      const sentUs = monotonicUs();
      this.#meter.received(frame, data.length, captureUs, sentUs);
      this.#meter.presented();
      this.#events.onSent(frame, sentUs);
    });
    return true;
  }

  close(): void {
    this.#closed = true;
    if (this.#reopen !== null) clearTimeout(this.#reopen);
    this.#expectWhole(false);
    this.#report(false);
    this.#end?.close();
    this.#end = null;
    this.#connected = false;
  }

  #open(): void {
    this.#reopen = null;
    this.#reader = new ServerMessageReader((message) => this.#obey(message));
    this.#end = openDevice(this.#options.path, {
      onOpen: () => undefined,
      onBytes: (bytes) => {
        const reader = this.#reader;
        reader.push(bytes);
        this.#expectWhole(reader.isHalf);
        if (reader.fault !== null) this.#giveUp(`what the SPICE server says can't be read: ${reader.fault}`);
      },
      onGone: (why) => this.#giveUp(`the stream device is not there: ${why}`),
    });
  }

  #obey(message: ServerMessage): void {
    if (this.#end === null) return;
    if (message.kind === 'capabilities') {
      this.#why = null;
      this.#end.write(capabilitiesMessage());
    } else if (message.kind === 'error') {
      const text = message.text === '' ? `error ${message.code}` : message.text;
      this.#giveUp(`the SPICE server takes no more: ${text}`);
    } else if (message.kind === 'stop') {
      this.#halt(this.#codecs === null ? null : 'the SPICE server wants no stream: no client is there');
      this.#codecs = null;
    } else {
      this.#halt(null);
      const { codecs } = message;
      this.#codecs = codecs;
      void this.#options.onCodecs(codecs).then(() => {
        if (this.#codecs === codecs && !this.#connected) this.#begin();
      });
    }
  }

  /** Streams where the client shows what is encoded. */
  #begin(): void {
    if (this.#config === null || this.#codecs === null) return;
    const name = spiceCodec(this.#config.codec);
    if (!this.#codecs.includes(name)) return;
    this.#connected = true;
    this.#report(true);
    this.#events.onConnection(true, `the SPICE server wants a stream: ${name} of ${listOf(this.#codecs)}`);
  }

  /** Sends no more of the stream at work. */
  #halt(why: string | null): void {
    this.#end?.clear();
    this.#told = null;
    this.#report(false);
    if (!this.#connected && why === null) return;
    this.#connected = false;
    this.#events.onConnection(false, why);
  }

  /** Closes the device and opens it again in a while; the same reason is told once. */
  #giveUp(why: string): void {
    if (this.#closed || this.#reopen !== null) return;
    this.#end?.close();
    this.#end = null;
    this.#expectWhole(false);
    this.#codecs = null;
    this.#halt(why === this.#why ? null : why);
    this.#why = why;
    this.#reopen = setTimeout(() => this.#open(), REOPEN_MS);
  }

  #report(go: boolean): void {
    if (this.#reports !== null) clearInterval(this.#reports);
    this.#meter = new ReportMeter(monotonicUs());
    this.#reports = go ? setInterval(() => this.#events.onReport(this.#meter.take(monotonicUs())), REPORT_MS) : null;
  }

  #expectWhole(isHalf: boolean): void {
    if (this.#half !== null) clearTimeout(this.#half);
    const late = () =>
      this.#giveUp(`the SPICE server ended in the middle of a message, ${HALF_MESSAGE_MS / 1000} s ago`);
    this.#half = isHalf ? setTimeout(late, HALF_MESSAGE_MS) : null;
  }
}

function listOf(codecs: readonly string[]): string {
  return codecs.length === 0 ? 'nothing that is known' : codecs.join(', ');
}
