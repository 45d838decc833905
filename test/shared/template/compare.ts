/**
 * Compares the engine with Go on random templates: `npm run compare -- COUNT [SEED]`. It prints each difference,
 * and fails where there is one.
 */
import { compare } from './differences.ts';
import { buildOracle } from './oracle.ts';
import { randomCases } from './random.ts';

const BATCH = 5000;

const [count = BATCH, seed = 1] = process.argv.slice(2).map(Number);
const ask = await buildOracle();
let [compared, outputs, passedOver, differences] = [0, 0, 0, 0];
for (let batch = 0; compared < count; batch++) {
  const result = await compare(randomCases(Math.min(BATCH, count - compared), seed + batch), ask);
  for (const difference of result.differences) console.log(JSON.stringify(difference));
  compared += result.compared;
  outputs += result.outputs;
  passedOver += result.passedOver;
  differences += result.differences.length;
  console.log(`${compared} compared: ${outputs} outputs, ${passedOver} passed over, ${differences} differ`);
}
process.exitCode = differences > 0 ? 1 : 0;
