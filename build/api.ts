/** Updates the reports of the library's surface in the repository. `npm run build` makes the current ones first. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ENTRIES, MADE_REPORTS, reportName, REPORTS } from './declarations.ts';

mkdirSync(REPORTS, { recursive: true });
for (const entry of ENTRIES)
  copyFileSync(join(MADE_REPORTS, reportName(entry)), join(REPORTS, reportName(entry)));
