import { rightsInForce } from '../../control-plane/rights.ts';
import { installed } from '../../support/installation.ts';
import { fault, type Fault } from '../fault.ts';

const ROLE = '/apis/rbac.authorization.k8s.io/v1/clusterroles/secrets-unsealer';

/** The controller loses its rights to SealedSecrets and Secrets for a while. */
export const RIGHTS_FAULTS: readonly Fault[] = [
  fault('the rights, removed and restored', async (stage, meanwhile) => {
    const { plane } = stage;
    await plane.request('PATCH', ROLE, { rules: [] }, 'application/merge-patch+json');
    await rightsInForce(plane);
    await stage.answered('403', async () => {
      // Rights are checked when a watch starts.
      stage.relay.cut();
      await meanwhile();
    });
    await stage.hold();
    await plane.apply(await installed());
    await rightsInForce(plane);
  }),
];
