import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { Reader } from '../../../controller/http/reader.ts';

const never = new AbortController().signal;
const reader = new Reader();
after(() => reader.close());

const good =
  'kind: SealedSecret\nmetadata: {name: db, namespace: prod}\nspec: {template: {data: {a: "{{ .b }}", c: "{{"}}}\n';

async function reads(by: Reader): Promise<string | undefined> {
  return (await by.read(Buffer.from(good), never))?.sealed.metadata.name;
}

suite('the reader of bodies', () => {
  test('gives the object, as read and as it came, and the templates that do not parse', async () => {
    const posted = await reader.read(Buffer.from(good), never);
    assert.ok(posted);
    assert.deepEqual(
      posted.sealed.template.data,
      new Map([
        ['a', '{{ .b }}'],
        ['c', '{{'],
      ]),
    );
    assert.deepEqual(posted.unparsable, ['c']);
    assert.deepEqual(posted.value, {
      kind: 'SealedSecret',
      metadata: { name: 'db', namespace: 'prod' },
      spec: { template: { data: { a: '{{ .b }}', c: '{{' } } },
    });
  });

  test('outlives whatever nesting, and reads the next body', async () => {
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
      `{"kind":"SealedSecret","spec":{"template":{"data":{"a":"{{${'('.repeat(100_000)}"}}}}`,
    ]) {
      assert.equal(
        (await reader.read(Buffer.from(text), never))?.unparsable.length ?? 0,
        text.includes('{{(') ? 1 : 0,
      );
      assert.equal(await reads(reader), 'db', text.slice(0, 20));
    }
  });

  test('ends what takes too long, and goes on', async () => {
    const hasty = new Reader({ deadline: 300 });
    const text = `{${Array.from({ length: 100_000 }, (_, i) => `k${i}: 1`).join(',')}}`;
    assert.equal(await hasty.read(Buffer.from(text), never), null);
    const patient = new Reader();
    assert.equal(await reads(patient), 'db');
    await hasty.close();
    await patient.close();
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
    await resting.close();
  });
});
