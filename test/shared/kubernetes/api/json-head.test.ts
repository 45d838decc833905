import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { JsonHead } from '../../../../shared/kubernetes/api/json-head.ts';
import { LineScanner } from '../../../../shared/kubernetes/api/line-scanner.ts';

const WANTED = [['type'], ['object', 'metadata', 'name'], ['object', 'metadata', 'resourceVersion']];

function headOf(text: string, size = 7): JsonHead {
  const head = new JsonHead(WANTED);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) head.push(bytes.subarray(at, at + size));
  return head;
}

/** Returns a string in a result of JSON.parse. */
function stringAt(value: unknown, [key, ...rest]: readonly string[]): string | undefined {
  if (key === undefined) return typeof value === 'string' ? value : undefined;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return stringAt((value as Record<string, unknown>)[key], rest);
}

suite('the head of a JSON text', () => {
  test('has the strings that JSON.parse finds at the same paths, and no others', () => {
    const key = fc.constantFrom('type', 'object', 'metadata', 'name', 'resourceVersion', '', 'a"]\\');
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'medium' },
        fc.string({ unit: 'grapheme', maxLength: 20 }),
        fc.integer(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(
        fc.dictionary(key, value, { noNullPrototype: true }),
        fc.integer({ min: 1, max: 50 }),
        (object, size) => {
          const text = JSON.stringify(object);
          const head = headOf(text, size);
          for (const path of WANTED) {
            assert.equal(head.string(...path), stringAt(JSON.parse(text), path), path.join('.'));
          }
        },
      ),
      { seed: 1, numRuns: 1_000 },
    );
  });

  test('reads escapes, and ignores strings of more than 1 KiB', () => {
    const name = '\\u0064b \\"x\\" \\\\';
    const head = headOf(
      `{"type":"${'x'.repeat(1025)}","object":{"metadata":{"name":"${name}","resourceVersion":"${'7'.repeat(1024)}"}}}`,
    );
    assert.equal(head.string('object', 'metadata', 'name'), 'db "x" \\');
    assert.equal(head.string('type'), undefined);
    assert.equal(head.string('object', 'metadata', 'resourceVersion'), '7'.repeat(1024));
  });

  test('follows a text that is nested a million levels deep', () => {
    const deep = 1_000_000;
    const head = headOf(`{"a":${'['.repeat(deep)}${']'.repeat(deep)},"type":"x"}`, 4_096);
    assert.equal(head.string('type'), 'x');
  });
});

suite('the line scanner', () => {
  test('finds all lines, wherever the chunks end, and the names in those beyond the limit', () => {
    const lines = fc.array(
      fc.record({
        type: fc.constantFrom('ADDED', 'DELETED'),
        object: fc.record({
          text: fc.string({ unit: 'grapheme', maxLength: 60 }),
          metadata: fc.record({ name: fc.string({ unit: 'grapheme', maxLength: 20 }) }),
        }),
      }),
      { maxLength: 10 },
    );
    fc.assert(
      fc.property(
        lines,
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 200 }),
        (all, size, limit) => {
          const scanner = new LineScanner({ limit, wanted: WANTED });
          const texts = all.map((line) => JSON.stringify(line));
          const bytes = Buffer.from(texts.map((text) => `${text}\n\n`).join(''));
          const found = [];
          for (let at = 0; at < bytes.length; at += size) {
            found.push(...scanner.push(bytes.subarray(at, at + size)));
            assert.ok(scanner.held <= limit);
          }
          assert.deepEqual(
            found.map((line) => (line.complete ? line.text : line.head.string('object', 'metadata', 'name'))),
            all.map((line, index) =>
              Buffer.byteLength(texts[index] ?? '') > limit ? line.object.metadata.name : texts[index],
            ),
          );
        },
      ),
      { seed: 1, numRuns: 500 },
    );
  });
});
