import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { stringAt } from '../control-plane/admin-client.ts';
import { ask, post } from '../support/ask.ts';
import { itemsOf, uidOf } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { STEPS } from '../support/fake-clock.ts';
import { installed } from '../support/installation.ts';
import { keySecrets } from '../support/key-secret.ts';
import { controllerFlags } from '../support/package.ts';
import { rightsInForce } from '../control-plane/rights.ts';
import { sealedItem, sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { until } from '../control-plane/until.ts';

const STEPPING_DATE = join(import.meta.dirname, '..', 'support', 'stepping-date.js');
const MANY = Array.from({ length: 100 }, (_, index) => `many-${index}`);
/** How long to wait for each event, in ms. Even the smallest step is longer, so that a timer stuck by it is noticed. */
const SOON = 40_000;

const folder = temporaryFolder();
const file = folder.write('clock', '0');
let controller: ControllerProcess;
let certificate: Certificate;
let namespace: string;
let off = 0;
let steps = 0;

const setup = new Setup(async () => {
  const interpreter = [process.execPath, ...controllerFlags(), '--import', STEPPING_DATE];
  const options = { interpreter, env: { CLOCK_FILE: file } };
  controller = await setup.use(setup.installation.startBareController(['--key-size', '2048'], options));
  await controller.logged('sealing keys loaded');
  certificate = await controller.certificate();
  namespace = await setup.plane.createNamespace('clock');
  await Promise.all(MANY.map((name) => create(name, 'the first value')));
  await allAre('the first value');
});

/** Steps the wall clock of the controller only. */
async function step(ms: number): Promise<void> {
  off += ms;
  folder.write('clock', String(off));
  controller.signal('SIGUSR2');
  await controller.logged(`clock step ${++steps}: `);
}

async function create(name: string, value: string): Promise<Ref> {
  const ref = { namespace, name };
  await setup.cluster.create('sealedsecrets', sealedSecret(certificate, ref, { a: value }));
  return ref;
}

async function synced(name: string): Promise<Ref> {
  const ref = await create(name, 'one');
  await setup.cluster.told(ref, 'True', SOON);
  return ref;
}

async function edit(ref: Ref, value: string): Promise<void> {
  const encryptedData = { a: sealedItem(certificate, ref, value) };
  await setup.cluster.change('sealedsecrets', ref, { spec: { encryptedData } });
}

async function allAre(value: string): Promise<void> {
  await until(
    `all ${MANY.length} Secrets to have the value of the last edit`,
    async () => {
      const secrets = await setup.cluster.list('secrets', namespace);
      const right = secrets.filter(
        (secret) =>
          stringAt(secret, 'metadata', 'name').startsWith('many-') && itemsOf(secret)['a'] === value,
      );
      return right.length === MANY.length || undefined;
    },
    SOON,
  );
}

/** Changes the Secret, and waits until the controller has repaired it. */
async function repaired(ref: Ref): Promise<void> {
  await setup.cluster.change('secrets', ref, { data: { a: Buffer.from('other').toString('base64') } });
  await until(
    'the repair',
    async () => itemsOf(await setup.cluster.get('secrets', ref))['a'] === 'one' || undefined,
    SOON,
  );
}

async function verify(name: string): Promise<{ status: number; retryAfter: number }> {
  const object = sealedSecret(certificate, { namespace, name }, { a: 'one' });
  const { status, headers } = await post(`${await controller.url()}/v1/verify`, object);
  return { status, retryAfter: Number(headers['retry-after'] ?? 0) };
}

/** Verifies, with more requests at once than the rate limit allows, until it rejects one. */
async function useUpLimit(): Promise<void> {
  await until('429', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => verify('any')));
    return answers.some(({ status }) => status === 429) || undefined;
  });
}

async function answers(path: string): Promise<{ status: number; body: string }> {
  const { status, body } = await ask('GET', (await controller.url()) + path);
  return { status, body };
}

/** Breaks an object and mends it, so that its conditions change twice. */
async function changesConditions(ref: Ref): Promise<void> {
  const broken = { spec: { encryptedData: { a: 'AAAA' } } };
  await setup.cluster.change('sealedsecrets', ref, broken);
  await setup.cluster.told(ref, 'False', SOON);
  await edit(ref, 'one');
  const { object } = await setup.cluster.told(ref, 'True', SOON);
  const since = Date.parse(stringAt(object, 'status', 'conditions', 0, 'lastTransitionTime'));
  assert.ok(Math.abs(since - (Date.now() + off)) < 10 * 60_000, 'the status has the time of the clock');
}

/** Steps the clock, and checks that everything continues at its usual pace. */
async function goesOn(name: string, ms: number): Promise<string> {
  const { cluster } = setup;
  // An event may be under way when another test kills the API server, and is lost then.
  const before = controller.log.length;
  const [deleted, drifting, told] = await Promise.all(
    ['deleted', 'drifting', 'told'].map((each) => synced(`${each}-${name}`)),
  );
  assert.ok(deleted && drifting && told);
  await repaired(drifting);
  const uid = uidOf(await cluster.secret(deleted));
  await useUpLimit();
  await step(ms);

  const began = performance.now();
  const took: string[] = [];
  const timed = async (what: string, work: Promise<unknown>): Promise<void> => {
    await work;
    took.push(`${what} ${((performance.now() - began) / 1000).toFixed(1)} s`);
  };
  await Promise.all([
    timed(
      'edits',
      Promise.all(MANY.map((each) => edit({ namespace, name: each }, `value of ${name}`))).then(() =>
        allAre(`value of ${name}`),
      ),
    ),
    timed(
      'deleted',
      cluster.delete('secrets', deleted).then(() => cluster.secret(deleted, uid)),
    ),
    timed('drift', repaired(drifting)),
    timed('new', synced(`new-${name}`)),
    timed('conditions', changesConditions(told)),
    timed(
      'verify',
      until(
        '200',
        async () => {
          const { status, retryAfter } = await verify('any');
          assert.ok(retryAfter <= 2, `retry-after: ${retryAfter}`);
          return status === 200 || undefined;
        },
        SOON,
      ),
    ),
  ]);
  for (const problem of ['failed to update status', 'failed to record event', 'crashed']) {
    assert.deepEqual(
      controller.log.slice(before).filter(({ message }) => message === problem),
      [],
    );
  }
  return took.join(', ');
}

async function sealsAs(pem: string, keys: number): Promise<void> {
  assert.deepEqual(await answers('/v1/cert.pem'), { status: 200, body: pem });
  assert.equal((await answers('/readyz')).status, 200);
  assert.equal((await keySecrets(setup.cluster)).length, keys);
}

suite('a clock that steps while the controller runs', () => {
  for (const [title, ms] of Object.entries(STEPS).filter(([, each]) => each < 0)) {
    test(`by ${title} and back delays nothing and creates no key`, async (t) => {
      const name = title.replace(/[^a-z0-9]+/g, '');
      t.diagnostic(await goesOn(`back-${name}`, ms));
      await sealsAs(certificate.pem, 1);
      t.diagnostic(await goesOn(`right-${name}`, -ms));
      await sealsAs(certificate.pem, 1);
    });
  }

  test('by -1 d and back during back-off and an outage of the API server delays nothing', async (t) => {
    const { plane, cluster } = setup;
    const rules = [
      { apiGroups: ['bitnami.com'], resources: ['*'], verbs: ['*'] },
      { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
    ];
    for (const [name, ms] of [
      ['behind', STEPS['-1 d']],
      ['right', -STEPS['-1 d']],
    ] as const) {
      const role = '/apis/rbac.authorization.k8s.io/v1/clusterroles/secrets-unsealer';
      const type = 'application/merge-patch+json';
      const { status } = await plane.request('PATCH', role, { rules }, type);
      assert.equal(status, 200);
      await rightsInForce(plane);
      const failing = await create(`failing-${name}`, 'one');
      await cluster.told(failing, 'False', SOON);
      await step(ms);
      await plane.apply(await installed());
      const began = performance.now();
      await cluster.told(failing, 'True', SOON);
      t.diagnostic(`back-off: ${((performance.now() - began) / 1000).toFixed(1)} s`);
    }
    for (const [name, ms] of [
      ['behind', STEPS['-1 d']],
      ['right', -STEPS['-1 d']],
    ] as const) {
      const kept = await synced(`kept-${name}`);
      const uid = uidOf(await cluster.secret(kept));
      await plane.stopApiServer('SIGKILL');
      await step(ms);
      await plane.startApiServer();
      const began = performance.now();
      await cluster.delete('secrets', kept);
      await synced(`made-${name}`);
      await until(
        'the Secret that was deleted',
        async () => {
          const now = uidOf(await cluster.get('secrets', kept));
          return (now !== '' && now !== uid) || undefined;
        },
        SOON,
      );
      t.diagnostic(`API server away: ${((performance.now() - began) / 1000).toFixed(1)} s`);
    }
    await sealsAs(certificate.pem, 1);
  });

  test('by +10 y, past the end of the certificate, creates one key; after the step back, the right key seals at once', async (t) => {
    t.diagnostic(await goesOn('ahead', STEPS['+10 y']));
    const other = await until(
      'another certificate',
      async () => {
        const { status, body } = await answers('/v1/cert.pem');
        return status === 200 ? body : undefined;
      },
      150_000,
    );
    assert.notEqual(other, certificate.pem);
    await sealsAs(other, 2);
    t.diagnostic(await goesOn('back', -STEPS['+10 y']));
    await sealsAs(certificate.pem, 2);
  });
});
