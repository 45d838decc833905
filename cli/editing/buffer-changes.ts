import { compareBytes } from '../../shared/bytes.ts';
import type { BufferItems } from './buffer-text.ts';

/** What a user changed in the buffer. */
export interface BufferChanges {
  /** New values of items that the file has. */
  readonly replaced: ReadonlyMap<string, Uint8Array>;
  /** Values of items that the file does not have. */
  readonly added: ReadonlyMap<string, Uint8Array>;
  readonly removed: readonly string[];
  /** How many items keep their ciphertext. */
  readonly untouched: number;
}

/** Compares the buffer as it was offered with what came back. */
export function changesBetween(before: BufferItems, after: BufferItems): BufferChanges {
  const replaced = new Map<string, Uint8Array>();
  const added = new Map<string, Uint8Array>();
  for (const [item, value] of after) {
    const old = before.get(item);
    if (value === undefined || (old && compareBytes(old, value) === 0)) continue;
    (before.has(item) ? replaced : added).set(item, value);
  }
  const removed = [...before.keys()].filter((item) => !after.has(item));
  return { replaced, added, removed, untouched: before.size - replaced.size - removed.length };
}

/** Whether there is nothing to write. */
export function isUnchanged({ replaced, added, removed }: BufferChanges): boolean {
  return replaced.size === 0 && added.size === 0 && removed.length === 0;
}
