import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { itemsOf } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { sealedSecret, type SealedBody } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';

const CANARY = 'hunter2-canary';

/** The message of every failure, whatever its cause. */
const FAILED =
  /^template: broken: failed while running, or went over a limit \(1 MiB for the whole Secret, time, memory\); details could reveal values: `kubeseal --recovery-unseal` shows them to the owner of the private key \(broken\)$/;

let certificate: Certificate;
let controller: ControllerProcess;
const controllers: ControllerProcess[] = [];
let namespace: string;

async function startController(): Promise<void> {
  controller = await setup.use(setup.installation.startReadyController());
  controllers.push(controller);
}

const setup = new Setup(async () => {
  await startController();
  certificate = await controller.certificate();
  namespace = await setup.plane.createNamespace('templates');
});

function body(ref: Ref, data: Readonly<Record<string, string>>): SealedBody {
  return sealedSecret(certificate, ref, { user: 'ada', password: CANARY }, { template: { data } });
}

suite('spec.template.data', () => {
  test('is rendered with the items, and an item takes precedence over a template of the same name', async () => {
    const ref = { namespace, name: 'rendered' };
    await setup.cluster.create(
      'sealedsecrets',
      body(ref, {
        host: 'db.local',
        url: 'postgres://{{ .user }}:{{ .password | urlquery }}@{{ .host }}/',
        config: '{{ range $i, $c := list "a" "b" }}{{ $i }}={{ $c | upper }};{{ end }}{{ .none }}',
        user: 'shadowed',
      }),
    );
    assert.deepEqual(itemsOf(await setup.cluster.secret(ref)), {
      user: 'ada',
      password: CANARY,
      host: 'db.local',
      url: `postgres://ada:${CANARY}@db.local/`,
      config: '0=A;1=B;<no value>',
    });
    await setup.cluster.told(ref, 'True');
  });

  const failures: [string, string, RegExp][] = [
    ['fails-with-a-value', '{{ fail .password }}', FAILED],
    ['is-a-bomb', '{{ repeat 1000000000 "x" }}', FAILED],
    ['never-ends', '{{ range 2000000000 }}{{ end }}', FAILED],
  ];
  for (const [name, broken, message] of failures) {
    test(`that ${name.replaceAll('-', ' ')} fails the object with the name of the item and without a value`, async () => {
      const ref = { namespace, name };
      await setup.cluster.create('sealedsecrets', body(ref, { broken }));
      const told = await setup.cluster.told(ref, 'False');
      assert.equal(told.reason, 'TemplateError');
      assert.match(told.message, message);
      assert.equal(await setup.cluster.get('secrets', ref), undefined);
    });
  }

  test('logs no value', () => {
    for (const { output } of controllers) assert.ok(!output.includes(CANARY));
    assert.match(controllers[0]?.output ?? '', /failed while running/);
  });
});
