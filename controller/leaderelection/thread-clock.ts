import { systemClock, type Clock } from '../../shared/clock.ts';

/** A clock whose `elapsed` is the same in all threads of the process. */
export const threadClock: Clock = {
  ...systemClock,
  elapsed: () => Number(process.hrtime.bigint()) / 1e6,
};
