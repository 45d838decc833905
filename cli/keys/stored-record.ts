import type { ConfigMap } from '../../shared/api/config-map.ts';
import { recordRef } from '../../shared/key-record/record.ts';
import type { Api } from '../../shared/kubernetes/api/api.ts';
import { CONFIG_MAPS } from '../../shared/kubernetes/api/kinds.ts';
import { allowed } from './rights.ts';

/** Reads the ConfigMap of the key record. Null if there is none. Throws `NotAllowed`. */
export function readStoredRecord(api: Api, namespace: string): Promise<ConfigMap | null> {
  return allowed({ verb: 'get', resource: 'configmaps', namespace }, () =>
    api.get(CONFIG_MAPS, recordRef(namespace)),
  );
}
