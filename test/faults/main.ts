/**
 * Lets one controller survive every fault of the catalogue, several times in a row:
 *
 *     npm run faults -- [--times N] [--seconds S] [NAME…]
 *
 * `NAME` is a part of the name of a fault. `--seconds` is how long a fault lasts that has no end of its own; by default it
 * varies from round to round, from below to above the limits of requests and leases. Each round has a control plane and a
 * controller of its own. Prints a table at the end, and exits with 1 if anything failed.
 */
import { parseArgs } from 'node:util';
import { FAULTS } from './catalogue.ts';
import type { Fault } from './fault.ts';
import { runInOwnNetwork } from './machine.ts';
import { play, type Shown } from './scenario.ts';
import { Stage } from './stage.ts';

/** How long faults last in the rounds by default, in s. */
const SECONDS = [1, 4, 12, 35];

const { values, positionals } = parseArgs({
  options: { times: { type: 'string', default: '1' }, seconds: { type: 'string' } },
  allowPositionals: true,
});
const times = Number(values.times);
const seconds = values.seconds === undefined ? SECONDS : [Number(values.seconds)];
const chosen = FAULTS.filter(
  ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
);
if (!Number.isInteger(times) || times < 1) throw new Error('--times is a positive number');
if (!seconds.every((each) => each >= 0)) throw new Error('--seconds is a number');
if (chosen.length === 0) throw new Error(`no fault matches ${positionals.join(' or ')}`);

/** The outcomes of one fault. */
interface Tally {
  readonly passed: Shown[];
  failed: number;
}

const tallies = new Map<Fault, Tally>(chosen.map((fault) => [fault, { passed: [], failed: 0 }]));
/** What failed beside the faults: a controller has shown a secret, or did not start. */
let otherwise = 0;

await runInOwnNetwork(async (node) => {
  for (let round = 0; round < times; round++) {
    const hold = (seconds[round % seconds.length] ?? 0) * 1000;
    console.log(`round ${round + 1} of ${times}, faults of ${hold / 1000} s`);
    await playAll(node, hold).catch((error: unknown) => {
      otherwise++;
      console.log(`✖ ${String(error)}`);
    });
  }
  return summary();
});

/** Plays the faults with one controller, and with the next one after a failure. */
async function playAll(node: string, hold: number): Promise<void> {
  let stage = await Stage.start({ hold, node });
  try {
    for (const [fault, tally] of tallies) {
      try {
        const shown = await play(stage, fault);
        tally.passed.push(shown);
        console.log(`✔ ${fault.name} (${columns(shown)})`);
      } catch (error) {
        tally.failed++;
        console.log(`✖ ${fault.name}: ${String(error)}\n${stage.lastLines()}`);
        await stage.stop();
        stage = await Stage.start({ hold, node });
      }
    }
  } finally {
    await stage.stop();
  }
}

function columns({ recovery, requests, memory }: Shown): string {
  return `synced after ${recovery.toFixed(1)} s, ${requests} requests, ${memory} MiB`;
}

/** Prints the table, and returns the exit code. */
function summary(): number {
  const largest = (all: readonly Shown[], of: (shown: Shown) => number): number =>
    Math.max(0, ...all.map(of));
  console.log('\npassed failed  at most s  requests  MiB  fault');
  for (const [{ name }, { passed, failed }] of tallies) {
    const cells = [
      String(passed.length).padStart(6),
      String(failed).padStart(6),
      largest(passed, ({ recovery }) => recovery)
        .toFixed(1)
        .padStart(10),
      String(largest(passed, ({ requests }) => requests)).padStart(9),
      String(largest(passed, ({ memory }) => memory)).padStart(4),
    ];
    console.log(`${cells.join(' ')}  ${name}`);
  }
  const all = [...tallies.values()];
  const passed = all.reduce((sum, tally) => sum + tally.passed.length, 0);
  const failed = all.reduce((sum, tally) => sum + tally.failed, otherwise);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
