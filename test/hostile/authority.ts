import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { SEALING_KEY_LABEL } from '../../shared/api/annotations.ts';
import { at } from '../control-plane/admin-client.ts';
import { uidOf, versionOf } from '../support/cluster.ts';
import { NAMESPACE } from '../support/installation.ts';
import { ACTIVE, keyItems } from '../support/key-secret.ts';
import { until } from '../control-plane/until.ts';
import type { Arena } from './arena.ts';
import type { Attack } from './attack.ts';

async function plantKey(arena: Arena): Promise<{ namespace: string; certificate: string }> {
  const ref = { namespace: await arena.namespace('tenant'), name: 'sealed-secrets-keyplanted' };
  const items = await keyItems();
  const template = {
    type: 'kubernetes.io/tls',
    metadata: {
      labels: ACTIVE,
      annotations: { 'sealedsecrets.bitnami.com/skip-set-owner-references': 'true' },
    },
    data: items,
  };
  await arena.cluster.create('sealedsecrets', await arena.sealed(ref, {}, template));
  await arena.cluster.told(ref, 'any');
  return { namespace: ref.namespace, certificate: items['tls.crt'] };
}

export const PLANTED_KEY: Attack = {
  name: 'a sealing key for another namespace, from a template',
  async run(arena) {
    const { namespace, certificate } = await plantKey(arena);
    const secrets = await arena.cluster.list('secrets', namespace);
    const labelled = secrets.filter(
      (each) => at(each, 'metadata', 'labels', SEALING_KEY_LABEL) !== undefined,
    );
    // A second controller must use its own key, even if it finds the planted one.
    const other = await arena.installation.startBareController(
      ['--key-size', '2048', '--kubeconfig', arena.installation.plane.kubeconfig],
      { env: { POD_NAMESPACE: namespace } },
    );
    try {
      await other.logged('sealing keys loaded');
      assert.notEqual((await other.certificate()).pem, certificate, 'it seals with the planted key');
    } finally {
      await other.stop();
    }
    assert.equal(labelled.length, 0, 'a Secret with the label was made');
    return 'refused; a second controller there uses its own key';
  },
  async putUnderLoad(arena) {
    await plantKey(arena);
  },
};

export const FORGED_STATUS: Attack = {
  name: 'a forged proof of ownership in the status',
  async run(arena) {
    const ref = { namespace: await arena.namespace('forged'), name: 'foreign' };
    const foreign = await arena.cluster.create('secrets', {
      metadata: ref,
      data: { a: Buffer.from('foreign').toString('base64') },
    });
    const sealed = await arena.cluster.create('sealedsecrets', await arena.sealed(ref, { a: 'mine' }));
    for (const ownership of ['Status', 'Reference', 'None']) {
      const applied = {
        sealedSecretUID: uidOf(sealed),
        generation: 1,
        scope: 'strict',
        secretUID: uidOf(foreign),
        secretResourceVersion: versionOf(foreign),
        ownership,
      };
      const path = `/apis/bitnami.com/v1alpha1/namespaces/${ref.namespace}/sealedsecrets/${ref.name}`;
      await arena.installation.plane.request(
        'PATCH',
        `${path}/status`,
        { status: { applied } },
        'application/merge-patch+json',
      );
      // The next reconcile reads the forged status.
      const template = { metadata: { labels: { edit: ownership } } };
      await arena.cluster.change('sealedsecrets', ref, { spec: { template } });
      await arena.cluster.told(ref, 'any');
    }
    const { reason } = await arena.cluster.told(ref, 'False');
    assert.equal(reason, 'NotManaged');
    assert.equal(
      versionOf(await arena.cluster.get('secrets', ref)),
      versionOf(foreign),
      'the Secret changed',
    );
    return `${reason}, the Secret is as it was`;
  },
};

/** Returns the ten candidate names of the next key, which anyone can derive from the public certificate. */
function nextKeyNames(fingerprint: string): string[] {
  const characters = 'bcdfghjklmnpqrstvwxz2456789';
  return Array.from({ length: 10 }, (_, attempt) => {
    const digest = createHash('sha256').update(`${fingerprint} ${attempt}`).digest();
    const suffix = [0, 4, 8, 12, 16].map((at) => characters[digest.readUInt32BE(at) % characters.length]);
    return `sealed-secrets-key${suffix.join('')}`;
  });
}

export const TAKEN_NAMES: Attack = {
  name: 'the names of the next keys, taken',
  async run(arena) {
    const certificate = await arena.certificate();
    for (const name of nextKeyNames(certificate.fingerprint)) {
      const ref = { namespace: NAMESPACE, name };
      await arena.cluster.create('sealedsecrets', await arena.sealed(ref, { a: 'one' }));
      await arena.cluster.told(ref, 'any');
    }
    arena.controller.signal('SIGUSR1');
    await until(
      'a new sealing key',
      async () => (await arena.certificate()).pem !== certificate.pem || undefined,
      20_000,
    );
    return 'ten names are taken, and a new key is made';
  },
};
