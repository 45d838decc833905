import { fail } from './errors.ts';

const LITTLE_ENDIAN_MARK = [0xff, 0xfe];
const BIG_ENDIAN_MARK = [0xfe, 0xff];
/** How many bytes to check if there is no byte order mark. */
const PROBED = 16;

/** Returns whether bytes start like UTF-16: with a byte order mark, or with every other byte 0. */
export function isUtf16(bytes: Uint8Array): boolean {
  for (const mark of [LITTLE_ENDIAN_MARK, BIG_ENDIAN_MARK]) {
    if (mark.every((byte, index) => bytes[index] === byte)) return true;
  }
  const probe = [...bytes.subarray(0, PROBED)];
  const zeros = (parity: number): boolean =>
    probe.every((byte, index) => (byte === 0) === (index % 2 === parity));
  return probe.length >= 4 && (zeros(0) || zeros(1));
}

/** Throws `NotUtf8` for UTF-16 text, as PowerShell writes it. Read as UTF-8, it would only seem to lack its fields. */
export function refuseUtf16(bytes: Uint8Array, at: string): void {
  if (isUtf16(bytes)) fail({ code: 'NotUtf8', at, utf16: true });
}
