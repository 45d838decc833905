/** Time, random numbers and zone of this machine. */
import { randomFillSync } from 'node:crypto';
import type { Environment } from './budget.ts';

export const SYSTEM: Environment = {
  now: () => Date.now(),
  elapsed: processorTime,
  random: (size) => randomFillSync(new Uint8Array(size)),
  localZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
};

/** Milliseconds that this process has worked: on a busy machine, a template fails no sooner than on an idle one. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
