import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Lines } from '../../../cli/lint/lines.ts';
import { Locator } from '../../../cli/lint/locate.ts';
import { parseManifests } from '../../../cli/lint/manifest.ts';

/** Returns the position of a path in an object of a text, as `LINE:COLUMN`. */
function placeOf(text: string, path: readonly (string | number)[], index = 0): string {
  const [manifest] = parseManifests(Buffer.from(text), 'file.yaml');
  assert.ok(manifest !== undefined);
  const object = manifest.documents[index];
  assert.ok(object !== undefined);
  const offset = new Locator(manifest).offsetOf(object.place, path);
  const { line, column } = new Lines(manifest.text).positionOf(offset);
  return `${line}:${column}`;
}

suite('the position of a value', () => {
  test('is that of its key, in any letter case, or of the item of a list', () => {
    const text = 'kind: Secret\nspec:\n  "key": 1\n  list:\n    - a\n    - b: 2\n';
    assert.equal(placeOf(text, []), '1:1');
    assert.equal(placeOf(text, ['spec', 'key']), '3:3');
    assert.equal(placeOf(text, ['Spec', 'list', 1]), '6:7');
    assert.equal(placeOf(text, ['spec', 'list', 1, 'b']), '6:7');
  });

  test('is found in the document and the item of a List that it belongs to', () => {
    const text = '---\n---\nkind: A\n---\nkind: List\nitems:\n- kind: Secret\n  data:\n    a: b\n- kind: C\n';
    assert.equal(placeOf(text, ['kind'], 0), '3:1');
    assert.equal(placeOf(text, ['data', 'a'], 1), '9:5');
    assert.equal(placeOf(text, [], 2), '10:3');
  });

  test('is that of the nearest map for what is not there, or comes from a merge or an alias', () => {
    const text = 'base: &base\n  a: 1\nuser:\n  <<: *base\n  b: 2\nsame: *base\n';
    assert.equal(placeOf(text, ['user', 'a']), '3:1');
    assert.equal(placeOf(text, ['user', 'b']), '5:3');
    assert.equal(placeOf(text, ['same', 'a']), '6:1');
    assert.equal(placeOf(text, ['nowhere', 'at', 'all']), '1:1');
  });

  test('is found in JSON, in several documents of it, and with tabs', () => {
    const text = '{"kind": "Secret",\n\t"data": {\n\t\t"a": "b"}}\n{"kind":\n"C"}\n';
    assert.equal(placeOf(text, ['data', 'a'], 0), '3:3');
    assert.equal(placeOf(text, ['kind'], 1), '4:2');
  });

  test('counts lines that end with a carriage return as well', () => {
    assert.equal(placeOf('kind: Secret\r\ndata:\r\n  a: b\r\n', ['data', 'a']), '3:3');
  });

  test('takes time that grows with the number of items, and not with its square', () => {
    const items = Array.from({ length: 20_000 }, (_, index) => `  item-${index}: a\n`).join('');
    const text = `kind: Secret\ndata:\n${items}`;
    const [manifest] = parseManifests(Buffer.from(text), 'file.yaml');
    assert.ok(manifest !== undefined);
    const locator = new Locator(manifest);
    const lines = new Lines(text);
    const [object] = manifest.documents;
    assert.ok(object !== undefined);
    for (let index = 0; index < 20_000; index++) {
      const offset = locator.offsetOf(object.place, ['data', `item-${index}`]);
      assert.equal(lines.positionOf(offset).line, index + 3);
    }
  });
});
