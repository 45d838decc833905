/** Time, luck and zone of this machine. */
import { randomFillSync } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Environment } from './budget.ts';

export const SYSTEM: Environment = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  random: (size) => randomFillSync(new Uint8Array(size)),
  localZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
};
