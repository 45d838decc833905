import { after, suite, test } from 'node:test';
import { FAULTS } from './catalogue.ts';
import { play } from './scenario.ts';
import { Stage } from './stage.ts';

/** How long a fault lasts that has no end of its own, in ms. */
const HOLD = 1_000;

/** The stage of all faults; after a failure, the next one gets another. */
let stage: Stage | undefined;

after(async () => {
  await stage?.stop();
});

suite('one controller process survives', () => {
  for (const fault of FAULTS) {
    test(`${fault.name}, and syncs everything afterwards`, async (t) => {
      const used = (stage ??= await Stage.start({ hold: HOLD }));
      try {
        const { recovery, requests, memory } = await play(used, fault);
        t.diagnostic(`synced after ${recovery.toFixed(1)} s, ${requests} requests, ${memory} MiB`);
      } catch (error) {
        t.diagnostic(used.lastLines());
        stage = undefined;
        await used.stop();
        throw error;
      }
    });
  }
});
