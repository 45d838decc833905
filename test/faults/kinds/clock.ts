import { STEPS } from '../../support/fake-clock.ts';
import type { Fault } from '../fault.ts';

/** The clock of the controller's machine is wrong for a while. */
export const CLOCK_FAULTS: readonly Fault[] = [STEPS['-1 d'], -STEPS['-1 d']].map((offset) => ({
  name: `the clock, a day ${offset < 0 ? 'behind' : 'ahead'} for a while`,
  strike: async (stage, meanwhile) => {
    await stage.stepClock(offset);
    await meanwhile();
    await stage.hold();
    await stage.stepClock(0);
  },
}));
