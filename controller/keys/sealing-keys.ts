import type { Certificate } from '../../shared/crypto/certificate.ts';
import { Keyring } from '../../shared/seal/keyring.ts';
import type { SealingKey } from './key-secret.ts';

/** The keys in use: all of them open, the newest one's certificate seals. */
export class SealingKeys {
  readonly keyring = new Keyring();
  #newest: Certificate | undefined;

  /** The certificate to seal with, or undefined as long as there is none. */
  get certificate(): Certificate | undefined {
    return this.#newest;
  }

  use(keys: readonly SealingKey[], now: Date): void {
    for (const { key } of keys) this.keyring.add(key);
    this.#newest = newestOf(keys, now) ?? this.#newest;
  }
}

/** The newest certificate by notBefore; one from the future is none, or a planted key would stay the newest. */
export function newestOf(keys: readonly SealingKey[], now: Date): Certificate | undefined {
  let newest: Certificate | undefined;
  for (const { certificate } of keys) {
    if ('code' in certificate || certificate.notBefore > now) continue;
    if (newest === undefined || certificate.notBefore > newest.notBefore) newest = certificate;
  }
  return newest;
}
