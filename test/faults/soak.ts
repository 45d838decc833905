/**
 * Mixes the faults of the catalogue at random with creates, updates and deletes of SealedSecrets, renewals of the sealing
 * key, and Secrets that are changed and deleted by hand:
 *
 *     npm run soak -- [--minutes 10] [--seed N] [--replicas 1]
 *
 * Compares every Secret now and then, and at the end. Prints what it does and how to repeat it. The seed decides what
 * happens in which order; how it falls together in time differs from run to run.
 */
import { parseArgs } from 'node:util';
import { keySecrets } from '../support/key-secret.ts';
import { Cluster } from '../support/cluster.ts';
import { randomFrom } from '../support/random.ts';
import { FAULTS } from './catalogue.ts';
import { FORGOTTEN } from './kinds/network.ts';
import { runInOwnNetwork } from './machine.ts';
import { RandomWork } from './random-work.ts';
import { Stage } from './stage.ts';

/** The longest run: the controller's token is valid for an hour. */
const MOST_MINUTES = 50;
/** How long everything may take to be synced, in ms. */
const LIMIT = 240_000;
/** How many sealing keys are made in one run by their age. */
const RENEWALS = 10;
/** How long faults last, in ms. */
const HOLDS = [0, 500, 2_000, 8_000, 20_000];

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    replicas: { type: 'string', default: '1' },
  },
});
const [minutes, seed, replicas] = [Number(values.minutes), Number(values.seed), Number(values.replicas)];
if (!(minutes > 0 && minutes <= MOST_MINUTES)) throw new Error(`--minutes is from 0 to ${MOST_MINUTES}`);
if (!Number.isInteger(seed)) throw new Error('--seed is an integer');
if (!Number.isInteger(replicas) || replicas < 1) throw new Error('--replicas is a positive number');

const repeat = `npm run soak -- --minutes ${minutes} --seed ${seed} --replicas ${replicas}`;
const started = performance.now();
const elapsed = (): number => (performance.now() - started) / 1000;

function say(line: string): void {
  console.log(`${elapsed().toFixed(0).padStart(4)} s  ${line}`);
}

await runInOwnNetwork(async (node) => {
  console.log(`repeat: ${repeat}`);
  const period = Math.ceil((minutes * 60) / RENEWALS);
  const stage = await Stage.start({ hold: 0, replicas, node, args: ['--key-renew-period', `${period}s`] });
  try {
    await soak(stage);
    say('every Secret is as its SealedSecret says');
  } catch (error) {
    say(`✖ ${String(error)}`);
    console.log(stage.lastLines());
    console.log(`repeat: ${repeat}\n0 passed, 1 failed`);
    return 1;
  } finally {
    await stage.stop();
  }
  console.log(`repeat: ${repeat}\n1 passed, 0 failed`);
  return 0;
});

async function soak(stage: Stage): Promise<void> {
  const work = new RandomWork(stage, randomFrom(seed));
  const health = await stage.health();
  const end = elapsed() + minutes * 60;
  let faults = 0;
  while (elapsed() < end) {
    const fault = work.pick(FAULTS);
    if (fault === FORGOTTEN && end - elapsed() < 180) continue;
    stage.holdTime = work.pick(HOLDS);
    await stage.refreshCertificate();
    say(`${fault.name}, ${stage.holdTime / 1000} s; ${stage.ledger.names.length} SealedSecrets`);
    await work.some();
    await fault.strike(stage, () => work.some());
    await work.some();
    faults++;
    // Some faults meet what the last one has left.
    if (work.pick([true, false])) await stage.ledger.settled(LIMIT);
  }
  await stage.ledger.settled(LIMIT);
  const keys = await keySecrets(new Cluster(stage.plane));
  const checked = await Promise.all(health.map((each) => each.check(work.changes)));
  const counts = Object.entries(work.done).map(([action, count]) => `${action} ${count}`);
  say(`${faults} faults, ${keys.length} sealing keys, ${work.changes} changes: ${counts.join(', ')}`);
  for (const { requests, memory } of checked) say(`${requests} requests, ${memory} MiB`);
  if (keys.length > RENEWALS + faults + replicas) throw new Error(`${keys.length} sealing keys were made`);
}
