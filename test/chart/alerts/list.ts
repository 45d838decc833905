import { API_SERVER } from './cluster.ts';
import { KEYS } from './keys.ts';
import type { AlertCases } from './situation.ts';
import { REPLICAS, WORK } from './work.ts';

/** The situations of all alerts. */
export const ALERTS: readonly AlertCases[] = [...WORK, ...REPLICAS, ...API_SERVER, ...KEYS];
