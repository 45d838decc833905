import type { Attack } from './attack.ts';
import { FORGED_STATUS, PLANTED_KEY, TAKEN_NAMES } from './authority.ts';
import { CLOCK } from './clocks.ts';
import { COMMAND_LINE } from './command-line.ts';
import { DEPTH } from './documents.ts';
import { LISTS } from './lists.ts';
import { ALIASES, SLOW_BODIES, SLOW_READERS } from './requests.ts';
import { MANY_BROKEN, NATIVE, ORACLE, OUTPUT } from './templates.ts';

/** The attacks of docs/threats.md, in the same order. */
export const ATTACKS: readonly Attack[] = [
  LISTS,
  ALIASES,
  OUTPUT,
  NATIVE,
  SLOW_BODIES,
  SLOW_READERS,
  MANY_BROKEN,
  DEPTH,
  CLOCK,
  PLANTED_KEY,
  FORGED_STATUS,
  TAKEN_NAMES,
  ORACLE,
  ...COMMAND_LINE,
];
