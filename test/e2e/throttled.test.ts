import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { at } from '../control-plane/admin-client.ts';
import { itemsOf } from '../support/cluster.ts';
import { samplesOf } from '../support/exposition.ts';
import { keyItems, keySecret, nameOf } from '../support/key-secret.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { until } from '../control-plane/until.ts';

const MANY = 200;

/** One write at a time. Those of administrators, such as this test, are never refused. */
const setup = new Setup(() => Promise.resolve(), {
  apiServerFlags: ['--enable-priority-and-fairness=false', '--max-mutating-requests-inflight=1'],
});

suite('an API server that takes one write at a time, and answers 429 to the others', () => {
  test(`gets ${MANY} Secrets, without a failure of any SealedSecret`, async () => {
    const { cluster, plane, installation } = setup;
    const items = await keyItems();
    await cluster.create('secrets', keySecret('sealed-secrets-keythrottled', items));
    const certificate = parseCertificate(items['tls.crt'], 'test');
    // Several namespaces, so that more objects are worked on at once.
    const namespaces: string[] = [];
    for (let i = 0; i < 4; i++) namespaces.push(await plane.createNamespace('throttled'));
    const each = MANY / namespaces.length;
    for (const namespace of namespaces) {
      for (let index = 0; index < each; index++) {
        const ref = { namespace, name: `item-${index}` };
        await cluster.create('sealedsecrets', sealedSecret(certificate, ref, { a: `of ${ref.name}` }));
      }
    }
    // The election has a connection of its own, whose writes are refused too.
    const controller = await setup.use(installation.startReadyController(['--leader-elect=false']));
    for (const namespace of namespaces) {
      await until(
        'all of them to be synced',
        async () => {
          const all = await cluster.list('sealedsecrets', namespace);
          const synced = all.filter((object) => at(object, 'status', 'conditions', 0, 'status') === 'True');
          return synced.length === each || undefined;
        },
        300_000,
      );
      const secrets = await cluster.list('secrets', namespace);
      assert.equal(secrets.length, each);
      for (const secret of secrets) assert.deepEqual(itemsOf(secret), { a: `of ${nameOf(secret)}` });
    }
    const page = await controller.metrics();
    const sent = samplesOf(page, 'sealed_secrets_controller_api_requests_total', { code: '429' });
    assert.ok(
      sent.some(({ value }) => value > 0),
      'the API server refused no request',
    );
    const failed = samplesOf(page, 'sealed_secrets_controller_unseal_errors_total');
    assert.deepEqual(
      failed.filter(({ value }) => value > 0),
      [],
    );
    assert.deepEqual(
      controller.log.filter(({ level }) => level !== 'info').map(({ message }) => message),
      ['the API server refuses requests as too many; sending fewer'],
    );
  });
});
