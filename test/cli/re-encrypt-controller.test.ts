import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { beforeEach, suite, test } from 'node:test';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { VERIFY_TYPE } from '../../shared/seal/verify-answer.ts';
import { kubeseal } from '../support/run.ts';
import { sealedItem } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem } from '../support/vectors.ts';
import { json, text, type Answer } from './fake-api-server.ts';
import { answerOf, busy, CANARY, FakeController } from './fake-controller.ts';
import { inProcess, type CommandOutput } from './in-process.ts';
import { itemsOf } from './opened.ts';

const folder = temporaryFolder();
const certificate = parseCertificate(certificatePem('c2048'), 'c2048');
const ITEM = sealedItem(certificate, { name: 'db', namespace: 'prod' }, 'hunter2');
const YAML = `# by ops
kind: SealedSecret
apiVersion: bitnami.com/v1alpha1
metadata: {name: db, namespace: prod}
spec:
  encryptedData:
    password: '${ITEM}' # May
  template:
    metadata: {labels: {app: db}}
    data: {url: "{{ .password }}"}
`;
const controller = new FakeController();
beforeEach(() => controller.reset());

function rotate(file: string, ...args: string[]): Promise<CommandOutput> {
  const kubeconfig = folder.write('kubeconfig', controller.kubeconfig);
  return inProcess(['--re-encrypt', '--kubeconfig', kubeconfig, '-f', file, ...args]);
}

function frame(document: string): string {
  return document.replace(/A[A-Za-z0-9+/]{300,}=*/g, 'CIPHERTEXT');
}

suite('kubeseal --re-encrypt, with the controller', () => {
  test('changes only the ciphertexts, even if the answer lacks labels, template and kind', async () => {
    const file = folder.write('sealed.yaml', YAML);
    const env = { KUBECONFIG: folder.write('kubeconfig', controller.kubeconfig) };
    const ran = await kubeseal(['--re-encrypt', '-f', file], { env });
    assert.deepEqual(ran, { code: 0, stdout: '', stderr: '' });
    const after = readFileSync(file, 'utf8');
    assert.equal(frame(after), frame(YAML));
    assert.ok(!after.includes(ITEM));
    assert.deepEqual(await itemsOf(after), [{ password: 'hunter2', url: 'hunter2' }]);
  });

  test('prints what comes from stdin', async () => {
    const env = { KUBECONFIG: folder.write('kubeconfig', controller.kubeconfig) };
    const ran = await kubeseal(['--re-encrypt', '-o', 'yaml'], { env, stdin: YAML });
    assert.deepEqual([ran.code, ran.stderr, frame(ran.stdout)], [0, '', frame(YAML)]);
  });

  test('waits while the controller is busy, and asks for its certificate only for the key hint', async () => {
    const file = folder.write('sealed.yaml', `${YAML}---\n${YAML}`);
    let asked = 0;
    controller.onRotate((object) => {
      const data = new Map([['password', sealedItem(certificate, { name: 'db', namespace: 'prod' }, 'new')]]);
      return asked++ % 2 === 0 ? busy('0') : json(200, answerOf(object, data));
    });
    assert.deepEqual(await rotate(file), { warnings: [], errors: [] });
    assert.equal(asked, 4);
    assert.ok(!controller.server.requests.some(({ line }) => line.endsWith('/v1/cert.pem')));
    assert.deepEqual(await rotate(file, '--key-hint'), { warnings: [], errors: [] });
    assert.equal(controller.server.requests.filter(({ line }) => line.endsWith('/v1/cert.pem')).length, 1);
    assert.ok(readFileSync(file, 'utf8').includes(certificate.fingerprint));
  });

  const item = new Map([['password', ITEM]]);
  const changed = (change: (object: Record<string, unknown>) => object): ((object: object) => Answer) => {
    return (object) => json(200, change(answerOf(object, item) as Record<string, unknown>));
  };
  const metadata = (more: object) =>
    changed((answer) => ({ ...answer, metadata: { name: 'db', namespace: 'prod', ...more } }));
  const wide = { annotations: { 'sealedsecrets.bitnami.com/cluster-wide': 'true' } };
  const PLACE = 'the response is sealed for another name, namespace or scope';
  const NONE = 'the response is not a SealedSecret';
  const refusals: [string, (object: object) => Answer, string][] = [
    ['for another name', metadata({ name: 'other' }), PLACE],
    ['for another namespace', metadata({ namespace: 'shop' }), PLACE],
    ['at a wider scope', metadata(wide), PLACE],
    ['without an item', (object) => json(200, answerOf(object, new Map())), 'the response lacks an item'],
    [
      'with an item that is no string',
      changed((answer) => ({ ...answer, spec: { encryptedData: { password: 1 } } })),
      'the response lacks an item',
    ],
    ['of another kind', changed((answer) => ({ ...answer, kind: 'Secret' })), NONE],
    ['that is a page', () => text(`<html>${CANARY}</html>`), NONE],
    ['that is empty', () => text(''), NONE],
    ['that is half a text', () => text(`{"metadata": "${CANARY}`), NONE],
    [
      '404',
      () => text(CANARY, 404),
      'not found (404); check that this Service is the sealed-secrets controller',
    ],
    ['413', () => text(CANARY, 413), 'the object is too large (413)'],
    ['500', () => text(CANARY, 500), 'the API server refused to proxy the request to the controller: 500'],
  ];
  for (const [what, answer, reason] of refusals) {
    test(`refuses an answer ${what}, and leaves the file as it was`, async () => {
      controller.onRotate(answer);
      const file = folder.write('sealed.yaml', YAML);
      const { errors } = await rotate(file);
      assert.deepEqual(errors, [`cannot re-encrypt sealed secret: db [${file}]: ${reason}`]);
      assert.equal(readFileSync(file, 'utf8'), YAML);
    });
  }

  test('changes nothing if one of several fails, and names that one', async () => {
    const text = `${YAML}---\n${YAML.replace('name: db', 'name: moved')}---\n${YAML}`;
    const file = folder.write('three.yaml', text);
    const { errors } = await rotate(file);
    assert.deepEqual(errors, [
      `unable to decrypt sealed secret: moved [${file}: document 2]: the controller does not say why; it may not handle this namespace`,
    ]);
    assert.equal(readFileSync(file, 'utf8'), text);
    // The refused one was sent once more, to ask for the reason.
    assert.equal(controller.sent.length, 4);
  });

  test('reports a refusal with the reason that --validate reports', async () => {
    const file = folder.write('moved.yaml', YAML.replace('name: db', 'name: moved'));
    const answer = (problems: object[]): Answer => {
      return (response) =>
        response.writeHead(409, { 'content-type': VERIFY_TYPE }).end(JSON.stringify({ problems }));
    };
    controller.onVerify(() =>
      answer([
        { item: 'password', code: 'NoEnvelope' },
        { item: 'url', code: 'Template' },
      ]),
    );
    const unable = `unable to decrypt sealed secret: moved [${file}]`;
    const cut = 'no key could decrypt secret (password): the value is truncated or not a sealed value';
    assert.deepEqual((await rotate(file)).errors, [`${unable}: ${cut}`]);
    for (const silent of [text(CANARY, 409), text(CANARY, 500), text('', 200)]) {
      controller.onVerify(() => silent);
      assert.deepEqual((await rotate(file)).errors, [
        `${unable}: the controller does not say why; it may not handle this namespace`,
      ]);
    }
  });

  test('names a template with a wider scope, which the controller refuses', async () => {
    const wider = '{labels: {app: db}, annotations: {sealedsecrets.bitnami.com/cluster-wide: "true"}}';
    const file = folder.write('wider.yaml', YAML.replace('{labels: {app: db}}', wider));
    controller.onRotate(() => text('', 409));
    assert.deepEqual((await rotate(file)).errors, [
      `cannot re-encrypt sealed secret: db [${file}]: spec.template.metadata has a wider scope than metadata`,
    ]);
  });

  test('ignores items that it did not send', async () => {
    controller.onRotate((object) => json(200, answerOf(object, new Map([...item, ['more', ITEM]]))));
    const file = folder.write('sealed.yaml', YAML);
    assert.deepEqual((await rotate(file)).errors, []);
    assert.equal(readFileSync(file, 'utf8'), YAML);
  });
});
