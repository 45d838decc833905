import { until } from '../../control-plane/until.ts';
import { installed } from '../../support/installation.ts';
import { fault, type Fault } from '../fault.ts';
import type { Stage } from '../stage.ts';

const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/sealedsecrets.bitnami.com';
/** How many versions are lost in addition to those of the test: new ones must not reach the last one that was seen. */
const LOST_VERSIONS = 400;

/** What etcd stores is lost: all SealedSecrets with their definition, or everything since a snapshot. */
export const STORAGE_FAULTS: readonly Fault[] = [
  fault('the CustomResourceDefinition, deleted and recreated', async (stage, meanwhile) => {
    const { plane, ledger } = stage;
    await stage.answered('404', async () => {
      await plane.request('DELETE', CRD);
      await until('the definition to be gone', async () => {
        const { status } = await plane.request('GET', CRD);
        return status === 404 || undefined;
      });
      stage.relay.cut();
    });
    await stage.hold();
    await plane.apply(await installed());
    await ledger.createAgain();
    await meanwhile();
  }),
  fault('etcd, restored from an older snapshot', async (stage, meanwhile) => {
    const { plane, ledger } = stage;
    await plane.takeSnapshot();
    const page = ledger.page();
    await meanwhile();
    await writeVersions(stage);
    await ledger.settled(120_000); // the watches have seen versions that are lost next
    await plane.restoreSnapshot();
    ledger.turnBackTo(page);
    await stage.refreshCertificate();
  }),
];

/** Advances the resource version. */
async function writeVersions({ plane, ledger }: Stage): Promise<void> {
  const path = `/api/v1/namespaces/${ledger.namespace}/configmaps`;
  await plane.request('POST', path, { metadata: { name: 'counter' } });
  for (let count = 0; count < LOST_VERSIONS; count++) {
    const change = { data: { count: String(count) } };
    await plane.request('PATCH', `${path}/counter`, change, 'application/merge-patch+json');
  }
}
