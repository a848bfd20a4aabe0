// What encoders write about themselves: x264 and x265 into a user data message of the stream, others into their log.

/** Bytes of a stream's beginning in which the message is looked for. */
const SEARCH_BYTES = 64 * 1024;

/** `x264 - core 165 …` or `x265 (build 215) - 4.1: …` from the first packet or the extra data; null where there is none. */
export function selfDescription(bytes: Uint8Array): string | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, SEARCH_BYTES)).toString('latin1');
  return /x26[45] [-(][ -~]{10,}/.exec(text)?.[0] ?? null;
}

/** The library's version from its self-description. */
export function describedVersion(description: string): string | null {
  return (
    /^x264 - (core \d+(?: r\d+)?(?: [0-9a-f]{7,})?)/.exec(description)?.[1] ??
    /^x265 \(build \d+\) - (\S+?):/.exec(description)?.[1] ??
    null
  );
}

/** The library's version from the log of one encode; null where the encoder does not tell. */
export function loggedVersion(encoder: string, log: string): string | null {
  if (encoder === 'libsvtav1') return /SVT-AV1 Encoder Lib (\S+)/.exec(log)?.[1] ?? null;
  if (encoder.startsWith('libvpx')) return /\] (v\d+\.\d+\S*)/.exec(log)?.[1] ?? null;
  if (encoder.startsWith('libx265')) return /HEVC encoder version (\S+)/.exec(log)?.[1] ?? null;
  return null;
}

/**
 * `crf=51.0`, `bframes=3` … of the self-description, by name. Flags without a value (x265) are `1` or, with `no-`, `0`.
 * x264 tells the mode and the strength of its adaptive quantization in one: `aq=3:1.00`.
 */
export function describedOptions(description: string): Map<string, string> {
  const options = new Map<string, string>();
  const text = description.split('options: ')[1] ?? '';
  for (const word of text.split(/\s+/)) {
    const at = word.indexOf('=');
    const aq = /^aq=(\d+)(?::([\d.]+))?$/.exec(word);
    if (aq !== null) {
      options.set('aq_mode', aq[1]!);
      if (aq[2] !== undefined) options.set('aq_strength', aq[2]);
    } else if (at > 0) options.set(word.slice(0, at), word.slice(at + 1));
    else if (word.startsWith('no-')) options.set(word.slice(3), '0');
    else if (word !== '') options.set(word, '1');
  }
  return options;
}
