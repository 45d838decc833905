import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { stringAt } from '../control-plane/admin-client.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import type { Told } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { until } from '../control-plane/until.ts';

/** A value that a policy's message quotes, as an administrator's policy may. */
const VALUE = 'battery staple 4711';
const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const FULL = '; for the full message: kubeseal --recovery-unseal … | kubectl apply --dry-run=server -f -';

let controller: ControllerProcess;
let certificate: Certificate;

const setup = new Setup(async () => {
  controller = await setup.use(setup.installation.startReadyController());
  certificate = await controller.certificate();
});

async function post(path: string, body: object): Promise<unknown> {
  const answer = await setup.plane.request('POST', path, body);
  assert.equal(answer.status, 201, path);
  return answer.body;
}

const RULES = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['secrets'] }];

function selecting(namespace: string): object {
  return { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
}

/** Adds a policy that rejects Secrets in one namespace with this message, a CEL expression. */
async function addPolicy(name: string, namespace: string, messageExpression: string): Promise<void> {
  await post(`${ADMISSION}/validatingadmissionpolicies`, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: { resourceRules: RULES },
      validations: [{ expression: 'false', messageExpression }],
    },
  });
  await post(`${ADMISSION}/validatingadmissionpolicybindings`, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: `${name}-binding` },
    spec: {
      policyName: name,
      validationActions: ['Deny'],
      matchResources: { namespaceSelector: selecting(namespace) },
    },
  });
}

/** Waits until a new Secret in the namespace is rejected for this reason, since rules take effect with a delay. */
async function refused(namespace: string, reason = /^/): Promise<void> {
  await until(`${namespace} to refuse Secrets`, async () => {
    const path = `/api/v1/namespaces/${namespace}/secrets?dryRun=All`;
    const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'probe' }, data: { a: 'eA==' } };
    const answer = await setup.plane.request('POST', path, body);
    return (answer.status !== 201 && reason.test(stringAt(answer.body, 'message'))) || undefined;
  });
}

async function toldOf(namespace: string): Promise<Told> {
  const ref = { namespace, name: 'db' };
  await setup.cluster.create('sealedsecrets', sealedSecret(certificate, ref, { a: VALUE }));
  return setup.cluster.told(ref, 'False');
}

function refusal(ref: Ref, words: string): string {
  return `the API server refused to create Secret ${ref.namespace}/${ref.name}: ${words}`;
}

suite('a Secret that the API server refuses', () => {
  test('because its namespace is over quota is reported with the quota', async () => {
    const namespace = await setup.plane.createNamespace('quota');
    const path = `/api/v1/namespaces/${namespace}/resourcequotas`;
    const hard = { 'count/secrets': '0' };
    const quota = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'team.quota' },
      spec: { hard },
    };
    const made = await post(path, quota);
    const metadata = { name: 'team.quota', resourceVersion: stringAt(made, 'metadata', 'resourceVersion') };
    // No controller manager runs here to compute the usage.
    const status = { hard, used: { 'count/secrets': '0' } };
    const body = { ...quota, metadata, status };
    assert.equal((await setup.plane.request('PUT', `${path}/team.quota/status`, body)).status, 200);
    // Until the API server knows the usage, it refuses for another reason.
    await refused(namespace, /exceeded quota/);
    const { message, reason } = await toldOf(namespace);
    const words = `403 Forbidden: the ResourceQuota team.quota is exceeded${FULL}`;
    assert.equal(message, refusal({ namespace, name: 'db' }, words));
    assert.equal(reason, 'UpdateFailed');
  });

  test('because of an admission policy is reported with the policy, without what it quotes', async () => {
    const namespace = await setup.plane.createNamespace('policy');
    await addPolicy('no-secrets', namespace, `'a is ' + string(object.data.a)`);
    await refused(namespace);
    const { message } = await toldOf(namespace);
    const cause = 'the ValidatingAdmissionPolicy no-secrets (binding no-secrets-binding) denies it';
    assert.equal(message, refusal({ namespace, name: 'db' }, `422 Invalid: ${cause}${FULL}`));
  });

  test('because a webhook is down is reported with the webhook', async () => {
    const namespace = await setup.plane.createNamespace('webhook');
    await post(`${ADMISSION}/validatingwebhookconfigurations`, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'down' },
      webhooks: [
        {
          name: 'check.hook.example',
          clientConfig: { url: 'https://127.0.0.1:1/' },
          rules: RULES,
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          namespaceSelector: selecting(namespace),
        },
      ],
    });
    await refused(namespace);
    const { message } = await toldOf(namespace);
    const cause = 'the admission webhook check.hook.example cannot be called';
    assert.equal(message, refusal({ namespace, name: 'db' }, `500 InternalError: ${cause}${FULL}`));
  });

  test('because its namespace is terminating is reported with that cause', async () => {
    const namespace = await setup.plane.createNamespace('ending');
    const ref = { namespace, name: 'db' };
    await setup.cluster.create('sealedsecrets', sealedSecret(certificate, ref, { a: VALUE }));
    await setup.cluster.told(ref, 'True');
    assert.equal((await setup.plane.request('DELETE', `/api/v1/namespaces/${namespace}`)).status, 200);
    await setup.cluster.delete('secrets', ref);
    const { message } = await setup.cluster.told(ref, 'False');
    const fields = '(metadata.namespace: NamespaceTerminating)';
    assert.equal(message, refusal(ref, `403 Forbidden ${fields}: the namespace is being terminated`));
  });
});

suite('with --show-api-messages', () => {
  test("the status has the API server's message without values", async () => {
    await controller.stop();
    await setup.use(setup.installation.startReadyController(['--show-api-messages']));
    const quoting = await setup.plane.createNamespace('quoting');
    const partly = await setup.plane.createNamespace('partly');
    await addPolicy('quoting', quoting, `'a is ' + string(object.data.a)`);
    await addPolicy('partly', partly, `'a begins with ' + string(object.data.a).substring(0, 10)`);
    const told = async (namespace: string): Promise<string> => {
      await refused(namespace);
      const { message } = await toldOf(namespace);
      return message.replace(refusal({ namespace, name: 'db' }, ''), '');
    };
    const cause = (name: string): string =>
      `422 Invalid: the ValidatingAdmissionPolicy ${name} (binding ${name}-binding) denies it`;
    assert.equal(
      await told(quoting),
      `${cause('quoting')}: secrets "db" is forbidden: ValidatingAdmissionPolicy 'quoting' with binding ` +
        `'quoting-binding' denied request: a is [value]`,
    );
    assert.equal(await told(partly), `${cause('partly')}${FULL}`);
  });
});
