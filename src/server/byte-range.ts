// The part of a file that a request asks for (RFC 9110, section 14).

/**
 * @param header of the request; several parts at once, and what is no range, are answered with the whole file
 * @param bytes of the file
 * @returns first and last byte, both included; `none` where nothing of the part is in the file
 */
export function byteRange(
  header: string | undefined,
  bytes: number,
): readonly [first: number, last: number] | 'all' | 'none' {
  const match = /^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? '');
  const [, from = '', to = ''] = match ?? [];
  if (from === '' && to === '') return 'all';
  if (from === '') {
    const length = Math.min(Number(to), bytes);
    return length === 0 ? 'none' : [bytes - length, bytes - 1];
  }
  const first = Number(from);
  if (to !== '' && Number(to) < first) return 'all';
  return first >= bytes ? 'none' : [first, to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1)];
}
