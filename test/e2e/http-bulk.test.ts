import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { dump } from 'js-yaml';
import { podAddress } from '../control-plane/network.ts';
import { ask, post } from '../support/ask.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { samplesOf } from '../support/exposition.ts';
import { kubeseal, type Ran } from '../support/run.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** Re-encrypts many files, with the controller's default limits. */
const COUNT = 50;
const folder = temporaryFolder();
let controller: ControllerProcess;
let namespace: string;
let kubeconfig: string;
/** Local addresses to send from. */
const [ATTACKER, OTHER] = ['127.0.0.2', '127.0.0.3'] as const;

const setup = new Setup(async () => {
  const { plane, installation } = setup;
  controller = await setup.use(installation.startReadyController());
  namespace = await plane.createNamespace('bulk');
  const token = await plane.newServiceAccountToken(namespace, 'developer');
  kubeconfig = plane.kubeconfigFor(token, { namespace });
});

async function sealed(name: string): Promise<object> {
  const ref = { namespace, name };
  return sealedSecret(await controller.certificate(), ref, { user: 'a', password: `value of ${name}` });
}

function reEncrypt(file: string): Promise<Ran> {
  return kubeseal(['--re-encrypt', '-f', file], { env: { KUBECONFIG: kubeconfig } });
}

/** Returns how many re-encryptions were answered with the status. */
async function answered(code: string): Promise<number> {
  const labels = { path: '/v1/rotate', code };
  const samples = samplesOf(
    await controller.metrics(),
    'sealed_secrets_controller_http_requests_total',
    labels,
  );
  return samples.reduce((sum, { value }) => sum + value, 0);
}

function ciphertexts(text: string): string[] {
  return text.match(/\bA[A-Za-z0-9+/]{300,}=*/g) ?? [];
}

suite('kubeseal --re-encrypt', { skip: podAddress() === null && 'no address but loopback' }, () => {
  test(`re-encrypts a file of ${COUNT} documents without being refused once`, async (context) => {
    const documents = await Promise.all(Array.from({ length: COUNT }, (_, index) => sealed(`db-${index}`)));
    const text = documents.map((each) => dump(each)).join('---\n');
    const file = folder.write('many.yaml', text);
    const [done, refused] = [await answered('200'), await answered('429')];
    const started = performance.now();
    assert.deepEqual(await reEncrypt(file), { code: 0, stdout: '', stderr: '' });
    const seconds = (performance.now() - started) / 1000;
    context.diagnostic(`${seconds.toFixed(1)} s`);
    assert.deepEqual([(await answered('200')) - done, (await answered('429')) - refused], [COUNT, 0]);
    const before = new Set(ciphertexts(text));
    const after = ciphertexts(readFileSync(file, 'utf8'));
    assert.equal(after.length, 2 * COUNT);
    assert.ok(after.every((each) => !before.has(each)));
    // Thirty times the usual duration.
    assert.ok(seconds < 180, `${seconds} s`);
  });
});

suite('a flood of re-encryptions', () => {
  test('leaves verification, certificate and unsealing to others', async () => {
    const url = await controller.url();
    const one = await sealed('flood');
    const statuses: number[] = [];
    let isOver = false;
    const flood = Array.from({ length: 8 }, async () => {
      for (let index = 0; !isOver; index++) {
        // An address can claim to forward for arbitrary clients.
        const headers = { 'x-forwarded-for': `10.7.${statuses.length >> 8}.${index & 255}` };
        statuses.push((await post(`${url}/v1/rotate`, one, { headers, localAddress: ATTACKER })).status);
      }
    });
    try {
      for (let round = 0; round < 3; round++) {
        const ref = { namespace, name: `neighbour-${round}` };
        const object = await sealed(ref.name);
        const told = await post(`${url}/v1/verify`, object, { localAddress: OTHER });
        assert.equal(told.status, 200);
        assert.equal((await ask('GET', `${url}/v1/cert.pem`, { localAddress: OTHER })).status, 200);
        await setup.cluster.create('sealedsecrets', object);
        await setup.cluster.told(ref, 'True');
      }
    } finally {
      isOver = true;
      await Promise.all(flood);
    }
    assert.ok(
      statuses.every((status) => [200, 429].includes(status)),
      statuses.join(),
    );
    assert.ok(statuses.includes(200));
  });
});
