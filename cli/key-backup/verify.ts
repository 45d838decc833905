import type { Secret } from '../../shared/api/secret.ts';
import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import type { RecordedKey } from '../../shared/key-record/record.ts';
import type { CliContext } from '../context.ts';
import { SeveralFailures } from '../for-each.ts';
import { checkKeys, faultsIn, goodKeys } from './check-key.ts';
import type { Unlock } from './encryption.ts';
import { backupFailure, fail, type BackupFailure } from './errors.ts';
import { readBackup } from './unlock.ts';

/** Returns a failure that names the keys that a backup lacks; undefined if it has all. */
export function missingKeys(
  wanted: readonly RecordedKey[],
  { at, has }: { readonly at: string; readonly has: ReadonlySet<Fingerprint> },
): BackupFailure | undefined {
  const missing = wanted.filter(({ fingerprint }) => !has.has(fingerprint));
  if (missing.length === 0) return undefined;
  if (missing.length === wanted.length)
    return backupFailure({ code: 'OtherCluster', at, count: missing.length });
  const keys = missing.map(({ name, fingerprint, state }) => `${fingerprint} (${name}, ${state})`);
  return backupFailure({ code: 'MissingKeys', at, keys });
}

/**
 * Reads a backup that was just written, and checks that it has each key of these Secrets and that each opens what its
 * certificate seals. Returns the fingerprints. Throws `SeveralFailures`, and as `readBackup`.
 */
export async function verifyWritten(
  {
    file,
    unlock,
    secrets,
  }: { readonly file: string; readonly unlock: Unlock; readonly secrets: readonly Secret[] },
  context: CliContext,
): Promise<readonly Fingerprint[]> {
  const read = await readBackup(file, unlock, context);
  const names = new Set(read.map(({ secret }) => secret.metadata.name));
  if (!secrets.every(({ metadata }) => names.has(metadata.name))) fail({ code: 'NotReadBack', path: file });
  const checked = await checkKeys(read);
  const faults = faultsIn(checked, file);
  if (faults.length > 0) throw new SeveralFailures(faults);
  return goodKeys(checked);
}
