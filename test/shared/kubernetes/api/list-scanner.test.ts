import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { BoundedText } from '../../../../shared/kubernetes/api/bounded-text.ts';
import { ListScanner } from '../../../../shared/kubernetes/api/list-scanner.ts';

const NAMES = [
  ['metadata', 'name'],
  ['metadata', 'namespace'],
];

/** Splits bytes at the given places, in any order and number. */
function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
}

/** Returns the items and the rest of a list that arrives in chunks. */
function scan(chunks: readonly Buffer[], limit = 1024 * 1024): { items: BoundedText[]; rest: unknown } {
  const scanner = new ListScanner('list secrets', { limit, wanted: NAMES });
  const items = chunks.flatMap((chunk) => scanner.push(chunk));
  return { items, rest: scanner.end() };
}

function parsed(items: readonly BoundedText[]): unknown[] {
  return items.map((item) => {
    assert.ok(item.complete);
    return JSON.parse(item.text) as unknown;
  });
}

/** Returns the results of both parsers for a text: the value, or that they refuse it. */
function outcome(read: () => unknown): string {
  try {
    return JSON.stringify(read());
  } catch {
    return 'refused';
  }
}

const cuts = fc.array(fc.nat(100_000), { maxLength: 40 });
const json = fc.jsonValue({ maxDepth: 5 });
/** White space that JSON allows between its tokens. */
const indent = fc.constantFrom('', ' ', '\t', '\n  ');

suite('the list scanner', () => {
  test('finds the same items as JSON.parse, wherever the chunks end', () => {
    fc.assert(
      fc.property(
        fc.array(json, { maxLength: 8 }),
        fc.dictionary(fc.string({ unit: 'grapheme' }), json, { maxKeys: 4 }),
        fc.dictionary(fc.string({ unit: 'grapheme' }), json, { maxKeys: 4 }),
        indent,
        cuts,
        (items, before, after, space, places) => {
          const others = Object.entries({ ...before, ...after }).filter(
            ([key]) => key.toLowerCase() !== 'items',
          );
          const half = Math.floor(others.length / 2);
          const list = Object.fromEntries([
            ...others.slice(0, half),
            ['items', items],
            ...others.slice(half),
          ]) as Record<string, unknown>;
          const bytes = Buffer.from(JSON.stringify(list, null, space));
          const found = scan(pieces(bytes, places));
          assert.deepEqual(parsed(found.items), JSON.parse(JSON.stringify(items)));
          assert.deepEqual(found.rest, JSON.parse(JSON.stringify({ ...list, items: [] })));
        },
      ),
      { seed: 1, numRuns: 500 },
    );
  });

  test('accepts no text that JSON.parse refuses, and reads none differently', () => {
    const tokens = ['{', '}', '[', ']', ',', ':', '"', '\\', '"items"', '"a"', '1', 'null', ' ', '\\u0069'];
    const broken = fc.array(fc.constantFrom(...tokens), { maxLength: 24 }).map((parts) => parts.join(''));
    const damaged = fc
      .tuple(fc.array(json, { maxLength: 3 }), fc.nat(1_000), fc.constantFrom('', ...tokens))
      .map(([items, at, token]) => {
        const text = JSON.stringify({ kind: 'List', items, metadata: { resourceVersion: '1' } });
        const place = at % text.length;
        return text.slice(0, place) + token + text.slice(place + 1);
      });
    fc.assert(
      fc.property(fc.oneof(broken, damaged), cuts, (text, places) => {
        const ours = outcome(() => {
          const { items, rest } = scan(pieces(Buffer.from(text), places));
          return rest instanceof Array || typeof rest !== 'object' || rest === null || !('items' in rest)
            ? rest
            : { ...rest, items: items.length > 0 ? parsed(items) : rest.items };
        });
        if (ours !== 'refused')
          assert.equal(
            ours,
            outcome(() => JSON.parse(text)),
          );
      }),
      { seed: 1, numRuns: 2_000 },
    );
  });

  test('accepts fields in any order, and multi-byte characters that two chunks share', () => {
    const text =
      '{"items":[{"name":"ключ \\" ] } 🔑"},{"name":"b\\\\"}],"kind":"Лист","metadata":{"continue":"x"}}';
    for (let at = 0; at <= Buffer.byteLength(text); at++) {
      const found = scan(pieces(Buffer.from(text), [at]));
      assert.deepEqual(parsed(found.items), [{ name: 'ключ " ] } 🔑' }, { name: 'b\\' }]);
      assert.deepEqual(found.rest, { items: [], kind: 'Лист', metadata: { continue: 'x' } });
    }
  });

  const lists: [string, string, number][] = [
    ['no items', '{"kind":"List"}', 0],
    ['items that are null', '{"items":null}', 0],
    ['an empty list', '{"items":[ \n]}', 0],
    ['items deeper down', '{"metadata":{"items":[1,2]},"a":[{"items":[3]}]}', 0],
    ['a value that reads "items"', '{"kind":"items","a":[1,2]}', 0],
  ];
  for (const [what, text, count] of lists) {
    test(`finds ${count} items in a list with ${what}`, () => {
      const found = scan([Buffer.from(text)]);
      assert.equal(found.items.length, count);
      assert.deepEqual(found.rest, JSON.parse(text));
    });
  }

  const refused: [string, string][] = [
    ['nothing', ''],
    ['a cut item', '{"items":[{"a":1},{"b":'],
    ['a cut end', '{"items":[{"a":1}]'],
    ['a cut string', '{"items":[],"kind":"Li'],
    ['two lists of items', '{"items":[{"a":1}],"items":[{"b":1}]}'],
    ['two lists of items in different letter cases', '{"items":[1],"Items":[2]}'],
    ['two lists of items, one written with an escape', '{"items":[1],"\\u0069tems":[2]}'],
    ['a second document', '{"items":[1]}{"items":[2]}'],
    ['brackets that do not match', '{"items":[{"a":1}}'],
    ['a key without its colon', '{"items" [1]}'],
  ];
  for (const [what, text] of refused) {
    test(`refuses ${what}`, () => {
      assert.throws(
        () => scan([Buffer.from(text)]),
        /^SealedSecretsError: list secrets: the answer is not a list in JSON$/,
      );
    });
  }

  test('refuses a list with more than 64 KiB apart from its items', () => {
    const padding = 'x'.repeat(65_000);
    assert.deepEqual(scan([Buffer.from(JSON.stringify({ padding, items: [1] }))]).rest, {
      padding,
      items: [],
    });
    const large = Buffer.from(JSON.stringify({ padding: `${padding}${'x'.repeat(600)}`, items: [1] }));
    assert.throws(() => scan([large]), /without its items is larger than 64 KiB/);
  });

  test('finds only the name of an item beyond the limit, wherever the name is', () => {
    const large = 'x'.repeat(2_000);
    const heads: object[] = [
      { metadata: { name: 'big', namespace: 'ns', annotations: { large } } },
      { data: { large }, metadata: { annotations: { large, name: 'no' }, name: 'big', namespace: 'ns' } },
      {
        name: 'no',
        lists: [{ name: 'no', metadata: { name: 'no' } }],
        large,
        metadata: { name: 'big', namespace: 'ns' },
      },
    ];
    const small = { metadata: { name: 'small' } };
    for (const big of heads) {
      const bytes = Buffer.from(JSON.stringify({ items: [small, big, big, small], kind: 'List' }));
      fc.assert(
        fc.property(cuts, (places) => {
          const found = scan(pieces(bytes, places), 1_000);
          const names = found.items.map((item) =>
            item.complete
              ? item.text
              : `${item.head.string('metadata', 'namespace')}/${item.head.string('metadata', 'name')}`,
          );
          assert.deepEqual(names, [JSON.stringify(small), 'ns/big', 'ns/big', JSON.stringify(small)]);
          assert.deepEqual(found.rest, { items: [], kind: 'List' });
        }),
        { seed: 1, numRuns: 50 },
      );
    }
  });

  test('keeps no more of an item than its bound', () => {
    const limit = 256 * 1024;
    const scanner = new ListScanner('list secrets', { limit, wanted: NAMES });
    scanner.push(Buffer.from('{"items":[{"a":"'));
    const chunk = Buffer.alloc(64 * 1024, 'x');
    let most = 0;
    for (let i = 0; i < 64; i++) {
      scanner.push(chunk);
      most = Math.max(most, scanner.held);
    }
    assert.ok(most > limit / 2 && most <= limit, `${most} bytes`);
    assert.equal(scanner.held, 0);
    const [item] = scanner.push(Buffer.from('"}]}'));
    assert.equal(item?.complete, false);
  });
});
