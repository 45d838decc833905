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

/** Operations that end one by one, and the names of those that ended, in order. */
class Operations {
  readonly done: string[] = [];
  readonly #running: (() => void)[] = [];
  #most = 0;

  /** Returns an operation that runs until `endAll` ends it. */
  readonly of = (name: string) => (): Promise<string> =>
    new Promise((resolve) => {
      this.#running.push(() => {
        this.done.push(name);
        resolve(name);
      });
      this.#most = Math.max(this.#most, this.#running.length);
    });

  /** The largest number of operations that ran at once. */
  get most(): number {
    return this.#most;
  }

  /** Ends the running operations one after the other until none is left. */
  async endAll(): Promise<void> {
    for (let end = this.#running.shift(); end; end = this.#running.shift()) {
      end();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

suite('a fair semaphore', () => {
  test('takes turns by namespace, and by object within a namespace', async () => {
    const semaphore = new FairSemaphore(1);
    const operations = new Operations();
    const run = (owner: Ref): Promise<string> => semaphore.run(owner, operations.of(owner.name));
    const all = [
      ...Array.from({ length: 4 }, () => run(ref('many', 'a'))),
      ...Array.from({ length: 2 }, () => run(ref('many', 'b'))),
      ...Array.from({ length: 3 }, () => run(ref('few', 'c'))),
    ];
    await operations.endAll();
    await Promise.all(all);
    // The first operation started at once, as no other was waiting.
    assert.equal(operations.done.join(' '), 'a a c b c a c b a');
  });

  test('runs as many operations at once as it has permits', async () => {
    const semaphore = new FairSemaphore(3);
    const operations = new Operations();
    const all = Array.from({ length: 10 }, (_, i) => semaphore.run(ref('ns', `${i}`), operations.of(`${i}`)));
    await operations.endAll();
    assert.equal((await Promise.all(all)).length, 10);
    assert.equal(operations.most, 3);
  });

  test('passes a failure to its caller only, and continues', async () => {
    const semaphore = new FairSemaphore(1);
    const failing = [1, 2].map(() => semaphore.run(ref('ns', 'bad'), () => Promise.reject(new Error('bad'))));
    const well = semaphore.run(ref('ns', 'good'), () => Promise.resolve('well'));
    assert.deepEqual(
      (await Promise.allSettled(failing)).map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    assert.equal(await well, 'well');
    assert.equal(await semaphore.run(ref('ns', 'bad'), () => Promise.resolve('well')), 'well');
  });

  test('skips an operation that is aborted while it waits, and keeps the order of the others', async () => {
    const semaphore = new FairSemaphore(1);
    const operations = new Operations();
    const abort = new AbortController();
    const aborted: Promise<string>[] = [];
    const run = (owner: Ref): Promise<string> => semaphore.run(owner, operations.of(owner.name));
    const runAborted = (owner: Ref): void =>
      void aborted.push(semaphore.run(owner, operations.of('aborted'), abort.signal));
    const all = [run(ref('many', 'a'))];
    runAborted(ref('gone', 'x'));
    runAborted(ref('many', 'a'));
    all.push(run(ref('many', 'a')), run(ref('many', 'b')));
    runAborted(ref('few', 'c'));
    all.push(run(ref('few', 'c')), run(ref('few', 'c')));
    runAborted(ref('few', 'd'));
    abort.abort();
    // They reject while the first operation still holds the permit.
    assert.deepEqual(
      (await Promise.allSettled(aborted)).map(({ status }) => status),
      Array.from({ length: 4 }, () => 'rejected'),
    );
    assert.deepEqual(operations.done, []);
    await operations.endAll();
    await Promise.all(all);
    assert.equal(operations.done.join(' '), 'a a c b c');
  });

  test('drops all references to an operation that is aborted while it waits', async () => {
    const semaphore = new FairSemaphore(1);
    const operations = new Operations();
    const first = semaphore.run(ref('ns', 'first'), operations.of('first'));
    const abort = new AbortController();
    const bodies = Array.from({ length: 10 }, (): WeakRef<Buffer> => {
      const body = Buffer.alloc(1024 * 1024);
      const owner = ref('ns', 'gone');
      semaphore.run(owner, () => Promise.resolve(body.length), abort.signal).catch(() => undefined);
      return new WeakRef(body);
    });
    abort.abort();
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    assert.deepEqual(
      bodies.filter((body) => body.deref() !== undefined),
      [],
    );
    await operations.endAll();
    assert.equal(await first, 'first');
  });

  test('runs nothing if the signal is aborted already', async () => {
    const semaphore = new FairSemaphore(1);
    const operations = new Operations();
    await assert.rejects(semaphore.run(ref('ns', 'a'), operations.of('a'), AbortSignal.abort()), {
      name: 'AbortError',
    });
    assert.equal(operations.most, 0);
    const free = semaphore.run(ref('ns', 'b'), operations.of('b'));
    await operations.endAll();
    assert.equal(await free, 'b');
  });
});
