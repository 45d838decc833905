import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SEALING_KEY } from '../../../shared/api/annotations.ts';
import { parseSealedSecret } from '../../../shared/api/sealed-secret.ts';
import { SCOPES, scopeOf } from '../../../shared/seal/scope.ts';
import type { Input } from '../../../web/model/types.ts';
import { unsealHere } from '../../shared/seal/unseal-here.ts';
import { choices, form, item, lines, makeCluster, model, opened, outputsOf, pasted } from './model-bed.ts';

const prod = await makeCluster('prod');
const staging = await makeCluster('staging');

function secrets(text: string): Input {
  return { kind: 'secrets', file: pasted(text) };
}

suite('sealing a form', () => {
  test('gives one document for each namespace and one output for each certificate', async () => {
    const chosen = choices([prod.named, staging.named], { namespaces: ['a', 'b'] });
    const items = [item('user', 'ada'), item('password', 'hunter2')];
    const outputs = outputsOf(await model.seal(form(items), chosen));
    const wanted = { user: 'ada', password: 'hunter2' };
    assert.deepEqual(
      outputs.map(({ certificate, fingerprint, fileName, documents }) => [
        certificate,
        fingerprint,
        fileName,
        documents,
      ]),
      [
        ['prod', prod.fingerprint, 'prod-db.sealed.yaml', 2],
        ['staging', staging.fingerprint, 'staging-db.sealed.yaml', 2],
      ],
    );
    for (const [index, { key }] of [prod, staging].entries())
      assert.deepEqual(await opened(outputs[index]?.text ?? '', key), { 'a/db': wanted, 'b/db': wanted });
  });

  test('recovers every byte at every scope', async () => {
    const value = Uint8Array.from({ length: 256 }, (_, index) => index);
    for (const scope of SCOPES) {
      const chosen = choices([prod.named], { scope, namespaces: ['shop'], format: 'json' });
      const [output] = outputsOf(await model.seal(form([{ name: 'bytes', value }]), chosen));
      const sealed = parseSealedSecret(JSON.parse(output?.text ?? ''), { source: 'output' });
      assert.equal(scopeOf(sealed.metadata.annotations), scope);
      const result = await unsealHere(sealed, prod.key);
      assert.ok(result.ok);
      assert.deepEqual(Uint8Array.from(result.unsealed.secret.data.get('bytes') ?? []), value);
    }
  });

  test('names the key in an annotation, as kubeseal create does', async () => {
    const chosen = choices([prod.named], { namespaces: ['shop'] });
    const [hinted] = outputsOf(await model.seal(form([item('a', 'x')]), chosen));
    assert.ok(hinted?.text.includes(`${SEALING_KEY}: ${prod.fingerprint}`));
  });

  test('gives a raw value of one item', async () => {
    const chosen = choices([prod.named], { namespaces: ['shop'], format: 'raw' });
    const [output] = outputsOf(await model.seal(form([item('a', 'hunter2')]), chosen));
    assert.equal(output?.fileName, 'db-a.sealed.txt');
    assert.match(output.text, /^[A-Za-z0-9+/]+={0,2}$/);
    const text = `kind: SealedSecret\nmetadata: {name: db, namespace: shop}\nspec: {encryptedData: {a: ${output.text}}}\n`;
    assert.deepEqual(await opened(text, prod.key), { 'shop/db': { a: 'hunter2' } });
  });

  test('seals nothing while there is an error, and says why', async () => {
    const result = await model.seal(
      form([item('a', 'x')], { name: '' }),
      choices([prod.named], { namespaces: ['a'] }),
    );
    assert.equal(result.kind, 'refused');
    assert.deepEqual(lines(result.messages), ['error name: the name of the Secret is missing']);
  });

  test('warns of an object that etcd refuses', async () => {
    const value = new Uint8Array(1_200_000);
    const result = await model.seal(
      form([{ name: 'big', value }]),
      choices([prod.named], { namespaces: ['a'] }),
    );
    assert.match(
      lines(result.messages).join('\n'),
      /warning items: the form: the SealedSecret has 1\.\d\d MiB; etcd accepts at most 1\.5 MiB/,
    );
  });
});

suite('sealing a login', () => {
  test('makes the item that kubectl makes', async () => {
    const login = {
      kind: 'docker',
      name: 'reg',
      server: '',
      username: 'ada',
      password: 'p<w',
      email: '',
    } as const;
    const [output] = outputsOf(await model.seal(login, choices([prod.named], { namespaces: ['shop'] })));
    const auth = Buffer.from('ada:p<w').toString('base64');
    const secret = String.raw`{"auths":{"https://index.docker.io/v1/":{"username":"ada","password":"p\u003cw","auth":"${auth}"}}}`;
    assert.deepEqual(await opened(output?.text ?? '', prod.key), {
      'shop/reg': { '.dockerconfigjson': secret },
    });
    assert.ok(output?.text.includes('type: kubernetes.io/dockerconfigjson'));
  });
});

suite('sealing pasted Secrets', () => {
  test('keeps labels, annotations and type, and gives a document for each', async () => {
    const text =
      'kind: Secret\ntype: custom/type\nimmutable: true\nmetadata: {name: a, namespace: shop, labels: {app: x}, annotations: {note: z}}\n' +
      'stringData: {k: one}\n---\nkind: Secret\nmetadata: {name: b, namespace: lab}\ndata: {k: dHdv}\n';
    const [output] = outputsOf(await model.seal(secrets(text), choices([prod.named])));
    assert.equal(output?.documents, 2);
    assert.equal(output.fileName, 'a-b.sealed.yaml');
    assert.deepEqual(await opened(output.text, prod.key), { 'shop/a': { k: 'one' }, 'lab/b': { k: 'two' } });
    for (const kept of ['app: x', 'note: z', 'type: custom/type', 'immutable: true'])
      assert.ok(output.text.includes(kept), kept);
    assert.ok(!output.text.includes(SEALING_KEY));
  });

  test('keeps no copy of the values that kubectl left in an annotation', async () => {
    const text =
      'kind: Secret\nmetadata: {name: a, namespace: s, annotations: {kubectl.kubernetes.io/last-applied-configuration: hunter2}}\nstringData: {k: hunter2}\n';
    const [output] = outputsOf(await model.seal(secrets(text), choices([prod.named])));
    assert.ok(!output?.text.includes('hunter2'));
  });

  test('makes names of downloads safe', async () => {
    const text = 'kind: Secret\nmetadata: {name: "<b>\\u202e..", namespace: s}\nstringData: {k: x}\n';
    const [output] = outputsOf(
      await model.seal(secrets(text), choices([{ ...prod.named, name: '../x' }, staging.named])),
    );
    assert.equal(output?.fileName, 'x-b.sealed.yaml');
  });
});
