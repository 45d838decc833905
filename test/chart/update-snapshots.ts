/**
 * Overwrites the snapshots with what the chart renders now: `npm run snapshots`. Review the diff before you commit
 * it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CASES, pictured } from './cases.ts';

for (const each of CASES) {
  mkdirSync(dirname(each.snapshot), { recursive: true });
  writeFileSync(each.snapshot, await pictured(each));
}
