import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import { NEVER, type Clock } from '../../shared/clock.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { backupsPatch, readKeyRecord } from '../../shared/key-record/record.ts';
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

/** What the key record says at a moment. */
export interface RecordSeen {
  /** The version of the ConfigMap; empty if there is none, or if the user may not read it. */
  readonly version: string;
  readonly keys: ReadonlySet<Fingerprint>;
}

/** Reads which keys the key record lists. A record that the user may not read lists none. */
export async function lookAtRecord(api: Api, record: Ref): Promise<RecordSeen> {
  try {
    const configMap = await api.get(CONFIG_MAPS, record);
    if (configMap === null) return NOTHING_SEEN;
    const keys = readKeyRecord(configMap).keys?.keys ?? [];
    const version = configMap.metadata.server.resourceVersion;
    return { version, keys: new Set(keys.map(({ fingerprint }) => fingerprint)) };
  } catch (error) {
    if (error instanceof ApiError) return NOTHING_SEEN;
    throw error;
  }
}

const NOTHING_SEEN: RecordSeen = { version: '', keys: new Set() };

/** Which keys to wait for. */
export interface WaitForKeys {
  readonly record: Ref;
  /** What the record said before the Secrets of the keys were created. */
  readonly before: RecordSeen;
  readonly keys: readonly { readonly fingerprint: Fingerprint; readonly created: boolean }[];
  /** How long to wait, in ms. */
  readonly timeout: number;
}

/** How often to look whether the controller has taken up keys, in ms. */
const INTERVAL = 500;

/**
 * Waits until the key record lists all keys. Returns those that it does not list in time. A record that listed a key
 * before its Secret was created is older than that Secret, and says nothing about it until the controller writes again.
 */
export async function waitForKeys(
  api: Api,
  { record, before, keys, timeout }: WaitForKeys,
  clock: Clock,
): Promise<readonly Fingerprint[]> {
  const started = clock.elapsed();
  for (;;) {
    const seen = await lookAtRecord(api, record);
    const missing = keys.filter(
      ({ fingerprint, created }) =>
        !seen.keys.has(fingerprint) ||
        (created && before.keys.has(fingerprint) && seen.version === before.version),
    );
    if (missing.length === 0 || clock.elapsed() - started >= timeout)
      return missing.map(({ fingerprint }) => fingerprint);
    await clock.sleep(INTERVAL, NEVER);
  }
}
