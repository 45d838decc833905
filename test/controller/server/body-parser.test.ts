import assert from 'node:assert/strict';
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { after, suite, test } from 'node:test';
import { fillFrame } from '../../../controller/server/frame.ts';
import type { PostedObject } from '../../../controller/server/posted.ts';
import { BodyParserProcess } from '../../../controller/server/body-parser.ts';

const never = new AbortController().signal;
const parser = new BodyParserProcess();
after(() => parser.close());

const good =
  'kind: SealedSecret\nmetadata: {name: db, namespace: prod}\nspec: {template: {data: {a: "{{ .b }}", c: "{{"}}}\n';

async function parse(by: BodyParserProcess, text: string): Promise<PostedObject | null> {
  const posted = await by.parse(Buffer.from(text), never);
  assert.ok(posted === null || typeof posted === 'object');
  return posted;
}

async function parsedName(by: BodyParserProcess): Promise<string | undefined> {
  return (await parse(by, good))?.sealed.metadata.name;
}

suite('the body parser process', () => {
  test('returns what opening needs, the object as JSON, and the templates that do not parse', async () => {
    const posted = await parse(parser, good);
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

  test('survives deep nesting, and parses the next body', async (t) => {
    const forks = t.mock.method(childProcess, 'fork');
    syncBuiltinESMExports();
    t.after(() => {
      forks.mock.restore();
      syncBuiltinESMExports();
    });
    const surviving = new BodyParserProcess();
    t.after(() => surviving.close());
    const deepTemplate = `{"kind":"SealedSecret","metadata":{"name":"db","namespace":"prod"},"spec":{"template":{"data":{"a":"{{${'('.repeat(100_000)}"}}}}`;
    assert.deepEqual((await parse(surviving, deepTemplate))?.unparsable, ['a']);
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
      assert.equal(await parse(surviving, text), null);
      assert.equal(await parsedName(surviving), 'db', text.slice(0, 20));
    }
    // A process that ends over a body also returns null, and another one would parse the next.
    assert.equal(forks.mock.callCount(), 1);
  });

  test('stops parsing a body that takes too long, and continues with the next', async () => {
    const impatient = new BodyParserProcess({ deadline: 300 });
    const text = `{${Array.from({ length: 100_000 }, (_, i) => `k${i}: 1`).join(',')}}`;
    assert.equal(await impatient.parse(Buffer.from(text), never), null);
    const patient = new BodyParserProcess();
    assert.equal(await parsedName(patient), 'db');
    impatient.close();
    patient.close();
  });

  test('stops parsing when the request is aborted', async () => {
    const leaving = new AbortController();
    const text = `{${Array.from({ length: 100_000 }, (_, i) => `k${i}: 1`).join(',')}}`;
    const parsing = parser.parse(Buffer.from(text), leaving.signal);
    setTimeout(() => leaving.abort(), 100);
    await assert.rejects(parsing, { name: 'AbortError' });
    assert.equal(await parsedName(parser), 'db');
  });

  test('kills an idle process, and starts another', async () => {
    const idle = new BodyParserProcess({ idle: 50 });
    for (let index = 0; index < 3; index++) {
      assert.equal(await parsedName(idle), 'db');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    idle.close();
  });

  test('reports that no process can be started, and starts one once that is possible', async (t) => {
    const short = new BodyParserProcess();
    const forks = t.mock.method(childProcess, 'fork', () => {
      throw Object.assign(new Error('spawn ENOMEM'), { code: 'ENOMEM' });
    });
    syncBuiltinESMExports();
    try {
      for (let index = 0; index < 2; index++) {
        assert.equal(await short.parse(Buffer.from(good), never), 'no process');
      }
      assert.equal(forks.mock.callCount(), 2);
    } finally {
      forks.mock.restore();
      syncBuiltinESMExports();
    }
    assert.equal(await parsedName(short), 'db');
    short.close();
  });

  test('reports that its process ended during start-up', async () => {
    const broken = new BodyParserProcess({ heap: Number.NaN });
    assert.equal(await broken.parse(Buffer.from(good), never), 'no process');
    broken.close();
  });

  test('sends no request to a killed process that has not ended yet', async () => {
    const idle = new BodyParserProcess({ idle: 20 });
    assert.equal(await parsedName(idle), 'db');
    const later = new Promise((resolve) => setTimeout(resolve, 25));
    // Both timers fire in one turn of the event loop, before Node notices that the process ended.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    await later;
    assert.equal(await parsedName(idle), 'db');
    idle.close();
  });
});
