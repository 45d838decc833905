import { until } from '../../control-plane/until.ts';
import { fault, type Fault } from '../fault.ts';
import type { Stage } from '../stage.ts';

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const NAME = 'refuse-secrets';

/** Waits until the API server answers the creation of a Secret with the status. */
async function creationAnswered({ plane, ledger }: Stage, expected: number): Promise<void> {
  const path = `/api/v1/namespaces/${ledger.namespace}/secrets?dryRun=All`;
  const body = { metadata: { name: 'probe' } };
  await until(`the answer ${expected}`, async () => {
    const { status } = await plane.request('POST', path, body);
    return status === expected || undefined;
  });
}

/** Allows no further Secret in the namespace. No quota controller runs, so the test writes its status. */
async function setQuota({ plane, ledger }: Stage): Promise<void> {
  const path = `/api/v1/namespaces/${ledger.namespace}/resourcequotas`;
  const hard = { 'count/secrets': '0' };
  await plane.request('POST', path, { metadata: { name: NAME }, spec: { hard } });
  const status = { hard, used: { 'count/secrets': '0' } };
  await plane.request('PATCH', `${path}/${NAME}/status`, { status }, 'application/merge-patch+json');
}

/** Rejects every Secret that is created or changed in the namespace. */
async function setPolicy({ plane, ledger }: Stage): Promise<void> {
  const resourceRules = [
    { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['secrets'] },
  ];
  // The administrator may change Secrets by hand.
  const validations = [
    { expression: "request.userInfo.username == 'admin' && object.metadata.name != 'probe'" },
  ];
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': ledger.namespace } };
  const metadata = { name: NAME };
  const spec = { matchConstraints: { resourceRules }, validations };
  await plane.request('POST', `${ADMISSION}/validatingadmissionpolicies`, { metadata, spec });
  await plane.request('POST', `${ADMISSION}/validatingadmissionpolicybindings`, {
    metadata,
    spec: { policyName: NAME, validationActions: ['Deny'], matchResources: { namespaceSelector } },
  });
}

/** The API server refuses what the controller writes. */
export const REFUSAL_FAULTS: readonly Fault[] = [
  fault('a quota that allows no further Secret', async (stage, meanwhile) => {
    const { plane, ledger } = stage;
    await setQuota(stage);
    await creationAnswered(stage, 403);
    await stage.answered('403', meanwhile);
    await stage.hold();
    await plane.request('DELETE', `/api/v1/namespaces/${ledger.namespace}/resourcequotas/${NAME}`);
    await creationAnswered(stage, 201);
  }),
  fault('an admission policy that rejects Secrets', async (stage, meanwhile) => {
    const { plane } = stage;
    await setPolicy(stage);
    await creationAnswered(stage, 422);
    await stage.answered('422', meanwhile);
    await stage.hold();
    for (const plural of ['validatingadmissionpolicybindings', 'validatingadmissionpolicies']) {
      await plane.request('DELETE', `${ADMISSION}/${plural}/${NAME}`);
    }
    await creationAnswered(stage, 201);
  }),
];
