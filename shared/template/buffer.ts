/** Byte strings (see value.ts) as Node's buffers. What parses templates needs none of this. */

/** Converts a buffer to bytes. */
export function fromBuffer(buffer: Uint8Array): string {
  return Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength).toString('latin1');
}

/** Converts bytes to a new buffer. */
export function toBuffer(bytes: string): Buffer {
  return Buffer.from(bytes, 'latin1');
}
