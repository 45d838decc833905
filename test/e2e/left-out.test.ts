import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { at } from '../control-plane/admin-client.ts';
import { versionOf } from '../support/cluster.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';

/** A template or null for each item. */
type Templates = Readonly<Record<string, string | null>>;

const ITEMS = { user: 'ada', password: 'left-out-canary' };
const URL = '{{ .user }}:{{ .password }}';
const RENDERED = { user: 'ada', url: 'ada:left-out-canary' };

let certificate: Certificate;
let namespace: string;

const setup = new Setup(async () => {
  const controller = await setup.use(setup.installation.startReadyController());
  certificate = await controller.certificate();
  namespace = await setup.plane.createNamespace('left-out');
});

/** Sends a SealedSecret to the API server, which rejects unknown fields. */
async function send(
  method: 'POST' | 'PUT' | 'PATCH',
  ref: Ref,
  data: Templates,
  { type = '', items = ITEMS }: { type?: string; items?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  const template = { data, ...(type === '' ? {} : { type }) };
  const object = sealedSecret(certificate, ref, items, { template });
  const all = `/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets`;
  const path = method === 'POST' ? all : `${all}/${ref.name}`;
  const have = method === 'PUT' ? await setup.cluster.get('sealedsecrets', ref) : undefined;
  const { status, body } = await setup.plane.request(
    method,
    `${path}?fieldValidation=Strict${method === 'PATCH' ? '&fieldManager=test&force=true' : ''}`,
    have === undefined
      ? object
      : { ...object, metadata: { ...object.metadata, resourceVersion: versionOf(have) } },
    method === 'PATCH' ? 'application/apply-patch+yaml' : undefined,
  );
  assert.ok(status === 200 || status === 201, String(at(body, 'message')));
  const sent = await setup.cluster.get('sealedsecrets', ref);
  assert.deepEqual(at(sent, 'spec', 'template', 'data'), data);
}

async function sealed(name: string, data: Templates): Promise<Ref> {
  const ref = { namespace, name };
  await send('POST', ref, data);
  return ref;
}

suite('a template of null', () => {
  test('leaves its item out of the Secret, which is synced, and other templates see the item', async () => {
    const ref = await sealed('new', { password: null, none: null, url: URL });
    await setup.cluster.secretWith(ref, RENDERED);
    const { reason, message } = await setup.cluster.told(ref, 'True');
    assert.deepEqual([reason, message], ['Unsealed', '']);
  });

  for (const method of ['PUT', 'PATCH'] as const) {
    const how = method === 'PUT' ? 'a replacement' : 'server-side apply';
    test(`removes the item from the Secret when added by ${how}, and restores the item when removed`, async () => {
      const ref = await sealed(`edited-by-${method.toLowerCase()}`, { url: URL });
      await setup.cluster.secretWith(ref, { ...RENDERED, ...ITEMS });
      await send(method, ref, { password: null, url: URL });
      await setup.cluster.secretWith(ref, RENDERED);
      await setup.cluster.told(ref, 'True');
      await setup.cluster.change('sealedsecrets', ref, { spec: { template: { data: { password: null } } } });
      await setup.cluster.secretWith(ref, { ...RENDERED, ...ITEMS });
    });
  }
});
