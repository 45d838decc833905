import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { at } from '../control-plane/admin-client.ts';
import { samplesOf } from '../support/exposition.ts';
import { Fixture } from '../support/fixture.ts';
import { sealedSecret } from '../support/sealed.ts';
import { until } from '../control-plane/until.ts';

const OBJECTS = 100;
/** The mean number of failures of each object after which its next pause is 8 s to 16 s. */
const FAILURES = 6;
/** How long an operation of a few seconds may take, in ms. */
const PATIENCE = 120_000;
const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const POLICY = 'outage';

const fixture = new Fixture({ namespace: 'outage' });

/** Makes the API server reject new Secrets in the namespace. */
async function refuseSecrets(): Promise<void> {
  const { plane } = fixture;
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const kind = 'ValidatingAdmissionPolicy';
  const metadata = { name: POLICY };
  const resourceRules = [
    { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['secrets'] },
  ];
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': fixture.namespace } };
  const policy = { matchConstraints: { resourceRules }, validations: [{ expression: 'false' }] };
  const binding = {
    policyName: POLICY,
    validationActions: ['Deny'],
    matchResources: { namespaceSelector },
  };
  const items = [
    { apiVersion, kind, metadata, spec: policy },
    { apiVersion, kind: `${kind}Binding`, metadata, spec: binding },
  ];
  await plane.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await created(422);
}

/** Waits until creating a Secret in the namespace returns the status. */
async function created(expected: number): Promise<void> {
  const path = `/api/v1/namespaces/${fixture.namespace}/secrets?dryRun=All`;
  const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'probe' } };
  await until(`the answer ${expected}`, async () => {
    const { status } = await fixture.plane.request('POST', path, body);
    return status === expected || undefined;
  });
}

async function sum(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
  const samples = samplesOf(await fixture.controller.metrics(), `sealed_secrets_controller_${name}`, labels);
  return samples.reduce((total, { value }) => total + value, 0);
}

/** Waits until `Synced` of all objects has the status. */
async function allTold(status: string): Promise<void> {
  await until(
    `${OBJECTS} objects that are ${status}`,
    async () => {
      const objects = await fixture.cluster.list('sealedsecrets', fixture.namespace);
      const told = objects.filter((object) => at(object, 'status', 'conditions', 0, 'status') === status);
      return told.length === OBJECTS || undefined;
    },
    PATIENCE,
  );
}

suite(`an outage of ${OBJECTS} SealedSecrets`, () => {
  const warnings = (): string[] =>
    fixture.controller.log.filter(({ level }) => level !== 'info').map(({ line }) => line);

  test('is reported in the status and an event of each, and logged in full once', async () => {
    const certificate = await fixture.controller.certificate();
    await refuseSecrets();
    const refs = Array.from({ length: OBJECTS }, (_, index): Ref => fixture.ref(`o${index}`));
    for (const ref of refs) {
      await fixture.cluster.create('sealedsecrets', sealedSecret(certificate, ref, { a: 'one' }));
    }
    await allTold('False');
    await until(
      'the events',
      async () => {
        const events = await fixture.cluster.list('events', fixture.namespace);
        const failed = events.filter((event) => at(event, 'reason') === 'ErrUpdateFailed');
        return failed.length === OBJECTS || undefined;
      },
      PATIENCE,
    );
    const inFull = warnings().filter((line) => line.includes('failed to sync SealedSecret'));
    assert.equal(inFull.length, 1);
    assert.match(inFull[0] ?? '', /422 Invalid: the ValidatingAdmissionPolicy outage/);
  });

  test('ends for all of them when the first one succeeds', async () => {
    await until(
      `${FAILURES} failures of each`,
      async () => {
        const failures = await sum('unseal_errors_total', { namespace: fixture.namespace, reason: 'update' });
        return failures >= FAILURES * OBJECTS || undefined;
      },
      PATIENCE,
    );
    const before = await sum('brought_forward_total');
    const { plane } = fixture;
    await plane.request('DELETE', `${ADMISSION}/validatingadmissionpolicybindings/${POLICY}`);
    await created(201);
    await allTold('True');
    // The rate limit lets them come forward gradually; the others became due before.
    assert.ok((await sum('brought_forward_total')) - before >= OBJECTS / 10);
  });

  test('is logged with one line at its end, and few before', async () => {
    const line = await fixture.controller.logged('outage over: no SealedSecret fails with this cause');
    assert.match(line, new RegExp(`"cause":"create Secret: 422 Invalid: [^"]+","failed":${OBJECTS},`));
    const further = warnings().filter((each) => !each.includes('failed to sync SealedSecret'));
    assert.ok(further.length <= 5, further.join('\n'));
    for (const each of further) assert.match(each, /more SealedSecrets fail with the same cause/);
  });
});
