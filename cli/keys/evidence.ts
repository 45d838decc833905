import { createHash } from 'node:crypto';
import type { SealedSecret, StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import { misfit, type Envelope } from '../../shared/crypto/envelope.ts';
import { isFingerprint, type Fingerprint } from '../../shared/crypto/fingerprint.ts';
import { hintOf } from '../../shared/seal/hint.ts';
import { envelopeOf } from '../../shared/seal/item-envelope.ts';
import type { RecordedKey } from '../../shared/key-record/record.ts';

/**
 * What is known about the keys that an object was sealed with:
 *
 * - `proven`: the controller opened exactly these ciphertexts with these keys, as it says in the status;
 * - `claimed`: the annotation names these keys, and the ciphertexts do not contradict it;
 * - `unknown`: neither. Then `keys` are those that may have sealed an item, as sizes and moduli tell.
 */
export interface Evidence {
  readonly grade: 'proven' | 'claimed' | 'unknown';
  readonly keys: readonly Fingerprint[];
}

/** Finds out which keys sealed something, without a private key. */
export class KeyEvidence {
  readonly #moduli: ReadonlyMap<Fingerprint, Uint8Array>;
  /** The keys whose certificate is not known, which may have sealed anything. */
  readonly #unseen: readonly Fingerprint[];

  constructor(keys: readonly RecordedKey[]) {
    this.#moduli = new Map(
      keys.flatMap(({ fingerprint, certificate }) =>
        certificate === undefined ? [] : [[fingerprint, certificate.publicKey.modulus] as const],
      ),
    );
    this.#unseen = keys.filter(({ certificate }) => certificate === undefined).map((key) => key.fingerprint);
  }

  /** Returns the evidence that an object of a file, or of the cluster, carries itself. */
  of({ metadata, encryptedData, v1Data }: SealedSecret): Evidence {
    const values = [...encryptedData.values(), ...(v1Data === undefined ? [] : [v1Data])];
    if (values.length === 0) return { grade: 'proven', keys: [] };
    const envelopes = values.flatMap((value) => {
      const envelope = envelopeOf('', value);
      return 'code' in envelope ? [] : [envelope];
    });
    const hint = hintOf(metadata.annotations);
    const fits = envelopes.every((envelope) => hint.some((key) => this.#mayHaveSealed(key, envelope)));
    if (hint.length > 0 && fits) return { grade: 'claimed', keys: hint };
    const possible = [...this.#moduli.keys(), ...this.#unseen].filter((key) =>
      envelopes.some((envelope) => this.#mayHaveSealed(key, envelope)),
    );
    return { grade: 'unknown', keys: possible };
  }

  /** Returns the evidence about an object of the cluster. What the controller opened counts more than a hint. */
  ofStored({ metadata, status: { applied } }: StoredSealedSecret, sealed: SealedSecret): Evidence {
    const isCurrent =
      applied?.generation === metadata.server.generation && applied.sealedSecretUID === metadata.server.uid;
    const opened = isCurrent ? (applied.keys ?? []).filter(isFingerprint) : [];
    return opened.length > 0 ? { grade: 'proven', keys: opened } : this.of(sealed);
  }

  /** Whether a key may have sealed an envelope. Always for a key whose certificate is not known. */
  #mayHaveSealed(key: Fingerprint, envelope: Envelope): boolean {
    const modulus = this.#moduli.get(key);
    return modulus === undefined || misfit(envelope, modulus) === undefined;
  }
}

/** Returns a digest of all ciphertexts of an object: whatever was opened has the same one wherever it is. */
export function digestOfAll({ encryptedData, v1Data }: SealedSecret): string {
  const hash = createHash('sha256');
  for (const item of [...encryptedData.keys()].sort())
    hash.update(JSON.stringify([item, encryptedData.get(item)]));
  return hash.update(JSON.stringify(v1Data ?? null)).digest('base64');
}
