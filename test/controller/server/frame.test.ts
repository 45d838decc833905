import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parsePostedObject, type PostedObject } from '../../../controller/server/posted.ts';
import { fillFrame } from '../../../controller/server/frame.ts';

const MIB = 1024 * 1024;
const SEALED = 'kind: SealedSecret\nmetadata: {name: db, namespace: prod}\n';

function parsed(text: string): PostedObject {
  const posted = parsePostedObject(Buffer.from(text));
  if (posted === null || posted === 'too large') throw new Error(`${posted}: ${text.slice(0, 60)}`);
  return posted;
}

suite('the frame of a posted object', () => {
  test('has gaps for items and sealing key, in any letter case', () => {
    const key = 'sealedsecrets.bitnami.com/sealing-key';
    const object = {
      Metadata: { name: 'db', Annotations: { a: 'x', [key]: 'old' } },
      Spec: { EncryptedData: { a: 'old' }, encryptedDatum: { a: 'old' } },
      kind: 'SealedSecret',
      status: '0 items',
    };
    const { frame } = parsed(JSON.stringify(object));
    assert.deepEqual(
      frame.filter((piece) => typeof piece === 'string'),
      ['key', 'items'],
    );
    const filled: unknown = JSON.parse(fillFrame(frame, new Map([['a', 'new']]), 'SHA256:x').toString());
    assert.deepEqual(filled, {
      ...object,
      apiVersion: 'bitnami.com/v1alpha1',
      Metadata: { name: 'db', Annotations: { a: 'x', [key]: 'SHA256:x' } },
      Spec: { EncryptedData: { a: 'new' }, encryptedDatum: { a: 'old' } },
    });
  });
});

suite('a parsed body', () => {
  test('cannot use YAML anchors or aliases', () => {
    for (const text of [
      `${SEALED}spec: &a {}\n`,
      `${SEALED}spec: {encryptedData: {&a a: x}}\n`,
      `${SEALED}spec: {encryptedData: {a: &a x, b: *a}}\n`,
      `base: &a {b: c}\n${SEALED}spec:\n  <<: *a\n`,
      `${SEALED}spec: &a {b: *a}\n`,
      `${SEALED}spec: &a\n`,
    ]) {
      assert.equal(parsePostedObject(Buffer.from(text)), null, text);
      assert.equal(parsePostedObject(Buffer.from(`${text}x: "`)), null);
    }
    assert.ok(parsed(`${SEALED}spec: {encryptedData: {a: "&a *a", b: 'x&y'}, <<: {c: d}}\n`));
  });

  test('counts both its JSON and its memory, and is bounded', () => {
    const count = Math.floor((2 * MIB - 200) / 2);
    const escapes = '\\0'.repeat(count);
    const spec = (template: string): string => `${SEALED}spec: {template: {data: {a: ${template}}}}\n`;
    for (const [what, text] of Object.entries({
      'a string of NUL characters, six bytes each in JSON': spec(`"${escapes}"`),
      'numbers that are short in exponential form': `${SEALED}note: [${'1e20,'.repeat(200_000)}]\n`,
      'many tiny items': `${SEALED}spec:\n  encryptedData:\n${Array.from({ length: 30_000 }, (_, i) => `    i${i}: x\n`).join('')}`,
    })) {
      // Not compared as a whole: computing the failure message would take minutes.
      assert.ok(parsePostedObject(Buffer.from(text)) === 'too large', what);
    }
    // YAML has them as escapes alone.
    const controls = `${SEALED}note: |\n ${'\u0001'.repeat(2 * MIB - 200)}\n`;
    assert.equal(parsePostedObject(Buffer.from(controls)), null, 'raw control characters');
    const full = { a: 'x'.repeat(1.5 * MIB) };
    const large = JSON.stringify({
      kind: 'SealedSecret',
      metadata: { name: 'db', namespace: 'prod' },
      spec: { encryptedData: full, template: { data: { t: 'x'.repeat(0.4 * MIB) } } },
    });
    const { memory } = parsed(large);
    assert.ok(memory > 1.9 * MIB && memory < 2.1 * MIB, `${memory}`);
  });

  test('reaches the controller without labels, template texts and other annotations', () => {
    const { sealed } = parsed(
      JSON.stringify({
        kind: 'SealedSecret',
        metadata: {
          name: 'db',
          labels: { l: 'x' },
          annotations: { a: 'x', 'sealedsecrets.bitnami.com/cluster-wide': 'true' },
        },
        spec: { encryptedData: { a: 'x' }, template: { data: { t: 'text' } } },
      }),
    );
    assert.equal(sealed.metadata.labels.size, 0);
    assert.deepEqual([...sealed.metadata.annotations.keys()], ['sealedsecrets.bitnami.com/cluster-wide']);
    assert.deepEqual([...sealed.template.data], ['t']);
  });
});
