/** The time, random numbers and time zone of this machine. */
import { randomFillSync } from 'node:crypto';
import type { Environment } from './budget.ts';

/** The environment of this process. Its `elapsed` is CPU time. */
export const SYSTEM: Environment = {
  now: () => Date.now(),
  elapsed: processorTime,
  random: (size) => randomFillSync(new Uint8Array(size)),
  localZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
};

/** Returns the CPU time of this process in ms, so that templates do not time out sooner on a busy machine. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
