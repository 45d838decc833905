import { randomBytes } from 'node:crypto';
import { showPlace, type Place } from '../../shared/api/place.ts';
import type { Secret } from '../../shared/api/secret.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { openEnvelope } from '../../shared/crypto/open-envelope.ts';
import { parseEnvelope } from '../../shared/crypto/envelope.ts';
import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import { parsePrivateKey, type PrivateKey } from '../../shared/crypto/private-key.ts';
import { Failure, SealedSecretsError } from '../../shared/errors.ts';
import { labelFor } from '../../shared/seal/scope.ts';
import { certificateIn, privateKeyText } from '../../shared/seal/stored-key.ts';
import type { BackupSecret } from './backup-file.ts';
import { backupFailure, type BackupFailure, type Fault } from './errors.ts';

/** A key Secret of a backup, and what was found out about its key. */
export interface CheckedKey {
  readonly secret: Secret;
  /** Undefined if it cannot be read. */
  readonly key: PrivateKey | undefined;
  /** Undefined if the key opens what its certificate seals. */
  readonly fault: Fault | undefined;
}

/** Checks each key of a backup. `copies` is how many operations each key can run in parallel. */
export async function checkKeys(
  secrets: readonly BackupSecret[],
  copies = 1,
): Promise<readonly CheckedKey[]> {
  const checked: CheckedKey[] = [];
  for (const { secret, place } of secrets) checked.push(await checkKey(secret, place, copies));
  return checked;
}

/** Returns the fingerprints of the keys that are good, in their order. */
export function goodKeys(keys: readonly CheckedKey[]): readonly Fingerprint[] {
  return keys.flatMap(({ key, fault }) => (key && fault === undefined ? [key.fingerprint] : []));
}

/** Returns why keys of a backup are of no use. */
export function faultsIn(keys: readonly CheckedKey[], at: string): readonly BackupFailure[] {
  return keys.flatMap(({ secret, fault }) =>
    fault === undefined
      ? []
      : [backupFailure({ code: 'FaultyKey', at, secret: secret.metadata.name, fault })],
  );
}

async function checkKey(secret: Secret, place: Place, copies: number): Promise<CheckedKey> {
  const at = showPlace(place);
  let key: PrivateKey;
  try {
    key = await parsePrivateKey(privateKeyText(secret), at, copies);
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    return { secret, key: undefined, fault: 'unreadable' };
  }
  const certificate = certificateIn(secret, key, at);
  if (certificate instanceof Failure) return { secret, key, fault: 'certificate' };
  return { secret, key, fault: (await opensFresh(key, certificate)) ? undefined : 'envelope' };
}

const PROBE = { namespace: 'probe', name: 'probe' };

/** Seals a random value with the certificate, and returns whether the key opens it. */
async function opensFresh(key: PrivateKey, { publicKey }: Certificate): Promise<boolean> {
  const label = labelFor('strict', PROBE, { source: 'probe' });
  const value = randomBytes(32);
  const envelope = parseEnvelope(await publicKey.sealValue(value, label));
  const opened = envelope && (await openEnvelope(envelope, key, label));
  return opened?.equals(value) ?? false;
}
