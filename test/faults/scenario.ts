import type { Fault } from './fault.ts';
import type { Stage } from './stage.ts';

/** How long everything may take to be synced after a fault, in ms. It is generous: back-off lasts up to a minute. */
const LIMIT = 240_000;
/** How many SealedSecrets exist before a fault. */
const STANDING = 6;
/** How many changes one scenario makes at least; what it creates at first is added. */
const CHANGES = 9;

/** What a scenario showed. */
export interface Shown {
  /** How long it took from the end of the fault until everything was synced, in s. */
  readonly recovery: number;
  /** How many requests the controllers sent. */
  readonly requests: number;
  /** The memory of the largest controller, in MiB. */
  readonly memory: number;
}

/**
 * Changes SealedSecrets and Secrets before, during and after a fault, and waits until each Secret is what its SealedSecret
 * says. Throws if that does not happen, or if a controller does not stay healthy.
 */
export async function play(stage: Stage, fault: Fault): Promise<Shown> {
  const { ledger } = stage;
  await stage.refreshCertificate();
  while (ledger.names.length < STANDING) await ledger.create(stage.certificate);
  await ledger.settled(LIMIT);
  const health = await stage.health();
  const [updated, removed, damaged, lost, later] = ledger.names;
  if (!updated || !removed || !damaged || !lost || !later) throw new Error('there are too few SealedSecrets');

  await ledger.create(stage.certificate); // and it need not be synced before the fault
  await fault.strike(stage, async () => {
    await ledger.create(stage.certificate);
    await ledger.create(stage.certificate);
    await ledger.update(stage.certificate, updated);
    await ledger.remove(removed);
    await ledger.damage(damaged);
    await ledger.lose(lost);
  });
  const ended = performance.now();
  await ledger.create(stage.certificate);
  await ledger.update(stage.certificate, later);
  await ledger.settled(LIMIT);
  const recovery = (performance.now() - ended) / 1000;

  // The oldest make room for others, so that each fault has about as many.
  for (const name of ledger.names.slice(0, -STANDING)) await ledger.remove(name);
  await ledger.settled(LIMIT);
  const checked = await Promise.all(health.map((each) => each.check(CHANGES + ledger.names.length)));
  return {
    recovery,
    requests: checked.reduce((sum, { requests }) => sum + requests, 0),
    memory: Math.max(...checked.map(({ memory }) => memory)),
  };
}
