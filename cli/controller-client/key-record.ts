import { readKeyRecord, recordRef, type KeyRecord } from '../../shared/key-record/record.ts';
import { failureOf, SealedSecretsError } from '../../shared/errors.ts';
import { Api, showRef } from '../../shared/kubernetes/api/api.ts';
import type { Connection } from '../../shared/kubernetes/http/connection.ts';
import { CONFIG_MAPS } from '../../shared/kubernetes/api/kinds.ts';
import { Transport } from '../../shared/kubernetes/http/transport.ts';

/** The key record in the controller's namespace, or why it is not available. */
export type FoundRecord =
  | {
      readonly ok: true;
      /** `NAMESPACE/NAME` */
      readonly at: string;
      readonly record: KeyRecord;
    }
  | { readonly ok: false; readonly at: string; readonly reason: string };

/** Reads the key record with the user's credentials for the cluster. Never throws for a cluster that refuses. */
export async function findKeyRecord(connection: Connection, namespace: string): Promise<FoundRecord> {
  const ref = recordRef(namespace);
  const at = showRef(ref);
  const transport = new Transport(connection);
  try {
    const configMap = await new Api(transport).get(CONFIG_MAPS, ref);
    return configMap === null
      ? { ok: false, at, reason: 'there is no such ConfigMap' }
      : { ok: true, at, record: readKeyRecord(configMap) };
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    return { ok: false, at, reason: failureOf(error, 'reading the key record').describe() };
  } finally {
    transport.close();
  }
}
