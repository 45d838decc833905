import type { BufferItems } from './buffer-text.ts';

/** What a user changed in the buffer. */
export interface BufferChanges {
  /** New values of items that the file has. */
  readonly replaced: ReadonlyMap<string, Buffer>;
  /** Values of items that the file does not have. */
  readonly added: ReadonlyMap<string, Buffer>;
  readonly removed: readonly string[];
  /** How many items keep their ciphertext. */
  readonly untouched: number;
}

/** Compares the buffer as it was offered with what came back. */
export function changesBetween(before: BufferItems, after: BufferItems): BufferChanges {
  const replaced = new Map<string, Buffer>();
  const added = new Map<string, Buffer>();
  for (const [item, value] of after) {
    if (value === undefined || before.get(item)?.equals(value)) continue;
    (before.has(item) ? replaced : added).set(item, value);
  }
  const removed = [...before.keys()].filter((item) => !after.has(item));
  return { replaced, added, removed, untouched: before.size - replaced.size - removed.length };
}

/** Whether there is nothing to write. */
export function isUnchanged({ replaced, added, removed }: BufferChanges): boolean {
  return replaced.size === 0 && added.size === 0 && removed.length === 0;
}
