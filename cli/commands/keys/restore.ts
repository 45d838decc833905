import { failureOf, SealedSecretsError, type Failure } from '../../../shared/errors.ts';
import { showRef, type Api } from '../../../shared/kubernetes/api/api.ts';
import { recordRef } from '../../../shared/key-record/record.ts';
import { counted } from '../../../shared/text.ts';
import type { CliContext } from '../../context.ts';
import type { ParsedFlags } from '../../flags/parsed-flags.ts';
import { fileWord } from '../../flags/file-word.ts';
import { SeveralFailures } from '../../for-each.ts';
import { sourceOf } from '../../io/input.ts';
import { writeStdout } from '../../io/output.ts';
import { checkKeys, type CheckedKey } from '../../key-backup/check-key.ts';
import { backupFailure } from '../../key-backup/errors.ts';
import { checkUnlock, unlockOptions } from '../../key-backup/options.ts';
import { lookAtRecord, waitForKeys, type WaitForKeys } from '../../key-backup/record.ts';
import { restoreKey, targetOf, type Restored, type RestoreTarget } from '../../key-backup/restore.ts';
import { readBackup, readUnlock, type UnlockOptions } from '../../key-backup/unlock.ts';
import { withApi } from '../../keys/connect.ts';
import { keysOptions, waitOption, type KeysOptions } from '../../keys/options.ts';
import { defineKeysCommand } from './keys-command.ts';

interface KeysRestoreOptions extends KeysOptions, UnlockOptions {
  readonly command: 'keys restore';
  /** The backup. Undefined for stdin. */
  readonly file: string | undefined;
  /** Whether flags or the environment name the namespace; else the backup does. */
  readonly namesNamespace: boolean;
  readonly dryRun: boolean;
  /** How long to wait for the controller, in ms. */
  readonly timeout: number;
}

/** `keys restore`: creates the key Secrets of a backup in the cluster, and waits until the controller uses them. */
export const keysRestore = defineKeysCommand<KeysRestoreOptions>({ name: 'keys restore', options, run });

/** How long to wait by default: a controller that runs takes up a key within a second. */
const DEFAULT_WAIT = '30s';

function options(flags: ParsedFlags): KeysRestoreOptions {
  const keys = keysOptions(flags);
  const unlock = unlockOptions(flags);
  const dryRun = flags.on('dry-run');
  const namesNamespace = keys.typesNamespace || flags.environmentText('controller-namespace') !== undefined;
  const file = fileWord(flags, 'keys restore');
  const { ms: timeout } = waitOption(flags, DEFAULT_WAIT);
  checkUnlock(unlock);
  return { command: 'keys restore', ...keys, ...unlock, file, namesNamespace, dryRun, timeout };
}

async function run(options: KeysRestoreOptions, context: CliContext): Promise<void> {
  const { file: input, controllerNamespace: fallback, namesNamespace, dryRun, timeout } = options;
  const target = { namespace: namesNamespace ? fallback : undefined, fallback, dryRun };
  const file = sourceOf(input);
  const keys = await checkKeys(await readBackup(input, await readUnlock(options), context));
  await withApi(options, context, async (api) => {
    const namespace = keys[0] === undefined ? '' : targetOf(keys[0].secret, target).namespace;
    const record = recordRef(namespace);
    const before = await lookAtRecord(api, record);
    const { restored, failures } = await restoreAll(api, { keys, file, target });
    await writeStdout(restored.map((each) => `${describe(each, target)}\n`).join(''));
    const active = restored.filter(({ state }) => state === 'active');
    if (!target.dryRun && active.length > 0 && timeout > 0)
      await waitForController(api, { record, before, keys: active, timeout }, context);
    if (failures.length > 0) throw new SeveralFailures(failures);
  });
}

/** Restores each key, also after one that cannot be. Throws what has nothing to do with one key. */
async function restoreAll(
  api: Api,
  {
    keys,
    file: at,
    target,
  }: { readonly keys: readonly CheckedKey[]; readonly file: string; readonly target: RestoreTarget },
): Promise<{ readonly restored: readonly Restored[]; readonly failures: readonly Failure[] }> {
  const restored: Restored[] = [];
  const failures: Failure[] = [];
  for (const { secret, key, fault } of keys) {
    // A key without a certificate of its own cannot seal, but it still opens.
    if (fault !== undefined)
      failures.push(backupFailure({ code: 'FaultyKey', at, secret: secret.metadata.name, fault }));
    if (key === undefined) continue;
    try {
      restored.push(await restoreKey(api, { secret, key, target }));
    } catch (error) {
      if (!(error instanceof SealedSecretsError) || !isAboutOne(error.failure)) throw error;
      failures.push(failureOf(error, 'restoring a key'));
    }
  }
  return { restored, failures };
}

function isAboutOne({ code }: Failure): boolean {
  return code === 'SecretDiffers' || code === 'NotRestored';
}

function describe({ ref, created, state, difference }: Restored, { dryRun }: RestoreTarget): string {
  const how = created
    ? `${dryRun ? 'would be restored' : 'restored'}${state === 'active' ? '' : ` as ${state}`}`
    : `unchanged${difference === '' ? '' : ` (${difference})`}`;
  return `${showRef(ref)} ${how}`;
}

/** Waits until the controller uses the keys, and says whether it does. */
async function waitForController(api: Api, wait: WaitForKeys, context: CliContext): Promise<void> {
  const missing = await waitForKeys(api, wait, context.clock);
  if (missing.length === 0) context.warn(`the controller uses ${counted(wait.keys.length, 'restored key')}`);
  else
    context.warn(
      `warning: no controller in ${wait.record.namespace} has said that it uses ` +
        `${counted(missing.length, 'restored key')}: the Secrets are there, and it reads them when it starts`,
    );
}
