import assert from 'node:assert/strict';
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { after, suite, test } from 'node:test';
import { fillFrame } from '../../../controller/server/frame.ts';
import type { Posted } from '../../../controller/server/posted.ts';
import { Reader } from '../../../controller/server/reader.ts';

const never = new AbortController().signal;
const reader = new Reader();
after(() => reader.close());

const good =
  'kind: SealedSecret\nmetadata: {name: db, namespace: prod}\nspec: {template: {data: {a: "{{ .b }}", c: "{{"}}}\n';

async function read(by: Reader, text: string): Promise<Posted | null> {
  const posted = await by.read(Buffer.from(text), never);
  assert.ok(posted === null || typeof posted === 'object');
  return posted;
}

async function reads(by: Reader): Promise<string | undefined> {
  return (await read(by, good))?.sealed.metadata.name;
}

suite('the reader of bodies', () => {
  test('returns what opening takes, the object as JSON, and the templates that do not parse', async () => {
    const posted = await read(reader, good);
    assert.ok(posted);
    assert.deepEqual(posted.sealed.template.data, new Set(['a', 'c']));
    assert.deepEqual(posted.unparsable, ['c']);
    assert.deepEqual(JSON.parse(fillFrame(posted.frame, new Map(), '').toString()), {
      apiVersion: 'bitnami.com/v1alpha1',
      kind: 'SealedSecret',
      metadata: { name: 'db', namespace: 'prod' },
      spec: { template: { data: { a: '{{ .b }}', c: '{{' } } },
    });
  });

  test('survives deep nesting, and reads the next body', async () => {
    const deepTemplate = `{"kind":"SealedSecret","metadata":{"name":"db","namespace":"prod"},"spec":{"template":{"data":{"a":"{{${'('.repeat(100_000)}"}}}}`;
    assert.deepEqual((await read(reader, deepTemplate))?.unparsable, ['a']);
    for (const text of [
      '{'.repeat(50_000),
      '['.repeat(200_000),
      '{"a":'.repeat(100_000),
      '- '.repeat(100_000),
      '? '.repeat(100_000),
      '{a: '.repeat(50_000),
      `a: ${'[{'.repeat(30_000)}`,
      `${'- '.repeat(50_000)}x\ny: z\n`,
      Array.from({ length: 1_500 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join(''),
    ]) {
      assert.equal(await read(reader, text), null);
      assert.equal(await reads(reader), 'db', text.slice(0, 20));
    }
  });

  test('ends what takes too long, and goes on', async () => {
    const hasty = new Reader({ deadline: 300 });
    const text = `{${Array.from({ length: 100_000 }, (_, i) => `k${i}: 1`).join(',')}}`;
    assert.equal(await hasty.read(Buffer.from(text), never), null);
    const patient = new Reader();
    assert.equal(await reads(patient), 'db');
    hasty.close();
    patient.close();
  });

  test('ends when nobody waits for it', async () => {
    const leaving = new AbortController();
    const text = `{${Array.from({ length: 100_000 }, (_, i) => `k${i}: 1`).join(',')}}`;
    const reading = reader.read(Buffer.from(text), leaving.signal);
    setTimeout(() => leaving.abort(), 100);
    await assert.rejects(reading, { name: 'AbortError' });
    assert.equal(await reads(reader), 'db');
  });

  test('ends its process when there is nothing to do, and starts another', async () => {
    const resting = new Reader({ idle: 50 });
    for (let index = 0; index < 3; index++) {
      assert.equal(await reads(resting), 'db');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    resting.close();
  });

  test('tells that no process can be started, and starts one as soon as that is possible', async (t) => {
    const short = new Reader();
    const forks = t.mock.method(childProcess, 'fork', () => {
      throw Object.assign(new Error('spawn ENOMEM'), { code: 'ENOMEM' });
    });
    syncBuiltinESMExports();
    try {
      for (let index = 0; index < 2; index++) {
        assert.equal(await short.read(Buffer.from(good), never), 'no process');
      }
      assert.equal(forks.mock.callCount(), 2);
    } finally {
      forks.mock.restore();
      syncBuiltinESMExports();
    }
    assert.equal(await reads(short), 'db');
    short.close();
  });

  test('tells that its process ended while it started', async () => {
    const broken = new Reader({ heap: Number.NaN });
    assert.equal(await broken.read(Buffer.from(good), never), 'no process');
    broken.close();
  });

  test('gives no request to a process that was killed and has not ended yet', async () => {
    const resting = new Reader({ idle: 20 });
    assert.equal(await reads(resting), 'db');
    const later = new Promise((resolve) => setTimeout(resolve, 25));
    // Both timers fire in one turn of the event loop, before the end of the process is seen.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    await later;
    assert.equal(await reads(resting), 'db');
    resting.close();
  });
});
