import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { sealedSecret } from '../support/sealed.ts';
import type { Arena } from './arena.ts';
import type { Attack } from './attack.ts';

/** More than half a LIST page of 500 objects, each with annotations of nearly the maximum size. */
const COUNT = 280;
const ANNOTATION = 'x'.repeat(255 * 1024);
/** How many objects to create in parallel. */
const PARALLEL = 10;
/** How long to observe a ready controller, in ms. */
const OBSERVATION = 4_000;

/** Creates 280 objects of one kind with 255 KiB of annotations each. */
async function fill(arena: Arena, namespace: string, object: (name: string) => object): Promise<void> {
  const plural = namespace.startsWith('secrets') ? 'secrets' : 'sealedsecrets';
  for (let first = 0; first < COUNT; first += PARALLEL) {
    const names = Array.from({ length: PARALLEL }, (_, index) => `large-${first + index}`);
    await Promise.all(names.map((name) => arena.cluster.create(plural, object(name))));
  }
}

/** Restarts the controller beside the objects. A controller that reports ready must sync the neighbour's Secrets. */
async function restartBeside(arena: Arena, objects: string): Promise<string> {
  await arena.pauseNeighbour();
  const before = arena.longestWait;
  await arena.stop();
  const start = performance.now();
  await arena.start();
  const ready = performance.now() - start;
  await sleep(OBSERVATION);
  assert.equal(await arena.readiness(), 200, 'it is not ready any more');
  await arena.pauseNeighbour();
  const seconds = [before, ready, arena.longestWait].map((ms) => `${(ms / 1000).toFixed(1)} s`);
  const [whileCreating = '', started = '', after = ''] = seconds;
  return `${COUNT} ${objects}: neighbour ${whileCreating} while they are created, ready ${started} after a restart, neighbour then ${after}`;
}

export const LISTS: Attack = {
  name: 'lists of large objects',
  async run(arena) {
    const certificate = await arena.certificate();
    const sealed = await arena.namespace('sealedsecrets');
    const body = sealedSecret(
      certificate,
      { namespace: sealed, name: 'any' },
      { a: 'one' },
      { scope: 'cluster-wide' },
    );
    await fill(arena, sealed, (name) => {
      const annotations = { ...body.metadata.annotations, large: ANNOTATION };
      return { ...body, metadata: { ...body.metadata, name, annotations } };
    });
    const first = await restartBeside(arena, 'SealedSecrets');
    await arena.deleteAll('sealedsecrets', sealed);

    const secrets = await arena.namespace('secrets');
    await fill(arena, secrets, (name) => ({
      metadata: { name, namespace: secrets, annotations: { large: ANNOTATION } },
    }));
    const second = await restartBeside(arena, 'Secrets');
    return `${first}, ${second}`;
  },
  putUnderLoad: (arena) => arena.restart(),
};
