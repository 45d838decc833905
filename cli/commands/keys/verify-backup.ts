import type { Fingerprint } from '../../../shared/crypto/fingerprint.ts';
import type { Failure } from '../../../shared/errors.ts';
import type { Api } from '../../../shared/kubernetes/api/api.ts';
import { recordRef } from '../../../shared/key-record/record.ts';
import { Keyring } from '../../../shared/seal/keyring.ts';
import type { CliContext } from '../../context.ts';
import { fileWord } from '../../flags/file-word.ts';
import type { ParsedFlags } from '../../flags/parsed-flags.ts';
import { SeveralFailures } from '../../for-each.ts';
import { sourceOf } from '../../io/input.ts';
import { writeStdout } from '../../io/output.ts';
import { checkKeys, faultsIn, goodKeys } from '../../key-backup/check-key.ts';
import { fail } from '../../key-backup/errors.ts';
import {
  openClusterObjects,
  openFiles,
  type BackupKeys,
  type OpenedObjects,
} from '../../key-backup/objects.ts';
import { checkUnlock, unlockOptions } from '../../key-backup/options.ts';
import { recordVerified } from '../../key-backup/record.ts';
import { readBackup, readUnlock, type UnlockOptions } from '../../key-backup/unlock.ts';
import { missingKeys } from '../../key-backup/verify.ts';
import { readClusterKeys } from '../../keys/cluster-keys.ts';
import { withApi } from '../../keys/connect.ts';
import { keysOptions, type KeysOptions } from '../../keys/options.ts';
import { atMost } from '../../offline/at-most.ts';
import { treeLimit } from '../../tree/limit.ts';
import { defineCommand } from '../command.ts';
import { forOneCluster } from './keys-command.ts';

/** What to compare with, besides folders. */
const CLUSTER = 'cluster';

interface VerifyBackupOptions extends KeysOptions, UnlockOptions {
  readonly command: 'keys verify-backup';
  /** The backup. Undefined for stdin. */
  readonly file: string | undefined;
  /** Whether to compare with the keys and SealedSecrets of the cluster. */
  readonly againstCluster: boolean;
  /** The files and folders with SealedSecrets to try. */
  readonly paths: readonly string[];
}

/** `keys verify-backup`: checks that a backup has every key, and that its keys open what is sealed. */
export const keysVerifyBackup = defineCommand<VerifyBackupOptions>({
  name: 'keys verify-backup',
  options,
  run,
});

function options(flags: ParsedFlags): VerifyBackupOptions {
  const against = flags.list('against');
  const read = {
    command: 'keys verify-backup',
    ...keysOptions(flags),
    ...unlockOptions(flags),
    againstCluster: against.includes(CLUSTER),
    paths: against.filter((each) => each !== CLUSTER),
  } as const;
  const file = fileWord(flags, 'keys verify-backup');
  checkUnlock(read);
  return { ...read, file };
}

/** What a comparison found. */
interface Comparison {
  /** Of the keys that the backup should have, how many there are, and how many it has. */
  readonly wanted: number;
  readonly had: number;
  readonly objects: readonly OpenedObjects[];
  readonly failures: readonly Failure[];
}

async function run(options: VerifyBackupOptions, context: CliContext): Promise<void> {
  const { file, paths } = options;
  const at = sourceOf(file);
  // Sets the number of threads, before any of them starts.
  const { limit, copies } = treeLimit(TREE, 'offline');
  const secrets = await readBackup(file, await readUnlock(options), context);
  const checked = await checkKeys(secrets, copies);
  const good = goodKeys(checked);
  const keyring = new Keyring(checked.flatMap(({ key }) => key ?? []));
  const keys: BackupKeys = { at, decrypter: keyring.scheduledBy(atMost(copies)), limit };
  const faults = faultsIn(checked, at);

  let found: Comparison = { wanted: checked.length, had: good.length, objects: [], failures: [] };
  if (options.againstCluster) {
    const own = await forOneCluster(options, context);
    found = await withApi(own, context, (api) => compare(api, { options: own, keys, good }, context));
  }
  const files = paths.length === 0 ? [] : [await openFiles({ ...TREE, paths }, keys, context)];
  const objects = [...found.objects, ...files];
  const failures = [...faults, ...found.failures, ...objects.flatMap((each) => each.failures)];
  await writeStdout(`${at}: ${summaryOf(found, objects)}\n`);
  if (!options.againstCluster && failures.length === 0)
    context.warn('(not recorded in the cluster: that takes --against cluster)');
  if (failures.length > 0) throw new SeveralFailures(failures.slice(0, MAX_SHOWN), restOf(failures));
}

/** How to find SealedSecrets in folders. */
const TREE = { paths: [], include: [], exclude: [], concurrency: undefined };

/** The most failures that are printed. */
const MAX_SHOWN = 100;

function restOf({ length }: readonly Failure[]): string | undefined {
  return length > MAX_SHOWN ? `(and ${length - MAX_SHOWN} more)` : undefined;
}

/** Compares with the keys and SealedSecrets of the cluster, and records the keys of it that the backup has. */
async function compare(
  api: Api,
  {
    options: { controllerNamespace: namespace },
    keys,
    good,
  }: {
    readonly options: VerifyBackupOptions;
    readonly keys: BackupKeys;
    readonly good: readonly Fingerprint[];
  },
  context: CliContext,
): Promise<Comparison> {
  const record = recordRef(namespace);
  const { at } = keys;
  const { keys: wanted } = await readClusterKeys(api, namespace, context);
  if (wanted.length === 0) fail({ code: 'NoKeys', namespace });
  const has = new Set(good);
  const shared = wanted.map(({ fingerprint }) => fingerprint).filter((key) => has.has(key));
  const missing = missingKeys(wanted, { at, has });
  const objects = await openClusterObjects(api, keys, context);
  if (shared.length > 0) await recordVerified(api, { record, keys: shared }, context);
  return {
    wanted: wanted.length,
    had: shared.length,
    objects: [objects],
    failures: missing === undefined ? [] : [missing],
  };
}

/** Returns `6 of 6 keys; opens 212 of 212 objects`. */
function summaryOf({ wanted, had }: Comparison, objects: readonly OpenedObjects[]): string {
  const keys = `${had} of ${wanted} ${wanted === 1 ? 'key' : 'keys'}`;
  if (objects.length === 0) return keys;
  const sum = (count: (each: OpenedObjects) => number): number =>
    objects.reduce((total, each) => total + count(each), 0);
  const total = sum((each) => each.total);
  return `${keys}; opens ${sum((each) => each.opened)} of ${total} ${total === 1 ? 'object' : 'objects'}`;
}
