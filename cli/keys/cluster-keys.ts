import type { RecordedKey, VerifiedBackups } from '../../shared/key-record/record.ts';
import { DEFAULT_KEY_RECORD, readKeyRecord } from '../../shared/key-record/record.ts';
import type { Api } from '../../shared/kubernetes/api/api.ts';
import { visible } from '../../shared/text.ts';
import type { CliContext } from '../context.ts';
import { readKeySecrets } from './key-secrets.ts';
import { isNotAllowed } from './rights.ts';
import { readStoredRecord } from './stored-record.ts';

/** The sealing keys of a cluster. */
export interface ClusterKeys {
  /** Whether the controller wrote this, or kubeseal found it in the key Secrets. */
  readonly source: 'record' | 'secrets';
  /** Newest first. */
  readonly keys: readonly RecordedKey[];
  /** When a backup with each key was verified last; undefined if nobody records that. */
  readonly backups: VerifiedBackups | undefined;
}

/**
 * Reads the keys of a cluster from the key record of its controller. Without one, as with a controller of the reference,
 * reads the key Secrets, and says so. Throws `NotAllowed` if the user may read neither.
 */
export async function readClusterKeys(
  api: Api,
  namespace: string,
  context: CliContext,
): Promise<ClusterKeys> {
  const record = await recordOf(api, namespace, context);
  if (record?.keys !== undefined) {
    const { keys, omitted } = record.keys;
    if (omitted > 0) context.warn(`warning: the key record leaves out the ${omitted} oldest keys`);
    return { source: 'record', keys, backups: record.backups ?? new Map() };
  }
  const now = context.clock.now();
  const { keys, problems } = await readKeySecrets(api, { namespace, now });
  for (const problem of problems) context.warn(`warning: not listed: ${problem.describe()}`);
  return { source: 'secrets', keys, backups: record?.backups };
}

/** Returns the key record; undefined, with a line that says so, if there is none to read. */
async function recordOf(
  api: Api,
  namespace: string,
  context: CliContext,
): Promise<ReturnType<typeof readKeyRecord> | undefined> {
  const instead = 'the key Secrets are read instead, with your own rights';
  try {
    const configMap = await readStoredRecord(api, namespace);
    if (configMap === null) {
      context.warn(
        `(the namespace ${visible(namespace)} has no key record ${DEFAULT_KEY_RECORD}: ${instead})`,
      );
      return undefined;
    }
    const record = readKeyRecord(configMap);
    for (const problem of record.problems) context.warn(`warning: ${problem.describe()}`);
    if (record.keys === undefined) context.warn(`(the key record lists no keys: ${instead})`);
    return record;
  } catch (error) {
    if (!isNotAllowed(error)) throw error;
    context.warn(`(${error.failure.describe()}: ${instead})`);
    return undefined;
  }
}
