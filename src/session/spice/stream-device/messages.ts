// Messages of the SPICE stream device as the guest writes them (spice/stream-device.h of libspice-protocol-dev): a header of
// 8 bytes, then the body; all little-endian.

export const DEVICE_PROTOCOL = 1;
export const DEVICE_HEADER_BYTES = 8;

/** Types that are spoken. Cursors and the quality indicator are never sent: servers refuse the latter though the header has it. */
export const DEVICE_MESSAGE = { capabilities: 1, format: 2, data: 3, startStop: 4, notifyError: 5 } as const;

const FORMAT_BYTES = 12;

/** Answers the server's capabilities: of the extensions that exist we want none, so the list is empty. */
export function capabilitiesMessage(): Buffer {
  return withHeader(DEVICE_MESSAGE.capabilities, 0);
}

/**
 * Begins a stream.
 * @param codec number of the video codec: 1 mjpeg, 2 vp8, 3 h264, 4 vp9, 5 h265
 */
export function formatMessage(width: number, height: number, codec: number): Buffer {
  const bytes = withHeader(DEVICE_MESSAGE.format, FORMAT_BYTES);
  bytes.writeUInt32LE(width, DEVICE_HEADER_BYTES);
  bytes.writeUInt32LE(height, DEVICE_HEADER_BYTES + 4);
  bytes.writeUInt8(codec, DEVICE_HEADER_BYTES + 8);
  return bytes;
}

/** One encoded frame. */
export function dataMessage(frame: Uint8Array): Buffer {
  const bytes = withHeader(DEVICE_MESSAGE.data, frame.length);
  bytes.set(frame, DEVICE_HEADER_BYTES);
  return bytes;
}

function withHeader(type: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(DEVICE_HEADER_BYTES + size);
  bytes.fill(0, 0, Math.min(bytes.length, DEVICE_HEADER_BYTES + FORMAT_BYTES));
  bytes.writeUInt8(DEVICE_PROTOCOL, 0);
  bytes.writeUInt16LE(type, 2);
  bytes.writeUInt32LE(size, 4);
  return bytes;
}
