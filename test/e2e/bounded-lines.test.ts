import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { MAX_LOGGED, MAX_MESSAGE } from '../../shared/text.ts';
import { at } from '../control-plane/admin-client.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';

let controller: ControllerProcess;
let certificate: Certificate;
let namespace: string;

const setup = new Setup(async () => {
  controller = await setup.use(setup.installation.startReadyController());
  certificate = await controller.certificate();
  namespace = await setup.plane.createNamespace('lines');
});

const EDITS = 4;
const COUNT = 20_000;

function each(value: (index: number) => string): Record<string, string> {
  return Object.fromEntries(Array.from({ length: COUNT }, (_, index) => [`t${index}`, value(index)]));
}

/** Anyone who may write one SealedSecret could otherwise fill the log and etcd of the whole cluster. */
suite('an object that is wrong in 20,000 ways', () => {
  const objects: [string, RegExp, (ref: Ref) => object][] = [
    [
      'broken templates',
      /^19990 more templates were skipped after 10 failures\n/,
      (ref) =>
        sealedSecret(certificate, ref, { a: 'one' }, { template: { data: each((index) => `{{ f${index}`) } }),
    ],
    [
      'items that are no base64, each in its own way',
      /and \d+ more$/,
      (ref) => {
        const body = sealedSecret(certificate, ref, { a: 'one' });
        return {
          ...body,
          spec: { ...body.spec, encryptedData: each((index) => `${'A'.repeat(index % 64)}*`) },
        };
      },
    ],
  ];
  for (const [index, [what, counted, body]] of objects.entries()) {
    test(`(${what}) makes a short line, event and message at each edit`, async () => {
      const { cluster } = setup;
      const ref = { namespace, name: `wrong-${index}` };
      const shownBefore = controller.shown.length;
      await cluster.create('sealedsecrets', body(ref));
      await cluster.told(ref, 'False', 60_000);
      for (let edit = 1; edit < EDITS; edit++) {
        const change = { spec: { template: { type: `example.com/${edit}` } } };
        await cluster.change('sealedsecrets', ref, change);
        await cluster.told(ref, 'False', 60_000);
      }
      const told = await cluster.told(ref, 'False', 60_000);
      assert.equal(told.observedGeneration, EDITS);
      const conditions = at(told.object, 'status', 'conditions');
      assert.ok(Array.isArray(conditions) && conditions.length === 2);
      for (const condition of conditions) assert.ok(String(at(condition, 'message')).length <= MAX_MESSAGE);
      assert.match(told.message, counted);

      const events = await cluster.events(ref, 'ErrUnsealFailed', EDITS);
      for (const { message } of events) assert.ok(message.length <= MAX_MESSAGE, String(message.length));

      const lines = controller.log.filter(({ line }) => line.includes(`${namespace}/${ref.name}`));
      assert.ok(lines.filter(({ message }) => message === 'failed to sync SealedSecret').length <= EDITS);
      const longest = Math.max(...lines.map(({ line }) => line.length));
      assert.ok(longest <= 2 * MAX_LOGGED, String(longest));
      const growth = controller.shown.length - shownBefore;
      assert.ok(growth <= 2 * EDITS * 2 * MAX_LOGGED, String(growth));
    });
  }

  test('holds up nobody', async () => {
    const ref = { namespace, name: 'good' };
    await setup.cluster.create('sealedsecrets', sealedSecret(certificate, ref, { a: 'one' }));
    await setup.cluster.told(ref, 'True');
  });
});
