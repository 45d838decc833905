/**
 * Repeats the tests of the leader election with the default durations (15, 10 and 2 s) and an API server that answers 503
 * for 60 s. One run takes about eight minutes. `--times N` repeats it, and ends with the first failure; `--short` keeps
 * the durations of CI.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DIST } from '../../build/package.ts';

const { values } = parseArgs({
  options: { times: { type: 'string', default: '1' }, short: { type: 'boolean', default: false } },
});
const times = Number(values.times);
if (!Number.isInteger(times) || times < 1)
  throw new Error(`--times is a positive number, not ${values.times}`);

const args = [join(DIST, 'test', 'run.js'), '--program', 'bundle', 'e2e/contend.', 'e2e/replicas.'];
const env = { ...process.env, CONTEND_REAL: values.short ? '0' : '1' };
for (let time = 1; time <= times && !process.exitCode; time++) {
  console.log(`run ${time} of ${times}`);
  const child = spawn(process.execPath, args, { stdio: 'inherit', env });
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject).on('exit', (status) => resolve(status ?? 1));
  });
}
