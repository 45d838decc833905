import type { Fault } from './fault.ts';
import { CLOCK_FAULTS } from './kinds/clock.ts';
import { CREDENTIAL_FAULTS } from './kinds/credentials.ts';
import { FORGOTTEN, NETWORK_FAULTS } from './kinds/network.ts';
import { REFUSAL_FAULTS } from './kinds/refusals.ts';
import { RIGHTS_FAULTS } from './kinds/rights.ts';
import { SERVER_FAULTS } from './kinds/servers.ts';
import { STORAGE_FAULTS } from './kinds/stored-objects.ts';
import { WATCH_FAULTS } from './kinds/watches.ts';

/** All faults that a controller must survive. */
export const FAULTS: readonly Fault[] = [
  ...SERVER_FAULTS,
  ...NETWORK_FAULTS,
  ...WATCH_FAULTS,
  ...CREDENTIAL_FAULTS,
  ...CLOCK_FAULTS,
  ...RIGHTS_FAULTS,
  ...REFUSAL_FAULTS,
  ...STORAGE_FAULTS,
  FORGOTTEN,
];
