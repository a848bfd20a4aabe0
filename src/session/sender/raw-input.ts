// Devices and displays as FFmpeg opens them: an input with one video stream, and the decoder that unpacks its pictures.

import {
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  FormatContext,
  InputFormat,
  type Frame,
  type Packet,
  type Stream,
} from 'node-av/lib';
import { AVERROR_EAGAIN } from 'node-av/constants';
import { EncodeFailure, failureOf } from '#media/bundled/encode-failure';

export class RawInput {
  readonly format = new FormatContext();
  readonly stream: Stream;
  readonly #decoder = new CodecContext();
  readonly #name: string;

  /**
   * @param name of the input format: `x11grab`
   * @throws EncodeFailure with FFmpeg's reason
   */
  constructor(name: string, url: string, options: Readonly<Record<string, string>>) {
    this.#name = url;
    const input = InputFormat.findInputFormat(name);
    if (input === null) throw new EncodeFailure(`this FFmpeg has no ${name}`);
    const dictionary = Dictionary.fromObject(options);
    const code = this.format.openInputSync(url, input, dictionary);
    dictionary.free();
    if (code < 0) throw new EncodeFailure(FFmpegError.strerror(code));
    const stream = this.format.streams[0];
    const codec = stream === undefined ? null : Codec.findDecoder(stream.codecpar.codecId);
    if (stream === undefined || codec === null) {
      this.format.closeInputSync();
      throw new EncodeFailure('it gives no pictures that can be decoded');
    }
    this.stream = stream;
    this.#decoder.allocContext3(codec);
    this.#decoder.parametersToContext(stream.codecpar);
    this.#decoder.threadCount = 1;
    const opened = this.#decoder.open2Sync(codec, null);
    if (opened < 0) {
      this.close();
      throw failureOf('its pictures can not be decoded', opened);
    }
  }

  /**
   * Unpacks a picture into `into`, which must be empty.
   * @returns false where the packet makes none yet
   */
  decode(packet: Packet, into: Frame): boolean {
    this.#decoder.sendPacketSync(packet);
    const code = this.#decoder.receiveFrameSync(into);
    if (code < 0 && code !== AVERROR_EAGAIN) throw failureOf(`pictures of ${this.#name} can't be decoded`, code);
    return code >= 0;
  }

  close(): void {
    this.#decoder.freeContext();
    this.format.closeInputSync();
  }
}
