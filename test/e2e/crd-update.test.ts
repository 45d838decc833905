import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { samplesOf } from '../support/exposition.ts';
import { Fixture } from '../support/fixture.ts';
import { sealedSecret } from '../support/sealed.ts';

const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/sealedsecrets.bitnami.com';
/** Enough updates to bring a back-off that is not reset to its longest pauses, of 5 s to 10 s. */
const UPDATES = 8;
/** How long a SealedSecret may take, in ms: several times the usual, and less than those pauses. */
const SOON = 5_000;
/** How many may take longer, because the machine is busy. With such a back-off, the last four updates have one each. */
const MAX_LATE = 2;
let made = 0;

const fixture = new Fixture({ namespace: 'crd' });

async function updateCrd(description: string): Promise<void> {
  const path = '/spec/versions/0/schema/openAPIV3Schema/description';
  const patch = [{ op: 'add', path, value: description }];
  const { status } = await fixture.plane.request('PATCH', CRD, patch, 'application/json-patch+json');
  assert.equal(status, 200);
}

/** Creates a SealedSecret. Returns how long it took to be unsealed, in ms. */
async function sealAnother(): Promise<number> {
  const ref = fixture.ref(`s${made++}`);
  const started = performance.now();
  await fixture.cluster.create('sealedsecrets', sealedSecret(fixture.certificate, ref, { a: 'one' }));
  await fixture.cluster.told(ref, 'True');
  return performance.now() - started;
}

async function restarts(): Promise<number> {
  const name = 'sealed_secrets_controller_watch_restarts_total';
  const [restarted] = samplesOf(await fixture.controller.metrics(), name, { watch: 'sealedsecrets' });
  return restarted?.value ?? 0;
}

suite('while the CustomResourceDefinition is updated repeatedly', () => {
  test('SealedSecrets are unsealed promptly, although the API server ends the watch after each update', async () => {
    const late: number[] = [];
    for (let update = 0; update < UPDATES; update++) {
      const before = await restarts();
      await updateCrd(`update ${update}`);
      // The watch ends some time after the update: one of these SealedSecrets is created in the pause that follows.
      while ((await restarts()) === before) {
        const took = await sealAnother();
        if (took > SOON) late.push(Math.round(took));
      }
    }
    assert.ok(late.length <= MAX_LATE, `unsealed after ${late.join(', ')} ms`);
  });
});
