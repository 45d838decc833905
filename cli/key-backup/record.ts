import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import type { Clock } from '../../shared/clock.ts';
import { NEVER } from '../../shared/clock.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import {
  backupsPatch,
  readKeyRecord,
  type KeyRecord,
  type RecordedKey,
} from '../../shared/key-record/record.ts';
import { ApiError } from '../../shared/kubernetes/api/api-error.ts';
import { showRef, type Api, type Ref } from '../../shared/kubernetes/api/api.ts';
import { CONFIG_MAPS } from '../../shared/kubernetes/api/kinds.ts';
import type { CliContext } from '../context.ts';

/** How often to try again after another kubeseal wrote at the same time. */
const MAX_ATTEMPTS = 5;

/**
 * Records in the key record that a verified backup has keys, so that the controller's metric and alerts know it. Says what
 * it did. Never throws for a cluster that refuses: the backup is as good without the record.
 */
export async function recordVerified(
  api: Api,
  { record, keys }: { readonly record: Ref; readonly keys: readonly Fingerprint[] },
  context: CliContext,
): Promise<void> {
  const at = showRef(record);
  try {
    const found = await patchRecord(api, { record, keys, now: context.clock.now() });
    if (found) context.warn(`(recorded in the ConfigMap ${at})`);
    else context.warn(`(not recorded: there is no ConfigMap ${at}, which the controller writes)`);
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    const isForbidden = error instanceof ApiError && error.status === 403;
    const remedy = isForbidden
      ? `; it takes a Role with the verbs "get" and "patch" on "configmaps" named ${record.name} in the namespace ` +
        record.namespace
      : '';
    context.warn(`(not recorded: ${error.failure.describe()}${remedy})`);
  }
}

async function patchRecord(
  api: Api,
  { record, keys, now }: { readonly record: Ref; readonly keys: readonly Fingerprint[]; readonly now: Date },
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    const configMap = await api.get(CONFIG_MAPS, record);
    if (configMap === null) return false;
    const known = readKeyRecord(configMap).backups ?? new Map<Fingerprint, Date>();
    const backups = new Map([...known, ...keys.map((key) => [key, now] as const)]);
    try {
      await api.write({
        verb: 'patch',
        kind: CONFIG_MAPS,
        ref: record,
        body: backupsPatch(backups, configMap),
      });
      return true;
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 409) || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/** Returns the key record; undefined if there is none, or if the user may not read it. */
export async function readRecord(api: Api, record: Ref): Promise<KeyRecord | undefined> {
  try {
    const configMap = await api.get(CONFIG_MAPS, record);
    return configMap === null ? undefined : readKeyRecord(configMap);
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

/** How often to look whether the controller has taken up keys, in ms. */
const INTERVAL = 500;

/** Waits until the key record lists all keys. Returns those that it does not list after `timeout` ms. */
export async function waitForKeys(
  api: Api,
  {
    record,
    keys,
    timeout,
  }: { readonly record: Ref; readonly keys: readonly Fingerprint[]; readonly timeout: number },
  clock: Clock,
): Promise<readonly Fingerprint[]> {
  const started = clock.elapsed();
  for (;;) {
    const recorded = (await readRecord(api, record))?.keys?.keys ?? [];
    const listed = new Set(recorded.map(({ fingerprint }: RecordedKey) => fingerprint));
    const missing = keys.filter((key) => !listed.has(key));
    if (missing.length === 0 || clock.elapsed() - started >= timeout) return missing;
    await clock.sleep(INTERVAL, NEVER);
  }
}
