import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { FairSemaphore } from '../../../controller/workqueue/fair-semaphore.ts';
import type { Ref } from '../../../shared/kubernetes/api/api.ts';

function ref(namespace: string, name: string): Ref {
  return { namespace, name };
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
}

/** Pieces of work that end one by one, and the names of those who did them, in order. */
class Pieces {
  readonly done: string[] = [];
  readonly #running: (() => void)[] = [];
  #most = 0;

  /** A piece that is under way until it is ended. */
  readonly of = (name: string) => (): Promise<string> =>
    new Promise((resolve) => {
      this.#running.push(() => {
        this.done.push(name);
        resolve(name);
      });
      this.#most = Math.max(this.#most, this.#running.length);
    });

  /** How many were under way at once. */
  get most(): number {
    return this.#most;
  }

  /** Ends what is under way, one after the other, until nothing is left. */
  async endAll(): Promise<void> {
    for (let end = this.#running.shift(); end; end = this.#running.shift()) {
      end();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

suite('turns', () => {
  test('go from namespace to namespace, and in each from object to object', async () => {
    const turns = new FairSemaphore(1);
    const pieces = new Pieces();
    const ask = (who: Ref): Promise<string> => turns.run(who, pieces.of(who.name));
    const all = [
      ...Array.from({ length: 4 }, () => ask(ref('many', 'a'))),
      ...Array.from({ length: 2 }, () => ask(ref('many', 'b'))),
      ...Array.from({ length: 3 }, () => ask(ref('few', 'c'))),
    ];
    await pieces.endAll();
    await Promise.all(all);
    // The first had a place to itself: nobody else was there.
    assert.equal(pieces.done.join(' '), 'a a c b c a c b a');
  });

  test('are as many at once as there are places', async () => {
    const turns = new FairSemaphore(3);
    const pieces = new Pieces();
    const all = Array.from({ length: 10 }, (_, i) => turns.run(ref('ns', `${i}`), pieces.of(`${i}`)));
    await pieces.endAll();
    assert.equal((await Promise.all(all)).length, 10);
    assert.equal(pieces.most, 3);
  });

  test('go on after a piece that fails, and its failure is for who asked for it', async () => {
    const turns = new FairSemaphore(1);
    const failing = [1, 2].map(() => turns.run(ref('ns', 'bad'), () => Promise.reject(new Error('bad'))));
    const well = turns.run(ref('ns', 'good'), () => Promise.resolve('well'));
    assert.deepEqual(
      (await Promise.allSettled(failing)).map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    assert.equal(await well, 'well');
    assert.equal(await turns.run(ref('ns', 'bad'), () => Promise.resolve('well')), 'well');
  });

  test('pass over a piece that is aborted while it waits, and keep the order of the others', async () => {
    const turns = new FairSemaphore(1);
    const pieces = new Pieces();
    const leaving = new AbortController();
    const aborted: Promise<string>[] = [];
    const ask = (who: Ref): Promise<string> => turns.run(who, pieces.of(who.name));
    const leave = (who: Ref): void => void aborted.push(turns.run(who, pieces.of('aborted'), leaving.signal));
    const all = [ask(ref('many', 'a'))];
    leave(ref('gone', 'x'));
    leave(ref('many', 'a'));
    all.push(ask(ref('many', 'a')), ask(ref('many', 'b')));
    leave(ref('few', 'c'));
    all.push(ask(ref('few', 'c')), ask(ref('few', 'c')));
    leave(ref('few', 'd'));
    leaving.abort();
    // They reject while the first piece still holds the place.
    assert.deepEqual(
      (await Promise.allSettled(aborted)).map(({ status }) => status),
      Array.from({ length: 4 }, () => 'rejected'),
    );
    assert.deepEqual(pieces.done, []);
    await pieces.endAll();
    await Promise.all(all);
    assert.equal(pieces.done.join(' '), 'a a c b c');
  });

  test('keep nothing of a piece that is aborted while it waits', async () => {
    const turns = new FairSemaphore(1);
    const pieces = new Pieces();
    const first = turns.run(ref('ns', 'first'), pieces.of('first'));
    const leaving = new AbortController();
    const bodies = Array.from({ length: 10 }, (): WeakRef<Buffer> => {
      const body = Buffer.alloc(1024 * 1024);
      const who = ref('ns', 'gone');
      turns.run(who, () => Promise.resolve(body.length), leaving.signal).catch(() => undefined);
      return new WeakRef(body);
    });
    leaving.abort();
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    assert.deepEqual(
      bodies.filter((body) => body.deref() !== undefined),
      [],
    );
    await pieces.endAll();
    assert.equal(await first, 'first');
  });

  test('run nothing for a signal that is aborted already', async () => {
    const turns = new FairSemaphore(1);
    const pieces = new Pieces();
    await assert.rejects(turns.run(ref('ns', 'a'), pieces.of('a'), AbortSignal.abort()), {
      name: 'AbortError',
    });
    assert.equal(pieces.most, 0);
    const free = turns.run(ref('ns', 'b'), pieces.of('b'));
    await pieces.endAll();
    assert.equal(await free, 'b');
  });
});
