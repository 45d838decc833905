import type { RunOperation } from '../../shared/seal/keyring.ts';

/**
 * Returns a scheduler that runs at most `limit` private operations at once. Further ones would take threads from the
 * pool that Node also reads and writes files with, and wait there.
 */
export function atMost(limit: number): RunOperation {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (operation) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await operation();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
