import { readFile } from 'node:fs/promises';
import { until } from '../../control-plane/until.ts';
import { NAME, NAMESPACE } from '../../support/installation.ts';
import { fault, type Fault } from '../fault.ts';

const ACCOUNT = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/${NAME}`;

/** What the controller reads from the files of its ServiceAccount changes. */
export const CREDENTIAL_FAULTS: readonly Fault[] = [
  fault('the token, revoked and then replaced on disk', async (stage, meanwhile) => {
    const { plane } = stage;
    const revoked = await stage.installation.token();
    // A token names the UID of its account.
    await plane.request('DELETE', ACCOUNT);
    const token = await plane.newServiceAccountToken(NAMESPACE, NAME);
    await until('the token to be refused', async () => {
      // The API server remembers for ten seconds that it was valid.
      const { status } = await plane.requestAs(revoked, 'GET', '/api');
      return status === 401 || undefined;
    });
    await stage.answered('401', async () => {
      stage.relay.cut();
      await meanwhile();
    });
    await stage.hold();
    stage.mount('token', token);
  }),
  fault('the CA, replaced with a restart of kube-apiserver and later on disk', async (stage, meanwhile) => {
    await stage.plane.replaceAuthority();
    await stage.answered('<error>', meanwhile);
    await stage.hold();
    stage.mount('ca.crt', await readFile(stage.plane.caFile, 'utf8'));
  }),
];
