import { fault, type Fault } from '../fault.ts';
import type { Stage } from '../stage.ts';

/** How often connections are reset. */
const CUTS = 5;
/** The delay in each direction, in ms. */
const LATENCY = 400;

/** Resets connections while the administrator writes. */
async function cutRepeatedly(stage: Stage, meanwhile: () => Promise<void>): Promise<void> {
  const written = meanwhile();
  written.catch(() => undefined);
  for (let cut = 0; cut < CUTS; cut++) {
    stage.relay.cut();
    await stage.hold(CUTS);
  }
  await written;
}

/** The network between the controller and the API server fails. */
export const NETWORK_FAULTS: readonly Fault[] = [
  fault('connections, reset', cutRepeatedly),
  fault('connections, in a black hole for a while', async (stage, meanwhile) => {
    stage.relay.blackHole();
    await meanwhile();
    await stage.hold();
    stage.relay.fillHole();
  }),
  fault('latency', async (stage, meanwhile) => {
    stage.relay.latency = LATENCY;
    await meanwhile();
    await stage.hold();
    stage.relay.latency = 0;
  }),
];

/** Takes minutes: a watch that hears nothing counts as dead only after several bookmarks are missing. */
export const FORGOTTEN: Fault = {
  name: 'connections, forgotten by the network',
  strike: async (stage, meanwhile) => {
    stage.relay.forget();
    await meanwhile();
  },
};
