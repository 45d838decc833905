import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SEALING_KEY } from '../../../shared/api/annotations.ts';
import type { SealedInput } from '../../../web/model/types.ts';
import { sealedItem } from '../../support/sealed.ts';
import { choices, item, lines, makeCluster, model, opened, outputsOf, pasted } from './model-bed.ts';

const prod = await makeCluster('prod');
const other = await makeCluster('other');

const REF = { name: 'db', namespace: 'shop' };
const sealedUser = sealedItem(prod.named, REF, 'ada');
const sealedPassword = sealedItem(prod.named, REF, 'hunter2');
const FILE = `# Ours. Do not reformat.
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
    name:   'db'
    namespace: "shop"
spec:
    encryptedData:
        user: ${sealedUser}   # the login
        password: >-
            ${sealedPassword}
---
kind: ConfigMap   # stays
data: {a: b}
`;

function change(changes: Partial<SealedInput>, text = FILE): SealedInput {
  return { kind: 'sealed', file: pasted(text, 'db.yaml'), object: 0, set: [], remove: [], ...changes };
}

const CHOSEN = choices([prod.named]);

suite('changing a SealedSecret', () => {
  test('replaces and adds items, and every other byte stays', async () => {
    const input = change({ set: [item('user', 'bea'), item('token', 't0ken')] });
    const [output] = outputsOf(await model.seal(input, CHOSEN));
    assert.equal(output?.fileName, 'db.yaml');
    assert.deepEqual(await opened(output.text.replace(/---[^]*/, ''), prod.key), {
      'shop/db': { user: 'bea', password: 'hunter2', token: 't0ken' },
    });
    const rest = output.text.replace(/^ {8}token: .*\n/m, '').replace(/user: \S+/, `user: ${sealedUser}`);
    assert.equal(rest, FILE);
  });

  test('removes items, for which no certificate is needed, and no valid one', async () => {
    for (const certificates of [[], [{ name: 'none', pem: '' }, prod.named]]) {
      const [output] = outputsOf(await model.seal(change({ remove: ['user'] }), choices(certificates)));
      assert.equal(output?.text, FILE.replace(/ {8}user: .*\n/, ''));
    }
  });

  test('is planned item by item', async () => {
    const input = change({ set: [item('user', 'bea'), item('token', 't')], remove: ['password'] });
    const plan = await model.plan(input, CHOSEN);
    assert.deepEqual(plan.targets, [
      {
        certificate: 'prod',
        fingerprint: prod.fingerprint,
        ...REF,
        scope: 'strict',
        items: [
          { name: 'user', action: 'replace', size: 3 },
          { name: 'password', action: 'remove', size: undefined },
          { name: 'token', action: 'add', size: 1 },
        ],
      },
    ]);
    assert.deepEqual(plan.messages, []);
  });

  test('takes name, namespace and scope from the file, whatever is chosen', async () => {
    const input = change({ set: [item('user', 'bea')] });
    const chosen = choices([prod.named], { scope: 'cluster-wide', namespaces: ['lab'], format: 'json' });
    const [output] = outputsOf(await model.seal(input, chosen));
    assert.equal(output?.format, 'yaml');
    assert.deepEqual((await opened(output.text.replace(/---[^]*/, ''), prod.key))['shop/db'], {
      user: 'bea',
      password: 'hunter2',
    });
  });

  test('adds its key to the hint of the file, and notes that other items have another key', async () => {
    const text = FILE.replace('spec:', `    annotations: {${SEALING_KEY}: ${other.fingerprint}}\nspec:`);
    const input = change({ set: [item('user', 'bea')] }, text);
    assert.deepEqual(lines((await model.plan(input, CHOSEN)).messages), [
      `note certificate: db.yaml: document 1: its other items were sealed with ${other.fingerprint}, the new ones will be with ${prod.fingerprint}`,
    ]);
    const [output] = outputsOf(await model.seal(input, CHOSEN));
    assert.ok(output?.text.includes(`${other.fingerprint},${prod.fingerprint}`));
  });
});

suite('a change of a SealedSecret is refused', () => {
  async function refused(changes: Partial<SealedInput>, text = FILE, chosen = CHOSEN): Promise<string[]> {
    const input = change(changes, text);
    const result = await model.seal(input, chosen);
    assert.equal(result.kind, 'refused');
    const { messages } = await model.plan(input, chosen);
    if (messages.some(({ severity }) => severity === 'error')) assert.deepEqual(result.messages, messages);
    return lines(result.messages);
  }

  test('without a change, a certificate, or an item to remove', async () => {
    assert.deepEqual(await refused({}), ['error items: there is nothing to change']);
    assert.deepEqual(await refused({ set: [item('a', 'x')] }, FILE, choices([])), [
      'error certificate: no certificate is chosen',
    ]);
    assert.deepEqual(await refused({ remove: ['none'] }), [
      'error items: db.yaml: document 1 has no item "none"',
    ]);
    assert.deepEqual(await refused({ remove: ['user'], set: [item('user', 'x')] }), [
      'error items: the item "user" is to be removed and to be replaced',
    ]);
  });

  test('for several certificates: it is for one cluster', async () => {
    assert.deepEqual(await refused({ set: [item('a', 'x')] }, FILE, choices([prod.named, other.named])), [
      'error certificate 1: a SealedSecret is for one cluster: choose one certificate to change it',
    ]);
  });

  test('if the file has no such object, no name, deprecated data or an alias in place of items', async () => {
    const set = [item('a', 'x')];
    assert.deepEqual(await refused({ set, object: 1 }), [
      'error file: db.yaml does not hold this SealedSecret',
    ]);
    assert.match(
      (await refused({ set }, FILE.replace("'db'", "''")))[0] ?? '',
      /^error file: .*metadata\.name: "" is not a valid name/,
    );
    assert.match(
      (await refused({ set }, 'kind: SealedSecret\nspec: {data: AgA=}\n'))[0] ?? '',
      /^error file: db\.yaml has deprecated spec\.data/,
    );
    const alias =
      'kind: SealedSecret\nmetadata: {name: a, namespace: b}\nx: &x {u: AgA=}\nspec: {encryptedData: *x}\n';
    assert.deepEqual(await refused({ set }, alias), [
      'error file: db.yaml cannot be edited in place (YAML alias or unsupported style)',
    ]);
  });
});

suite('a change of a SealedSecret warns', () => {
  test('of the last item, of items that the type needs, and of a template that leaves an item out', async () => {
    assert.deepEqual(lines((await model.plan(change({ remove: ['user', 'password'] }), CHOSEN)).messages), [
      'warning items: db.yaml: document 1: the Secret has no items any more',
    ]);
    const reads = FILE.replace(
      '    encryptedData:',
      '    template: {data: {url: "{{ .user }}@{{ .none }}"}}\n    encryptedData:',
    );
    assert.deepEqual(lines((await model.plan(change({ remove: ['user'] }, reads), CHOSEN)).messages), [
      'warning items: db.yaml: document 1: template item url seems to use "user", to be removed',
    ]);
    const others = reads.replace('.user', '.username');
    assert.deepEqual((await model.plan(change({ remove: ['user'] }, others), CHOSEN)).messages, []);
    const template = '    template: {type: kubernetes.io/tls, data: {user: null, url: "{{ .user }}"}}\n';
    const text = FILE.replace('    encryptedData:', `${template}    encryptedData:`);
    assert.deepEqual(lines((await model.plan(change({ set: [item('user', 'x')] }, text), CHOSEN)).messages), [
      'warning file: db.yaml: document 1: spec.template.data is null for "user": the Secret will not contain the sealed value',
      'warning file: db.yaml: document 1: a Secret of type kubernetes.io/tls needs the items tls.crt and tls.key: the API server refuses it otherwise',
      'note file: db.yaml: document 1: templates in the file can copy the new items into "url"',
    ]);
  });
});
