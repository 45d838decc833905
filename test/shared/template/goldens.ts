/** Renews what Go answers to the cases: all of them, or those of the files named. See `cases.ts`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { caseFiles, CASES, readCases } from './cases.ts';
import { buildOracle } from './oracle.ts';

const chosen = process.argv.slice(2);
const ask = await buildOracle();
for (const file of chosen.length > 0 ? chosen : caseFiles()) {
  const cases = readCases(file);
  const answers = await ask(cases);
  const refused = cases.filter((_, i) => 'refused' in (answers[i] ?? {}));
  if (refused.length > 0) {
    const names = refused.map((one) => one.name).join(', ');
    throw new Error(`${file}.json: Go has no repeatable answer to ${names}`);
  }
  const goldens = Object.fromEntries(cases.map((one, i) => [one.name, answers[i]]));
  writeFileSync(join(CASES, `${file}.golden.json`), `${JSON.stringify(goldens, null, 2)}\n`);
  console.log(`${file}: ${cases.length} cases`);
}
