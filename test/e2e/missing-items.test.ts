import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { itemsOf } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';

const CANARY = 'missing-items-canary';
const CONF = 'user={{ .user }} password={{ .pasword }}';
const TOLD = 'template item conf refers to missing item "pasword"';

let certificate: Certificate;
let controller: ControllerProcess;
let namespace: string;

const setup = new Setup(async () => {
  controller = await setup.use(setup.installation.startReadyController());
  certificate = await controller.certificate();
  namespace = await setup.plane.createNamespace('missing-items');
});

async function seal(name: string, data: Readonly<Record<string, string>>): Promise<Ref> {
  const ref = { namespace, name };
  const items = { user: 'ada', password: CANARY };
  await setup.cluster.create('sealedsecrets', sealedSecret(certificate, ref, items, { template: { data } }));
  return ref;
}

function edit(ref: Ref, data: Readonly<Record<string, string | null>>): Promise<unknown> {
  return setup.cluster.change('sealedsecrets', ref, { spec: { template: { data } } });
}

/** Waits for `count` events with the reason, and returns the reasons of all events on the object. */
async function reasons(ref: Ref, reason: string, count = 1): Promise<string[]> {
  return (await setup.cluster.events(ref, reason, count)).map((event) => event.reason).sort();
}

suite('a template that refers to a missing item', () => {
  test('is rendered as before, and reported in the status and one event', async () => {
    const ref = await seal('told', { conf: CONF });
    const { reason, message } = await setup.cluster.told(ref, 'True');
    assert.deepEqual([reason, message], ['Unsealed', TOLD]);
    assert.equal(itemsOf(await setup.cluster.secret(ref))['conf'], 'user=ada password=<no value>');
    const events = await setup.cluster.events(ref, 'MissingItem');
    assert.deepEqual(
      events.find((event) => event.reason === 'MissingItem'),
      { type: 'Warning', reason: 'MissingItem', message: TOLD, component: 'sealed-secrets' },
    );
  });

  test('is not reported again when the Secret is repaired, but after an edit', async () => {
    const ref = await seal('again', { conf: CONF });
    await setup.cluster.told(ref, 'True');
    const items = itemsOf(await setup.cluster.secret(ref));
    await setup.cluster.change('secrets', ref, { data: { user: null } });
    await setup.cluster.secretWith(ref, items);
    await edit(ref, { more: '{{ .none }}' });
    // The event of the edit comes after all events of the repair.
    assert.deepEqual(await reasons(ref, 'MissingItem', 2), [
      'MissingItem',
      'MissingItem',
      'Unsealed',
      'Unsealed',
    ]);
    const { message } = await setup.cluster.told(ref, 'True');
    assert.equal(message, `${TOLD}; template item more refers to missing item "none"`);
    await edit(ref, { more: null, conf: '{{ .password }}' });
    assert.equal((await setup.cluster.told(ref, 'True')).message, '');
  });

  test('is not reported if the template allows for its absence', async () => {
    const ref = await seal('allowed', {
      conf: '{{ if .tls }}{{ .cert }}{{ end }}{{ .port | default "5432" }}',
    });
    assert.equal((await setup.cluster.told(ref, 'True')).message, '');
    assert.deepEqual(await reasons(ref, 'Unsealed'), ['Unsealed']);
  });
});

suite('with --strict-templates', () => {
  const REFUSED = 'template: conf:1: refers to missing item "pasword" (conf)';

  test('a restart rejects what was synced, and leaves its Secret unchanged', async () => {
    const ref = { namespace, name: 'told' };
    const before = await setup.cluster.secret(ref);
    await controller.stop();
    controller = await setup.use(setup.installation.startReadyController(['--strict-templates=true']));
    const { reason, message } = await setup.cluster.told(ref, 'False');
    assert.deepEqual([reason, message], ['TemplateError', REFUSED]);
    assert.deepEqual(await setup.cluster.get('secrets', ref), before);
  });

  test('no Secret is created until the template is fixed', async () => {
    const ref = await seal('strict', { conf: CONF });
    const { reason, message, object } = await setup.cluster.told(ref, 'False');
    assert.deepEqual([reason, message], ['TemplateError', REFUSED]);
    const { status } = object as { status: { conditions: { type: string }[] } };
    assert.deepEqual(
      status.conditions.map(({ type }) => type),
      ['Synced', 'Stalled'],
    );
    assert.equal(await setup.cluster.get('secrets', ref), undefined);
    const events = await setup.cluster.events(ref, 'ErrUnsealFailed');
    assert.deepEqual(
      events.map((event) => event.message),
      [`Failed to unseal: ${REFUSED}`],
    );
    await edit(ref, { conf: 'user={{ .user }}' });
    await setup.cluster.told(ref, 'True');
    assert.equal(itemsOf(await setup.cluster.secret(ref))['conf'], 'user=ada');
  });

  test('a template that allows for the absence is rendered', async () => {
    const ref = await seal('optional', { conf: '{{ if .tls }}{{ .cert }}{{ else }}plain{{ end }}' });
    await setup.cluster.told(ref, 'True');
    assert.equal(itemsOf(await setup.cluster.secret(ref))['conf'], 'plain');
  });
});
