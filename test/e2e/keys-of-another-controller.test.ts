import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SEALING_KEY_LABEL } from '../../shared/api/annotations.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { versionOf } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { ACTIVE, keyItems, keySecret, nameOf } from '../support/key-secret.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';

const PREFIX = 'sealedsecrets.bitnami.com/';
const MANAGED = { [`${PREFIX}managed`]: 'true' };
const PATCH = { [`${PREFIX}patch`]: 'true' };
const SKIP = { [`${PREFIX}skip-set-owner-references`]: 'true' };

/** Two controllers: one that creates Secrets everywhere, and one that has its keys in another namespace. */
let first: Certificate;
let second: ControllerProcess;
let namespace: string;

const setup = new Setup(async () => {
  const controller = await setup.use(setup.installation.startReadyController());
  first = await controller.certificate();
  namespace = await setup.plane.createNamespace('second');
  // It selects no SealedSecret, so that the statuses are those of the first controller.
  const args = ['--key-size', '2048', '--label-selector', 'none=none'];
  const options = { env: { POD_NAMESPACE: namespace } };
  second = await setup.use(setup.installation.startBareController(args, options));
  await second.logged('sealing keys loaded');
});

/** Adds a valid key, and returns the names of all key Secrets that the second controller has loaded since its start. */
async function keysTaken(): Promise<string[]> {
  const name = `good-${second.log.length}`;
  const good = keySecret(name, await keyItems(), { namespace, labels: ACTIVE });
  await setup.cluster.create('secrets', good);
  await second.logged(`"secret":"${name}"`);
  const added = second.log.filter(({ message }) => message === 'sealing key added');
  return added.map(({ line }) => /"secret":"([^"]+)"/.exec(line)?.[1] ?? '');
}

/** A SealedSecret that would create a key, and the content of that key. */
interface Attempt {
  readonly name: string;
  readonly sealed?: Readonly<Record<string, string>>;
  readonly data?: Readonly<Record<string, string>>;
  readonly annotations?: object;
  readonly immutable?: boolean;
  /** The annotations of an existing Secret, if there is one. */
  readonly present?: object;
}

async function refuses(ref: Ref, items: Readonly<Record<string, string>>, template: object): Promise<void> {
  await setup.cluster.create('sealedsecrets', sealedSecret(first, ref, items, { template }));
  const told = await setup.cluster.told(ref, 'False');
  assert.equal(told.reason, 'Refused', ref.name);
  assert.match(told.message, /a SealedSecret cannot create or change a sealing key$/);
}

suite('a user who may write SealedSecrets in the namespace of another controller', () => {
  test('cannot plant a key there, from plaintext templates or sealed, by any path', async () => {
    const { cluster } = setup;
    const items = await keyItems({ notBefore: new Date(Date.now() - 1000) });
    const attempts: Attempt[] = [
      { name: 'templates', data: items },
      { name: 'sealed', sealed: items },
      { name: 'without-owner', data: items, annotations: SKIP },
      { name: 'fixed', data: items, immutable: true },
      { name: 'patched', data: items, present: PATCH },
      { name: 'taken-over', data: items, present: MANAGED },
      { name: 'both', data: items, annotations: SKIP, present: { ...PATCH, ...MANAGED } },
    ];
    for (const { name, sealed = { a: 'one' }, annotations, present, ...template } of attempts) {
      const ref = { namespace, name };
      const before =
        present && (await cluster.create('secrets', { metadata: { ...ref, annotations: present } }));
      const metadata = { labels: ACTIVE, annotations };
      await refuses(ref, sealed, { ...template, type: 'kubernetes.io/tls', metadata });
      assert.deepEqual(await cluster.get('secrets', ref), before, name);
    }
    await refuses({ namespace, name: 'unused' }, items, {
      metadata: { labels: { [SEALING_KEY_LABEL]: '' } },
    });
    await refuses({ namespace, name: 'sealed-secrets-key' }, items, {});
    assert.deepEqual(
      (await keysTaken()).filter((name) => !name.startsWith('good-')),
      [],
    );
  });

  test('cannot change or disable a key there, whatever its annotations', async () => {
    const { cluster } = setup;
    const key = (await cluster.list('secrets', namespace)).find((secret) =>
      nameOf(secret).startsWith('sealed-secrets-key'),
    );
    const ref = { namespace, name: nameOf(key) };
    const before = await cluster.change('secrets', ref, {
      metadata: { annotations: { ...PATCH, ...MANAGED } },
    });
    await refuses(ref, { 'tls.key': 'mine' }, { metadata: { labels: { app: 'x' } } });
    assert.equal(versionOf(await cluster.secret(ref)), versionOf(before));
  });

  test('cannot plant a key through a Secret that an earlier release or the reference created', async () => {
    const left: [string, object][] = [
      ['skipped', SKIP],
      ['proven', { [`${PREFIX}owner-uid`]: '11111111-2222-3333-4444-555555555555' }],
    ];
    for (const [name, annotations] of left) {
      const secret = keySecret(name, await keyItems(), { namespace, labels: ACTIVE, annotations });
      await setup.cluster.create('secrets', secret);
      const line = await second.logged(`"secret":"${namespace}/${name}"`);
      assert.match(line, /ignoring key Secret that was created by a SealedSecret/);
    }
    assert.deepEqual(
      (await keysTaken()).filter((name) => !name.startsWith('good-')),
      [],
    );
  });
});
