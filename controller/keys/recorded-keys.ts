import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import { Failure } from '../../shared/errors.ts';
import type { RecordedKey } from '../../shared/key-record/record.ts';
import { compareAge, type DatedKey, type KeyOrder } from '../../shared/seal/key-age.ts';
import type { SealingKeys } from './sealing-keys.ts';
import type { UnusedKey } from './unused-keys.ts';

/** What the key record is made of. */
export interface RecordSources {
  readonly keys: Pick<SealingKeys, 'all' | 'newest'>;
  readonly unused: readonly UnusedKey[];
  readonly order: KeyOrder;
  /** How many SealedSecrets each key opened; undefined if that is not known yet. */
  readonly counts: ReadonlyMap<Fingerprint, number> | undefined;
}

/** Returns the keys as the key record shows them, newest first. Keys without a certificate come last. */
export function recordedKeys({ keys, unused, order, counts }: RecordSources): readonly RecordedKey[] {
  const newest = keys.newest?.secretName;
  const used = keys.all.map(({ secretName: name, created, key, certificate }): RecordedKey => {
    return {
      name,
      fingerprint: key.fingerprint,
      created,
      state: name === newest ? 'newest' : 'active',
      objects: counts && (counts.get(key.fingerprint) ?? 0),
      certificate: certificate instanceof Failure ? undefined : certificate,
    };
  });
  const others = unused
    // A relabelled Secret may be in both lists, since they come from different requests. What opens counts.
    .filter(({ secretName }) => !used.some(({ name }) => name === secretName))
    .map(({ secretName, ...rest }): RecordedKey => ({ ...rest, name: secretName, objects: undefined }));
  const all = [...used, ...others].map((key) => ({ key, dated: dated(key) }));
  return all.sort((a, b) => compare(a.dated, b.dated, order)).map(({ key }) => key);
}

function dated({ name, created, certificate }: RecordedKey): DatedKey | undefined {
  return certificate && { secretName: name, created, certificate };
}

function compare(a: DatedKey | undefined, b: DatedKey | undefined, order: KeyOrder): number {
  return a && b ? compareAge(b, a, order) : Number(a === undefined) - Number(b === undefined);
}
