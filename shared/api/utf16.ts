import { fail } from '../errors.ts';

const LITTLE_ENDIAN_MARK = [0xff, 0xfe];
const BIG_ENDIAN_MARK = [0xfe, 0xff];
/** So many bytes at the beginning show it where there is no mark. */
const PROBED = 16;

/** Whether bytes begin as UTF-16 text does: with a byte order mark, or with characters of which every other byte is 0. */
export function isUtf16(bytes: Uint8Array): boolean {
  for (const mark of [LITTLE_ENDIAN_MARK, BIG_ENDIAN_MARK]) {
    if (mark.every((byte, index) => bytes[index] === byte)) return true;
  }
  const probe = [...bytes.subarray(0, PROBED)];
  const zeros = (parity: number): boolean =>
    probe.every((byte, index) => (byte === 0) === (index % 2 === parity));
  return probe.length >= 4 && (zeros(0) || zeros(1));
}

/** Throws `NotUtf8` for UTF-16 text, as PowerShell writes it: what is in it would only be found to be missing. */
export function refuseUtf16(bytes: Uint8Array, at: string): void {
  if (isUtf16(bytes)) fail({ code: 'NotUtf8', at, utf16: true });
}
